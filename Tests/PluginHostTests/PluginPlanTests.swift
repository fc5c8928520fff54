import Layers
import Networks
import PluginHost
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Plans with layers of plugins")
struct PluginPlanTests {
  private let pool = WorkerPool.shared(workerCount: 2)

  private func parameters(_ network: Network) -> ParameterSet {
    ParameterSet(network: network, key: RandomKey(seed: 1))
  }

  /// The sentence of what is thrown when the network is trained for one step.
  private func failure(_ network: Network) -> String {
    do {
      let plan = try TrainingPlan(network: network, parameters: parameters(network), batch: 2, pool: pool)
      let pixels = Tensor([2 * network.inputShape.count])
      _ = try plan.forward(pixels: pixels.pointer, count: 2, randomKey: RandomKey(seed: 1), samples: [0, 1])
      for i in 0..<2 * network.classCount { plan.logitsGradient[i] = 1 }
      try plan.backward()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "a failing call stops the plan with layer, plugin and sentence",
    arguments: [
      ("prepare", "prepare of the plugin 'test_layers' failed: no room to prepare"),
      ("forward", "forward of the plugin 'test_layers' failed: the wheel is broken"),
      ("backward", "backward of the plugin 'test_layers' failed: status 9, without a message"),
      ("nested", "forward of the plugin 'test_layers' failed: it calls parallel_for within parallel_for"),
      ("nothing", ""),
    ])
  func failing(call: String, sentence: String) throws {
    let network = try TestLayersPlugin.network(
      4, [("linear", ["units": .integer(4)]), ("test_failing", ["where": .string(call)])])
    #expect(failure(network) == (call == "nothing" ? "no error" : "layer test_failing_1 (test_failing): \(sentence)"))
  }

  @Test("a layer that refuses its shape is an error of the network")
  func refusing() throws {
    do {
      _ = try TestLayersPlugin.network(4, [("test_failing", ["where": .string("plan")])])
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "layer test_failing_1 (test_failing), after input (4): the plugin 'test_layers' says: no shape is "
          + "good enough")
    }
  }

  @Test("a layer without a backward pass is refused behind what learns, and allowed before it")
  func inferenceOnly() throws {
    let behind = try TestLayersPlugin.network(4, [("linear", ["units": .integer(3)]), ("test_threshold", [:])])
    let sentence =
      "layer test_threshold_1 (test_threshold): it has no backward pass, so that nothing before it can learn, but "
      + "linear_1 does"
    #expect(failure(behind) == sentence)
    #expect(throws: NetworkError.self) { try behind.requireBackward() }
    #expect(throws: NetworkError.self) { try PlanSummary(network: behind, batch: 2, workerCount: 1) }
    _ = try InferencePlan(network: behind, parameters: parameters(behind), batch: 1, pool: pool)
    let frozen = parameters(behind)
    try frozen.setFrozen(true, layer: "linear_1")
    _ = try TrainingPlan(network: behind, parameters: frozen, batch: 1, pool: pool)

    let before = try TestLayersPlugin.network(4, [("test_threshold", [:]), ("linear", ["units": .integer(3)])])
    #expect(failure(before) == "no error")
    try before.requireBackward()
  }

  @Test("training reaches through plugin layers: finite differences of the whole network")
  func wholeNetwork() throws {
    let network = try TestLayersPlugin.network(
      5,
      [
        ("linear", ["units": .integer(6)]), ("test_affine", [:]), ("tanh", [:]), ("test_copy", [:]),
        ("test_packed", [:]), ("linear", ["units": .integer(2)]),
      ])
    let parameters = parameters(network)
    let plan = try TrainingPlan(network: network, parameters: parameters, batch: 3, pool: pool)
    let pixels = Tensor([15], randomValues(15, seed: 2))
    let weights = randomValues(6, seed: 3)
    func loss() throws -> Float {
      let logits = try plan.forward(
        pixels: pixels.pointer, count: 3, randomKey: RandomKey(seed: 1), samples: [0, 1, 2])
      return (0..<6).reduce(0) { $0 + logits[$1] * weights[$1] }
    }
    _ = try loss()
    for i in 0..<6 { plan.logitsGradient[i] = weights[i] }
    try plan.backward()
    let gradients = plan.gradients.map { $0?.values ?? [] }
    for (index, entry) in parameters.entries.enumerated() {
      let numeric = try (0..<entry.tensor.count).map { place in
        let value = entry.tensor[place]
        entry.tensor[place] = value + 1e-2
        let above = try loss()
        entry.tensor[place] = value - 1e-2
        let below = try loss()
        entry.tensor[place] = value
        return (above - below) / 2e-2
      }
      expectClose(numeric, gradients[index], tolerance: 0.02, entry.name)
    }
  }

  @Test("memory is reused around plugin layers without changing a bit, with identity layers gone")
  func reuse() throws {
    let layers: [(String, [String: OptionValue])] = [
      ("test_packed", [:]), ("test_identity", [:]), ("relu", [:]), ("test_copy", [:]), ("test_affine", [:]),
      ("test_running", [:]), ("linear", ["units": .integer(3)]), ("test_packed", [:]),
    ]
    let network = try TestLayersPlugin.network(9, layers)
    let pixels = Tensor([18], randomValues(18, seed: 6))
    func logits(_ reuses: Bool) throws -> [Float] {
      let plan = try InferencePlan(
        network: network, parameters: parameters(network), batch: 2, pool: pool,
        options: PlanOptions(reusesMemory: reuses, poisons: true))
      #expect(!plan.steps.contains(["test_identity_1"]))
      return Array(UnsafeBufferPointer(start: try plan.forward(pixels: pixels.pointer, count: 2), count: 6))
    }
    expectSameBits(try logits(true), try logits(false))
  }

  @Test("running statistics are written in training and read at inference")
  func running() throws {
    let network = try TestLayersPlugin.network(3, [("test_running", [:]), ("linear", ["units": .integer(2)])])
    let parameters = parameters(network)
    let frozen = try TrainingPlan(network: network, parameters: parameters, batch: 2, pool: pool)
    let pixels = Tensor([6])
    _ = try frozen.forward(pixels: pixels.pointer, count: 2, randomKey: RandomKey(seed: 1), samples: [0, 1])
    // Nothing before it learns, so that it is not made for training.
    #expect(parameters["test_running_1.seen"]?.values == [0])

    let second = try TestLayersPlugin.network(3, [("linear", ["units": .integer(2)]), ("test_running", [:])])
    let learnt = self.parameters(second)
    let plan = try TrainingPlan(network: second, parameters: learnt, batch: 2, pool: pool)
    _ = try plan.forward(pixels: pixels.pointer, count: 2, randomKey: RandomKey(seed: 1), samples: [0, 1])
    #expect(learnt["test_running_1.seen"]?.values == [2])
  }

  @Test("pixels that are not aligned are copied before a plugin sees them")
  func alignment() throws {
    let network = try TestLayersPlugin.network(5, [("test_affine", [:])])
    let plan = try InferencePlan(network: network, parameters: parameters(network), batch: 2, pool: pool)
    let pixels = Tensor([11], randomValues(11, seed: 1))
    let logits = try plan.forward(pixels: pixels.pointer + 1, count: 2)
    expectClose(
      Array(UnsafeBufferPointer(start: logits, count: 10)), (1..<11).map { pixels[$0] * 1.5 }, tolerance: 1e-6)
  }

  @Test("an override takes what it claims, is not fused, and computes the same")
  func override() throws {
    func steps(_ units: Int, fuses: Bool = true) throws -> ([[String]], [Float]) {
      let network = try TestLayersPlugin.network(4, [("linear", ["units": .integer(units)]), ("relu", [:])])
      let plan = try InferencePlan(
        network: network, parameters: parameters(network), batch: 2, pool: pool, options: PlanOptions(fuses: fuses))
      let pixels = Tensor([8], randomValues(8, seed: 3))
      let logits = try plan.forward(pixels: pixels.pointer, count: 2)
      return (plan.steps, Array(UnsafeBufferPointer(start: logits, count: 2 * units)))
    }
    #expect(try steps(6).0 == [["linear_1", "relu_1"]])
    #expect(try steps(97).0 == [["linear_1"], ["relu_1"]])
    #expect(try steps(97).1.contains(0))
    #expect(try steps(97).1.allSatisfy { $0 >= 0 })
    let trained = try TestLayersPlugin.network(
      4, [("linear", ["units": .integer(97)]), ("relu", [:]), ("linear", ["units": .integer(2)])])
    #expect(failure(trained) == "no error")
  }

  @Test("an override that fails, as against declining, is an error")
  func failingOverride() throws {
    let network = try TestLayersPlugin.network(2, [("linear", ["units": .integer(666)]), ("relu", [:])])
    #expect(
      failure(network)
        == "layer relu_1 (relu): claim of the override 'relu_97' of the plugin 'test_layers' failed: the number is cursed"
    )
  }
}
