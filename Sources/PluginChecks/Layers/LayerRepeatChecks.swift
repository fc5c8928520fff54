import CWorkbenchPlugin
import Foundation
import Synchronization
import Tensors

/// The same arguments give the same bytes.
enum LayerRepeatChecks {
  /// So long two instances are run beside each other.
  private static let secondsTogether = 0.25

  static func workers(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    let pool = WorkerPool(workerCount: 4)
    for plan in try LayerCases(context, target).few(10) {
      var question = plan.question
      question.maximumBatch = 5
      guard case .planned(let alone) = target.ask(question), alone.isUsable else { continue }
      let one = try LayerRig(context, target, alone)
      context.doing("a step with one worker: \(alone.description)")
      let expected = try one.run()
      question.workerCount = 4
      guard case .planned(let shared) = target.ask(question), shared.isUsable else { continue }
      let four = try LayerRig(context, target, shared, pool: pool)
      let comparison = LayerComparison(context: context, plan: alone)
      for schedule in [ParallelFor.Schedule.inOrder, .reversed, .mixed, .threads, .threads, .threads] {
        context.doing("a step with 4 workers, \(schedule.description): \(alone.description)")
        let before = context.failureCount
        comparison.expectSame(
          try four.run(LayerStep(schedule: schedule)), expected, "with 4 workers (\(schedule.description))")
        if context.failureCount > before { break }
      }
      context.expect(
        !four.parallel.wasNested && !one.parallel.wasNested,
        "parallel_for was called from within a body: \(plan.description)")
    }
  }

  static func repeatable(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    let plans = try LayerCases(context, target).few(8)
    let rigs = try plans.map { try LayerRig(context, target, $0) }
    context.doing("a step of each request")
    let first = try rigs.map { try $0.run() }
    for (index, rig) in rigs.enumerated() {
      context.doing("a second step: \(rig.plan.description)")
      LayerComparison(context: context, plan: rig.plan).expectSame(
        try rig.run(), first[index], "in a second call")
    }
    for (index, rig) in rigs.enumerated().reversed() {
      rig.fill(seed: 9)
      context.doing("a step with other inputs: \(rig.plan.description)")
      _ = try rig.run()
      rig.fill(seed: 1)
      context.doing("the first step again: \(rig.plan.description)")
      LayerComparison(context: context, plan: rig.plan).expectSame(
        try rig.run(), first[index], "after a call with other inputs")
    }
  }

  static func instances(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    let plans = try LayerCases(context, target).few(4)
    for (index, plan) in plans.enumerated() {
      let other = plans[(index + 1) % plans.count]
      let (a, b) = (try LayerRig(context, target, plan), try LayerRig(context, target, other))
      b.fill(seed: 4)
      context.doing("a step: \(plan.description)")
      let expected = [try a.run(), try b.run()]
      context.doing("a step of one instance between forward and backward of another: \(plan.description)")
      let comparison = LayerComparison(context: context, plan: plan)
      comparison.expectSame(
        try a.run(between: { _ = try b.run() }), expected[0], "when another instance runs between forward and backward")
      if context.failureCount > 0 { return }
      context.doing("steps of two instances at once: \(plan.description); \(other.description)")
      struct Work: @unchecked Sendable {
        let rigs: [LayerRig]
        let expected: [LayerResult]
      }
      let work = Work(rigs: [a, b], expected: expected)
      let differences = Mutex<[Int: LayerResult]>([:])
      let meeting = Meeting()
      DispatchQueue.concurrentPerform(iterations: 2) { side in
        let end = ContinuousClock.now + .seconds(LayerRepeatChecks.secondsTogether)
        for round in 1... {
          // Both at once, or each would be done before the other begins.
          meeting.wait(round)
          guard let result = try? work.rigs[side].run() else { break }
          if !LayerRepeatChecks.isSame(result, work.expected[side]) {
            differences.withLock { $0[side] = result }
            break
          }
          if round >= 20 && ContinuousClock.now > end || meeting.isOver { break }
        }
        meeting.leave()
      }
      for (side, result) in differences.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
        LayerComparison(context: context, plan: work.rigs[side].plan).expectSame(
          result, expected[side], "while another instance runs on another thread")
      }
      if context.failureCount > 0 { return }
    }
  }

  private static func isSame(_ a: LayerResult, _ b: LayerResult) -> Bool {
    sameBits(a.output, b.output) && zip(a.inputGradients, b.inputGradients).allSatisfy(sameBits)
      && zip(a.parameterGradients, b.parameterGradients).allSatisfy(sameBits)
  }

  static func batches(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).few(8) {
      var question = plan.question
      question.maximumBatch = 7
      guard case .planned(let seven) = target.ask(question), seven.isUsable else { continue }
      let large = try LayerRig(context, target, seven)
      for batch in [1, 3] {
        question.maximumBatch = batch
        guard case .planned(let fitting) = target.ask(question), fitting.isUsable else { continue }
        let small = try LayerRig(context, target, fitting)
        context.doing("a step of \(batch) examples, planned for \(batch) and for 7: \(seven.description)")
        small.setInputs(zip(large.inputValues, large.shapes).map { Array($0.prefix(batch * $1.count)) })
        small.setOutputGradient(Array(large.outputGradientValues.prefix(batch * seven.output.count)))
        LayerComparison(context: context, plan: seven).expectClose(
          try large.run(LayerStep(batch: batch)), try small.run(),
          "for \(batch) examples, planned for 7 rather than \(batch)")
      }
      try examples(context, target, seven)
    }
  }

  /// Outside of training an example's output does not depend on the others.
  private static func examples(_ context: CheckContext, _ target: LayerTarget, _ plan: LayerPlan) throws {
    var question = plan.question
    question.isTraining = false
    guard case .planned(let inference) = target.ask(question), inference.isUsable,
      !inference.has(WORKBENCH_IS_IDENTITY)
    else { return }
    let rig = try LayerRig(context, target, inference)
    context.doing("forward of 7 examples: \(inference.description)")
    let inputs = rig.inputValues
    let all = try rig.run().output
    let count = inference.output.count
    for example in [0, 3, 6] {
      context.doing("forward of example \(example) alone: \(inference.description)")
      rig.setInputs(zip(inputs, rig.shapes).map { Array($0[example * $1.count..<(example + 1) * $1.count]) })
      let alone = try rig.run(LayerStep(batch: 1, hasBackward: false)).output
      LayerComparison(context: context, plan: inference).expectClose(
        "output", alone, Array(all[example * count..<(example + 1) * count]), tolerance: 1e-4,
        "for example \(example) alone rather than among 7")
    }
  }

  static func randomness(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).few(6) where plan.question.isTraining || target.isRandom {
      var question = plan.question
      question.maximumBatch = 4
      question.isTraining = true
      question.needsInputGradient = target.trains
      guard case .planned(let training) = target.ask(question), training.isUsable else { continue }
      let rig = try LayerRig(context, target, training)
      let comparison = LayerComparison(context: context, plan: training)
      let samples: [UInt64] = [3, 11, 4_000_000_000, 7]
      context.doing("forward with two keys: \(training.description)")
      let step = LayerStep(hasBackward: false, samples: samples)
      let first = try rig.run(step).output
      comparison.expectSame("output", try rig.run(step).output, first, "with the same key and samples")
      var other = step
      other.key = 99
      let second = try rig.run(other).output
      other.samples = [5, 6, 8, 9]
      let third = try rig.run(other).output
      if !target.isRandom {
        comparison.expectSame("output", second, first, "with another random_key, without WORKBENCH_IS_RANDOM")
        comparison.expectSame("output", third, first, "with other samples, without WORKBENCH_IS_RANDOM")
        continue
      }
      // The examples in another order: each takes its numbers along.
      let (count, inputs) = (training.output.count, rig.inputValues)
      rig.setInputs(
        zip(inputs, rig.shapes).map { values, shape in
          (0..<4).reversed().flatMap { values[$0 * shape.count..<($0 + 1) * shape.count] }
        })
      var turned = step
      turned.samples = samples.reversed()
      context.doing("forward with the examples in reverse order: \(training.description)")
      let reversed = try rig.run(turned).output
      let back = (0..<4).reversed().flatMap { reversed[$0 * count..<($0 + 1) * count] }
      comparison.expectClose(
        "output", Array(back), first, tolerance: 1e-5, "with the examples and their sample numbers in reverse order")
    }
  }

  static func inference(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).few(8) {
      var question = plan.question
      question.isTraining = false
      question.needsInputGradient = false
      // Where the output is the input, nobody calls.
      guard case .planned(let inference) = target.ask(question), inference.isUsable,
        !inference.has(WORKBENCH_IS_IDENTITY)
      else { continue }
      let rig = try LayerRig(context, target, inference, isTight: true)
      rig.fill(seed: 2, isPositive: true)
      context.doing("forward: \(inference.description)")
      let result = try rig.run()
      if let place = result.output.firstIndex(where: { $0.bitPattern == unwrittenBits || !$0.isFinite }) {
        context.fail("output[\(place)] was not written or is no number: \(inference.description)")
      }
      for (after, before) in zip(result.parameters, rig.parameterValues) {
        LayerComparison(context: context, plan: inference).expectSame(
          "a parameter", after, before, "after forward outside of training")
      }
    }
  }

  static func prepare(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    guard target.prepare != nil else { throw CheckContext.NotApplicable(reason: "prepare is NULL") }
    for plan in try LayerCases(context, target).few(6) {
      let rig = try LayerRig(context, target, plan)
      context.doing("prepare: \(plan.description)")
      try rig.prepare()
      let once = rig.persistent?.bytes
      context.doing("prepare a second time: \(plan.description)")
      try rig.prepareAgain()
      if let place = zip(once ?? [], rig.persistent?.bytes ?? []).enumerated().first(where: { $1.0 != $1.1 })?.offset {
        context.fail("persistent memory, byte \(place), is another one after a second prepare: \(plan.description)")
      }
      context.doing("forward: \(plan.description)")
      try rig.forward()
      if let place = zip(once ?? [], rig.persistent?.bytes ?? []).enumerated().first(where: { $1.0 != $1.1 })?.offset {
        context.fail("persistent memory, byte \(place), was changed by forward: \(plan.description)")
      }
    }
  }
}

/// Where two threads meet before each round.
private final class Meeting: Sendable {
  private let arrivals = Atomic<Int>(0)
  private let over = Atomic<Bool>(false)

  /// Whether one of the two has left.
  var isOver: Bool { over.load(ordering: .sequentiallyConsistent) }

  func leave() { over.store(true, ordering: .sequentiallyConsistent) }

  /// Returns when both have come to this round, counted from 1, or one has left.
  func wait(_ round: Int) {
    arrivals.add(1, ordering: .sequentiallyConsistent)
    while arrivals.load(ordering: .sequentiallyConsistent) < 2 * round && !isOver { sched_yield() }
  }
}
