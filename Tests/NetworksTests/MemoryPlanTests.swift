import Layers
import Networks
import Tensors
import TestSupport
import Testing

private typealias PlannedBuffer = (label: String, offset: Int, count: Int, first: Int, last: Int)

/// The first two buffers that are alive at one time and share memory.
private func overlap(_ buffers: [PlannedBuffer]) -> String? {
  for (index, a) in buffers.enumerated() {
    for b in buffers[..<index] {
      let together = a.first <= b.last && b.first <= a.last
      if together, a.offset < b.offset + b.count, b.offset < a.offset + a.count { return "\(a.label) and \(b.label)" }
    }
  }
  return nil
}

/// The largest sum of the buffers alive at one time: no plan can need less.
private func lowerBound(_ buffers: [PlannedBuffer]) -> Int {
  let end = buffers.map(\.last).max() ?? 0
  return (0...end).map { time in
    buffers.reduce(0) { $0 + ($1.first <= time && time <= $1.last ? $1.count : 0) }
  }.max() ?? 0
}

@Suite("memory plan")
struct MemoryPlanTests {
  private let pool = WorkerPool.shared(workerCount: 1)

  private func plan(_ network: Network, _ options: PlanOptions, batch: Int = 3) throws -> TrainingPlan {
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    return try TrainingPlan(network: network, parameters: parameters, batch: batch, pool: pool, options: options)
  }

  @Test("no two buffers that are alive at one time share memory", arguments: 0..<200)
  func noOverlap(seed: Int) throws {
    let network = try randomGraph(seed: seed)
    let training = try plan(network, PlanOptions())
    #expect(overlap(training.buffers) == nil)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    let inference = try InferencePlan(network: network, parameters: parameters, batch: 2, pool: pool)
    #expect(overlap(inference.buffers) == nil)
  }

  @Test("a training step gives the same bits with and without reuse of memory", arguments: 0..<200)
  func sameBits(seed: Int) throws {
    let network = try randomGraph(seed: seed)
    let plain = try StepResult(plan(network, PlanOptions(reusesMemory: false, poisons: true)), count: 3)
    #expect(plain.logits.allSatisfy { $0.isFinite })
    expectSame(try StepResult(plan(network, PlanOptions(poisons: true)), count: 3), plain, "graph \(seed)")
  }

  @Test("inference gives the same bits with and without reuse of memory", arguments: 0..<50)
  func sameInference(seed: Int) throws {
    let network = try randomGraph(seed: seed)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    let pixels = Tensor([2, 8], randomValues(16, seed: seed))
    let logits = try [true, false].map { reuses in
      let plan = try InferencePlan(
        network: network, parameters: parameters, batch: 2, pool: pool,
        options: PlanOptions(reusesMemory: reuses, poisons: true))
      return Array(UnsafeBufferPointer(start: try plan.forward(pixels: pixels.pointer, count: 2), count: 8))
    }
    expectSameBits(logits[0], logits[1])
  }

  @Test("reuse makes the arena smaller, close to what is alive at one time")
  func smaller() throws {
    var builder = NetworkBuilder()
    var node = try builder.input([1024])
    for _ in 0..<20 { node = try builder.add(try SquareLayer(), inputs: [node]) }
    let network = try builder.network(output: node)
    let reused = try plan(network, PlanOptions())
    let plain = try plan(network, PlanOptions(reusesMemory: false))
    #expect(reused.arenaBytes < plain.arenaBytes / 2)
    #expect(reused.arenaBytes <= lowerBound(reused.buffers) * 4 * 11 / 10)
  }

  @Test("a gradient from several readers is their sum", arguments: [PlanOptions(), PlanOptions(reusesMemory: false)])
  func severalReaders(options: PlanOptions) throws {
    var builder = NetworkBuilder()
    let input = try builder.input([4])
    let square = try builder.add(try SquareLayer(), inputs: [input])
    let twice = try builder.add(try PairLayer(multiplies: false), inputs: [square, square])
    let scaled = try builder.add(try ScaleLayer(factor: 3), inputs: [square])
    let sum = try builder.add(try PairLayer(multiplies: false), inputs: [twice, scaled])
    let network = try builder.network(output: sum)
    let plan = try plan(network, options, batch: 1)
    let pixels = Tensor([4], [1, 2, 3, 4])
    _ = try plan.forward(pixels: pixels.pointer, count: 1, randomKey: RandomKey(seed: 1), samples: [0])
    for i in 0..<4 { plan.logitsGradient[i] = 1 }
    try plan.backward()
    // 5 x^2, and the L2 term's 2 * 0.25 * weight.
    let weight = plan.parameters.entries[0].tensor
    expectClose(plan.gradients[0]?.values ?? [], (0..<4).map { Float(5 * ($0 + 1) * ($0 + 1)) + 0.5 * weight[$0] })
  }

  @Test("a smaller last batch gives the same bits as a plan of its size", arguments: [1, 2, 5, 7])
  func partialBatch(count: Int) throws {
    let network = try randomGraph(seed: 11)
    let large = try StepResult(plan(network, PlanOptions(poisons: true), batch: 8), count: count)
    let small = try plan(network, PlanOptions(poisons: true), batch: 8)
    _ = try StepResult(small, count: 8)
    expectSame(try StepResult(small, count: count), large, "\(count) of 8 after a whole batch")
  }

  @Test("frozen parameters have no gradient, and the others the same as before")
  func frozen() throws {
    let network = try randomGraph(seed: 4)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    let all = try StepResult(
      try TrainingPlan(network: network, parameters: parameters, batch: 3, pool: pool), count: 3)
    let layers = network.nodes.filter { $0.trainableCount > 0 }.map(\.name)
    try #require(layers.count >= 2)
    try parameters.setFrozen(true, layer: layers[0])
    let plan = try TrainingPlan(network: network, parameters: parameters, batch: 3, pool: pool)
    let some = try StepResult(plan, count: 3)
    #expect(some.gradients[0] == nil)
    for index in 1..<some.gradients.count { expectSameBits(some.gradients[index] ?? [], all.gradients[index] ?? []) }
  }

  @Test("nothing to learn: backward does nothing")
  func allFrozen() throws {
    let network = try randomGraph(seed: 4)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    for node in network.nodes where node.trainableCount > 0 { try parameters.setFrozen(true, layer: node.name) }
    let plan = try TrainingPlan(network: network, parameters: parameters, batch: 3, pool: pool)
    #expect(try StepResult(plan, count: 2).gradients.allSatisfy { $0 == nil })
  }

  @Test("a batch beyond all memory is refused with the bytes")
  func outOfMemory() throws {
    let network = try randomGraph(seed: 1)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    let error = #expect(throws: NetworkError.self) {
      try TrainingPlan(network: network, parameters: parameters, batch: 1 << 42, pool: pool)
    }
    guard case .outOfMemory(_, let needed, let available)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(needed > available)
    #expect("\(error!)".hasPrefix("out of memory: training with a batch of 4398046511104 would take "))
  }

  @Test("plans that share an arena do not disturb each other between steps")
  func sharedArena() throws {
    let network = try randomGraph(seed: 9)
    let alone = try StepResult(plan(network, PlanOptions()), count: 3)
    let training = try plan(network, PlanOptions())
    _ = try StepResult(training, count: 3)
    let inference = try InferencePlan(
      network: network, parameters: training.parameters, batch: 64, pool: pool, arena: training.arena)
    let pixels = Tensor([64, 8])
    _ = try inference.forward(pixels: pixels.pointer, count: 64)
    expectSame(try StepResult(training, count: 3), alone, "after inference in the same arena")
  }
}
