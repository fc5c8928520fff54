import Layers
import Networks
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("frozen layers")
struct FreezingTests {
  private func plan(
    _ network: Network, frozen: Set<String>, workers: Int = 1, options: PlanOptions = PlanOptions(poisons: true)
  ) throws -> TrainingPlan {
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    parameters.setFrozen(layers: frozen, of: network)
    return try TrainingPlan(
      network: network, parameters: parameters, batch: 4, pool: .shared(workerCount: workers), options: options)
  }

  @Test("of random graphs any layers can be frozen: the others' gradients keep their bits", arguments: 0..<100)
  func randomGraphs(seed: Int) throws {
    let network = try randomGraph(seed: seed)
    var stream = RandomStream(RandomKey(seed: seed).deriving("frozen"))
    let frozen = Set(network.parameterLayers.filter { _ in stream.bool() })
    let full = try StepResult(plan(network, frozen: []), count: 3)
    let plan = try plan(network, frozen: frozen)
    let some = try StepResult(plan, count: 3)
    expectSameBits(some.logits, full.logits)
    for (index, entry) in plan.parameters.entries.enumerated() {
      #expect((some.gradients[index] == nil) == frozen.contains(entry.layerName))
      if let gradient = some.gradients[index] { expectSameBits(gradient, full.gradients[index] ?? [], entry.name) }
      expectSameBits(some.parameters[index], full.parameters[index], entry.name)
    }
    #expect(plan.arenaBytes <= (try self.plan(network, frozen: []).arenaBytes))
  }

  @Test("what learns behind a frozen front gets the gradients of the whole backward pass", arguments: ["down", "gap"])
  func front(name: String) throws {
    let network = try smallConvNeXt()
    let frozen = Set(try network.parameterLayers(before: name))
    let full = try StepResult(plan(network, frozen: []), count: 4)
    let plan = try plan(network, frozen: frozen)
    let some = try StepResult(plan, count: 4)
    expectClose(some.logits, full.logits, tolerance: 2e-5, "logits")
    for (index, entry) in plan.parameters.entries.enumerated() {
      #expect((some.gradients[index] == nil) == frozen.contains(entry.layerName), "\(entry.name)")
      if let gradient = some.gradients[index] {
        expectClose(gradient, full.gradients[index] ?? [], tolerance: 2e-5, entry.name)
      }
    }
    expectSame(try StepResult(self.plan(network, frozen: frozen, workers: 2), count: 4), some, "2 workers")
    let apart = PlanOptions(reusesMemory: false, poisons: true)
    expectSame(try StepResult(self.plan(network, frozen: frozen, options: apart), count: 4), some, "own memory")
  }

  @Test("a frozen front is fused as at inference, and keeps nothing for a backward pass")
  func inferenceInFront() throws {
    let network = try smallConvNeXt()
    let plan = try plan(network, frozen: Set(try network.parameterLayers(before: "gap")))
    #expect(
      plan.steps == [
        ["rescale", "stem", "stem_norm"], ["a_depthwise", "a_norm", "a_expand", "a_smooth", "a_sum"],
        ["down_norm", "down"], ["b_depthwise", "b_norm", "b_expand", "b_smooth", "b_sum"], ["gap"], ["head_norm"],
        ["head"],
      ])
    #expect(plan.arenaBytes < (try self.plan(network, frozen: []).arenaBytes) / 2)
    let loss = plan.steps.count
    // Before the head nothing lives longer than its reader.
    #expect(plan.buffers.filter { $0.first < loss - 3 }.allSatisfy { $0.last < loss })
  }

  @Test("noise in a frozen front stays, as in Keras")
  func noise() throws {
    var builder = NetworkBuilder()
    var x = try builder.input([8])
    x = try builder.add(layer("linear", ["units": .integer(8)]), name: "first", inputs: [x])
    x = try builder.add(layer("gaussian_noise", ["deviation": .number(1)]), inputs: [x])
    x = try builder.add(layer("dropout", ["rate": .number(0.5)]), inputs: [x])
    x = try builder.add(layer("linear", ["units": .integer(2)]), name: "head", inputs: [x])
    let plan = try plan(try builder.network(output: x), frozen: ["first"])
    let pixels = Tensor([8], randomValues(8, seed: 2))
    let logits = try (0..<6).map { seed in
      try plan.forward(pixels: pixels.pointer, count: 1, randomKey: RandomKey(seed: seed), samples: [0])[0]
    }
    #expect(Set(logits).count == 6)
  }

  @Test("a frozen batch norm behind a layer that learns keeps its statistics, and gradients pass through it")
  func batchNormBehind() throws {
    let network = try residualNetwork()
    let plan = try plan(network, frozen: ["batch_norm_1"])
    let parameters = plan.parameters
    for (name, low, high) in [("running_mean", Float(-1), Float(1)), ("running_variance", 0.2, 2), ("gamma", 0.5, 2)] {
      let tensor = try #require(parameters["batch_norm_1.\(name)"])
      let values = randomValues(tensor.count, seed: name.count, low, high)
      for i in 0..<values.count { tensor[i] = values[i] }
    }
    try plan.prepare()
    let before = parameters.entries.filter { $0.layerName == "batch_norm_1" }.map(\.tensor.values)
    let count = 4 * network.inputShape.count
    let pixels = Tensor([count], randomValues(count, seed: 2, 0, 1))
    let weights = randomValues(4 * network.classCount, seed: 3)
    func logits() throws -> [Float] {
      let found = try plan.forward(
        pixels: pixels.pointer, count: 4, randomKey: RandomKey(seed: 1), samples: [0, 1, 2, 3])
      return Array(UnsafeBufferPointer(start: found, count: weights.count))
    }
    func value() throws -> Double {
      zip(try logits(), weights).reduce(parameters.l2Loss()) { $0 + Double($1.0) * Double($1.1) }
    }
    let inference = try InferencePlan(
      network: network, parameters: parameters, batch: 4, pool: .shared(workerCount: 1))
    let expected = try inference.forward(pixels: pixels.pointer, count: 4)
    expectClose(try logits(), (0..<weights.count).map { expected[$0] }, tolerance: 1e-5, "as at inference")
    for i in weights.indices { plan.logitsGradient[i] = weights[i] }
    try plan.backward()
    let gradients = plan.gradients.map { $0?.values }
    #expect(parameters.entries.filter { $0.layerName == "batch_norm_1" }.map(\.tensor.values) == before)
    for (entry, gradient) in zip(parameters.entries, gradients) {
      guard let gradient else { continue }
      let scale = max(gradient.map(abs).max() ?? 0, 0.05)
      for place in stride(from: 0, to: gradient.count, by: max(1, gradient.count / 7)) {
        let old = entry.tensor[place]
        entry.tensor[place] = old + 2e-3
        let above = try value()
        entry.tensor[place] = old - 2e-3
        let below = try value()
        entry.tensor[place] = old
        #expect(abs(Float((above - below) / 4e-3) - gradient[place]) <= 0.01 * scale, "\(entry.name) [\(place)]")
      }
    }
  }

  @Test("table and summary tell what learns from what is frozen")
  func table() throws {
    let network = try stainedNetwork()
    let frozen = Set(try network.parameterLayers(before: "flatten_1"))
    let table = LayerTable(network, frozen: frozen)
    let all = LayerTable(network)
    #expect(table.trainableCount + table.frozenCount == all.trainableCount && table.frozenCount > 0)
    #expect(table.totals == "4,057,502 trainable parameters, 93,328 frozen, 320 others (running statistics)")
    #expect(table.text.split(separator: "\n").filter { $0.hasSuffix("  frozen") }.count == 8)
    #expect(!all.text.contains("frozen"))
    let summary = try PlanSummary(network: network, frozen: frozen, batch: 32, workerCount: 2)
    let whole = try PlanSummary(network: network, batch: 32, workerCount: 2)
    #expect(summary.gradientBytes == 4 * table.trainableCount && summary.optimizerBytes == 8 * table.trainableCount)
    #expect(summary.trainingArenaBytes < whole.trainingArenaBytes / 2)
    #expect(summary.trainingFlops < whole.trainingFlops / 2 && summary.trainingFlops > summary.forwardFlops)
  }

  @Test("names that fit nothing are refused with the nearest")
  func refused() throws {
    let network = try residualNetwork()
    #expect(try network.parameterLayers(before: "sum") == ["stem", "batch_norm_1", "conv2d_1"])
    #expect(try network.parameterLayers(before: "stem") == [])
    #expect(try network.parameterLayers(matching: ["*_1"]) == ["batch_norm_1", "conv2d_1"])
    func message(_ body: () throws -> [String]) -> String {
      do { return "\(try body())" } catch { return "\(error)" }
    }
    #expect(
      message { try network.parameterLayers(before: "otput") }
        == "the network has no layer 'otput' (did you mean 'output'?)")
    #expect(message { try network.parameterLayers(matching: ["sten"]) }.hasSuffix("(did you mean 'stem'?)"))
    #expect(message { try network.parameterLayers(matching: ["x*"]) } == "the network has no layer 'x*'")
    #expect(
      message { try network.parameterLayers(matching: ["sum", "swish*"]) }
        == "no layer that is named 'sum' or 'swish*' has parameters")
    var builder = NetworkBuilder()
    var x = try builder.add(layer("linear", ["units": .integer(2)]), inputs: [try builder.input([2])])
    x = try builder.add(layer("softmax"), inputs: [x])
    let small = try builder.network(output: x)
    #expect(
      message { try small.parameterLayers(before: "softmax_1") }
        == "from layer 'softmax_1' on, no layer has parameters that training could change")
  }
}

/// A stem, a stage with one block, a down-sampling layer and another stage, without anything random.
func smallConvNeXt(channels: Int = 8) throws -> Network {
  var builder = NetworkBuilder()
  func add(_ type: String, _ name: String, _ inputs: Int..., options: [String: OptionValue] = [:]) throws -> Int {
    try builder.add(layer(type, options), name: name, inputs: inputs)
  }
  func conv(_ filters: Int, _ kernel: Int, _ activation: String? = nil) -> [String: OptionValue] {
    var options: [String: OptionValue] = [
      "filters": .integer(filters), "kernel": .integer(kernel), "stride": .integer(kernel), "padding": .string("same"),
    ]
    if let activation { options["activation"] = .string(activation) }
    return options
  }
  func block(_ name: String, _ x: Int, _ channels: Int) throws -> Int {
    let window: [String: OptionValue] = ["kernel": .integer(5), "padding": .string("same")]
    var y = try add("depthwise_conv2d", "\(name)_depthwise", x, options: window)
    y = try add("layer_norm", "\(name)_norm", y)
    y = try add("conv2d", "\(name)_expand", y, options: conv(2 * channels, 1, "gelu"))
    y = try add("conv2d", "\(name)_smooth", y, options: conv(channels, 1))
    return try add("add", "\(name)_sum", y, x)
  }
  var x = try builder.input([16, 16, 3])
  x = try add("rescale", "rescale", x, options: ["scale": .number(2), "offset": .number(-1)])
  x = try add("conv2d", "stem", x, options: conv(channels, 4))
  x = try add("layer_norm", "stem_norm", x)
  x = try block("a", x, channels)
  x = try add("layer_norm", "down_norm", x)
  x = try add("conv2d", "down", x, options: conv(10, 2))
  x = try block("b", x, 10)
  x = try add("global_average_pool", "gap", x)
  x = try add("layer_norm", "head_norm", x)
  x = try add("linear", "head", x, options: ["units": .integer(3)])
  return try builder.network(output: x)
}
