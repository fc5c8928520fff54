import CGuardedMemory
import CWorkbenchPlugin
import Tensors

/// What a layer does to memory.
enum LayerMemoryChecks {
  static func output(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).small(400_000) {
      context.doing("forward: \(plan.description)")
      let rig = try LayerRig(context, target, plan)
      rig.fill(seed: 2, isPositive: true)
      let output = try rig.run(LayerStep(hasBackward: false)).output
      let unwritten = output.indices.filter { output[$0].bitPattern == unwrittenBits }
      if let first = unwritten.first {
        context.fail(
          "forward wrote \(output.count - unwritten.count) of the \(output.count) numbers of the planned output "
            + "\(rig.maximumBatch) x \(plan.output); the first that is missing is output[\(first)]: \(plan.description)"
        )
      } else if let place = output.firstIndex(where: { !$0.isFinite }) {
        context.fail("output[\(place)] is \(output[place]) for inputs from 0.25 to 1.75: \(plan.description)")
      }
    }
  }

  static func memory(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).few(12) {
      for isTight in [false, true] {
        for batch in [plan.question.maximumBatch, 1] {
          let rig = try LayerRig(context, target, plan, isTight: isTight)
          let place = isTight ? ", memory that cannot be accessed right behind each array" : ""
          context.doing("forward of \(batch) examples: \(plan.description)\(place)")
          _ = try rig.run(LayerStep(batch: batch, hasBackward: false))
          if sayDamage(context, rig, "by prepare or forward of \(batch) examples") { return }
          if !target.trains { continue }
          context.doing("backward of \(batch) examples: \(plan.description)\(place)")
          _ = try rig.run(LayerStep(batch: batch))
          if sayDamage(context, rig, "by backward of \(batch) examples") { return }
          // Within the arrays, what lies behind a smaller batch is nobody's either.
          if batch < plan.question.maximumBatch { checkRest(context, rig, batch) }
        }
      }
    }
  }

  private static func sayDamage(_ context: CheckContext, _ rig: LayerRig, _ who: String) -> Bool {
    let damages = rig.arrays.compactMap(\.damage)
    for damage in damages { context.fail("\(damage) \(who): \(rig.plan.description)") }
    return !damages.isEmpty
  }

  private static func checkRest(_ context: CheckContext, _ rig: LayerRig, _ batch: Int) {
    let arrays = [(rig.output, rig.plan.output.count)] + zip(rig.inputGradients, rig.shapes).map { ($0, $1.count) }
    for (array, count) in arrays {
      let rest = array.values().dropFirst(batch * count)
      if let place = rest.firstIndex(where: { $0.bitPattern != unwrittenBits }) {
        context.fail(
          "\(array.name)[\(place)] was written, but a batch of \(batch) ends at \(batch * count): \(rig.plan.description)"
        )
      }
    }
  }

  static func inputs(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).few(8) {
      let rig = try LayerRig(context, target, plan)
      let comparison = LayerComparison(context: context, plan: plan)
      context.doing("forward: \(plan.description)")
      let output = try rig.run(LayerStep(hasBackward: false)).output
      checkInputs(rig, comparison, "after forward", includingStatistics: !plan.question.isTraining)
      if !target.trains { continue }
      context.doing("backward: \(plan.description)")
      _ = try rig.run()
      checkInputs(rig, comparison, "after backward", includingStatistics: false)
      comparison.expectSame("output", rig.output.values(), output, "after backward")
    }
  }

  private static func checkInputs(
    _ rig: LayerRig, _ comparison: LayerComparison, _ when: String, includingStatistics: Bool
  ) {
    for (array, values) in zip(rig.inputs, rig.inputValues) {
      comparison.expectSame(array.name, array.values(), values, when)
    }
    for ((array, values), parameter) in zip(zip(rig.parameters, rig.parameterValues), rig.plan.parameters)
    where parameter.isTrainable || includingStatistics {
      comparison.expectSame(array.name, array.values(), values, when)
    }
  }

  static func unwrittenMemory(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).few(8) {
      let rig = try LayerRig(context, target, plan)
      context.doing("a step with memory full of zeros: \(plan.description)")
      let expected = try rig.run(LayerStep(fill: 0))
      for fill: UInt8 in [0xff, 0x3f] {
        context.doing("a step with memory full of 0x\(hex(UInt32(fill))): \(plan.description)")
        let found = try rig.run(LayerStep(fill: fill))
        LayerComparison(context: context, plan: plan).expectSame(
          found, expected, "with saved, workspace and persistent memory full of bytes 0x\(hex(UInt32(fill))) before")
      }
    }
  }

  static func savedMemory(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    guard target.trains else { throw CheckContext.NotApplicable(reason: "there is no backward") }
    for plan in try LayerCases(context, target).few(8) {
      let rig = try LayerRig(context, target, plan, isTight: true)
      context.doing("a step: \(plan.description)")
      let expected = try rig.run()
      context.doing("a step whose \(plan.savedBytes) saved bytes lie elsewhere in backward: \(plan.description)")
      let found = try rig.run(LayerStep(movesSaved: true))
      LayerComparison(context: context, plan: plan).expectSame(
        found, expected, "when the \(plan.savedBytes) saved bytes lie elsewhere in backward")
      // Another step between: what is kept anywhere else is that one's.
      let other = try LayerRig(context, target, plan)
      other.fill(seed: 5)
      context.doing("backward after another instance's forward: \(plan.description)")
      let pair = try rig.run(between: { _ = try other.run(LayerStep(hasBackward: false)) })
      LayerComparison(context: context, plan: plan).expectSame(
        pair, expected, "when another instance's forward comes between forward and backward")
    }
  }

  static func declaredReads(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    guard target.trains else { throw CheckContext.NotApplicable(reason: "there is no backward") }
    for plan in try LayerCases(context, target).few(8) {
      let hidden = [
        plan.has(WORKBENCH_READS_INPUTS) ? nil : "inputs", plan.has(WORKBENCH_READS_OUTPUT) ? nil : "output",
      ].compactMap(\.self)
      if hidden.isEmpty { continue }
      let rig = try LayerRig(context, target, plan)
      context.doing(
        "backward without \(hidden.joined(separator: " and ")), which the plan does not say that it reads: "
          + plan.description)
      _ = try rig.run()
    }
  }

  static func inPlace(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    var isTried = false
    for plan in try LayerCases(context, target).few(10) {
      let rig = try LayerRig(context, target, plan)
      let comparison = LayerComparison(context: context, plan: plan)
      context.doing("a step: \(plan.description)")
      let expected = try rig.run()
      if plan.has(WORKBENCH_FORWARD_IN_PLACE), plan.output.count == rig.shapes[0].count {
        isTried = true
        context.doing("forward in place: \(plan.description)")
        // A layer that reads its inputs again is only run in place where no backward follows.
        let step = LayerStep(hasBackward: !plan.has(WORKBENCH_READS_INPUTS), isForwardInPlace: true)
        comparison.expectSame(try rig.run(step), expected, "with the output in the memory of input 0")
      }
      if !target.trains { continue }
      if plan.has(WORKBENCH_BACKWARD_IN_PLACE), plan.output.count == rig.shapes[0].count {
        isTried = true
        context.doing("backward in place: \(plan.description)")
        comparison.expectSame(
          try rig.run(LayerStep(isBackwardInPlace: true)), expected,
          "with the gradient of input 0 in the memory of the output gradient")
      }
      if plan.has(WORKBENCH_OVERWRITES_INPUT) {
        isTried = true
        context.doing("backward over the input: \(plan.description)")
        comparison.expectSame(
          try rig.run(LayerStep(overwritesInput: true)), expected,
          "with the gradient of input 0 in the memory of input 0")
      }
    }
    if !isTried { throw CheckContext.NotApplicable(reason: "no plan allows it") }
  }

  private static func outsideOfTraining(_ target: LayerTarget, _ plan: LayerPlan) -> LayerPlan? {
    var question = plan.question
    question.isTraining = false
    guard plan.question.isTraining, case .planned(let other) = target.ask(question), other.isUsable else { return nil }
    return other
  }

  static func identity(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    let cases = try LayerCases(context, target)
    let plans = (cases.all + cases.all.compactMap { outsideOfTraining(target, $0) })
      .filter { $0.has(WORKBENCH_IS_IDENTITY) && $0.totalCount < 400_000 }
    if plans.isEmpty { throw CheckContext.NotApplicable(reason: "no plan has WORKBENCH_IS_IDENTITY") }
    for plan in plans where plan.output.count == plan.question.shapes[0].count {
      let rig = try LayerRig(context, target, plan)
      context.doing("forward: \(plan.description)")
      let comparison = LayerComparison(context: context, plan: plan)
      comparison.expectSame("output", try rig.run().output, rig.inputValues[0], "with WORKBENCH_IS_IDENTITY")
    }
  }
}
