import Layers
import Networks
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("ConvNeXt networks")
struct ConvNeXtTests {
  /// Every fusion of a ConvNeXt in small: a stem, two stages, layers that are identities at inference.
  private func network(size: Int = 16) throws -> Network {
    var builder = NetworkBuilder()
    func add(_ type: String, _ name: String, _ inputs: Int..., options: [String: OptionValue] = [:]) throws -> Int {
      try builder.add(layer(type, options), name: name, inputs: inputs)
    }
    func conv(_ filters: Int, _ kernel: Int, _ activation: String? = nil) -> [String: OptionValue] {
      var options: [String: OptionValue] = [
        "filters": .integer(filters), "kernel": .integer(kernel), "stride": .integer(kernel),
        "padding": .string("same"), "bias": .boolean(filters % 2 == 1),
      ]
      if let activation { options["activation"] = .string(activation) }
      return options
    }
    let window: [String: OptionValue] = ["kernel": .integer(5), "padding": .string("same")]
    var x = try builder.input([size, size, 3])
    let side = OptionValue.integer(size)
    x = try add("random_crop", "crop", x, options: ["height": side, "width": side])
    x = try add("rescale", "rescale", x, options: ["scale": .number(2), "offset": .number(-1)])
    x = try add("conv2d", "stem", x, options: conv(8, 4))
    x = try add("layer_norm", "stem_norm", x)
    var y = try add("depthwise_conv2d", "a_depthwise", x, options: window)
    y = try add("layer_norm", "a_norm", y)
    y = try add("conv2d", "a_expand", y, options: conv(17, 1))
    y = try add("gelu", "a_gelu", y)
    y = try add("conv2d", "a_smooth", y, options: conv(8, 1))
    y = try add("layer_scale", "a_scale", y, options: ["initial": .number(0.5)])
    y = try add("gaussian_noise", "a_noise", y, options: ["deviation": .number(0.1)])
    y = try add("stochastic_depth", "a_depth", y, options: ["rate": .number(0.3)])
    x = try add("add", "a_sum", y, x)
    x = try add("layer_norm", "down_norm", x)
    x = try add("conv2d", "down", x, options: conv(10, 2))
    y = try add("depthwise_conv2d", "b_depthwise", x, options: window)
    y = try add("layer_norm", "b_norm", y)
    y = try add("conv2d", "b_expand", y, options: conv(40, 1, "gelu"))
    y = try add("conv2d", "b_smooth", y, options: conv(10, 1))
    x = try add("add", "b_sum", x, y)
    x = try add("global_average_pool", "gap", x)
    x = try add("layer_norm", "head_norm", x)
    x = try add("linear", "head", x, options: ["units": .integer(3)])
    return try builder.network(output: x)
  }

  private func infer(_ network: Network, workers: Int = 1, count: Int = 5, fuses: Bool = true) throws -> [Float] {
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    for (index, entry) in parameters.entries.enumerated() where ["gamma", "beta"].contains(entry.spec.name) {
      let values = randomValues(entry.tensor.count, seed: index, 0.1, 0.9)
      for i in 0..<values.count { entry.tensor[i] = values[i] }
    }
    let plan = try InferencePlan(
      network: network, parameters: parameters, batch: 5, pool: .shared(workerCount: workers),
      options: PlanOptions(fuses: fuses, poisons: true))
    let size = count * network.inputShape.count
    let pixels = Tensor([size], randomValues(size, seed: 4, 0, 1))
    return Array(UnsafeBufferPointer(start: try plan.forward(pixels: pixels.pointer, count: count), count: 3 * count))
  }

  @Test("fused inference computes what the single layers do, for any batch and number of workers", arguments: [16, 22])
  func fused(size: Int) throws {
    let network = try network(size: size)
    let single = try infer(network, fuses: false)
    let fused = try infer(network)
    expectClose(fused, single, tolerance: 2e-5)
    expectSameBits(try infer(network, workers: 2), fused, "2 workers")
    expectSameBits(try infer(network, workers: 3), fused, "3 workers")
    expectSameBits(try infer(network, count: 2), Array(fused.prefix(6)), "2 of 5")
  }

  @Test("blocks, stem and down-samplers are fused, and identities are gone")
  func steps() throws {
    let network = try network()
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    let plan = try InferencePlan(
      network: network, parameters: parameters, batch: 1, pool: .shared(workerCount: 1))
    #expect(
      plan.steps == [
        ["rescale", "stem", "stem_norm"],
        ["a_depthwise", "a_norm", "a_expand", "a_gelu", "a_smooth", "a_scale", "a_sum"], ["down_norm", "down"],
        ["b_depthwise", "b_norm", "b_expand", "b_smooth", "b_sum"], ["gap"], ["head_norm"], ["head"],
      ])
    let single = try InferencePlan(
      network: network, parameters: parameters, batch: 1, pool: .shared(workerCount: 1),
      options: PlanOptions(fuses: false))
    for name in ["crop", "a_noise", "a_depth"] { #expect(!single.steps.contains([name]), "\(name)") }
  }

  @Test("a block whose hidden layers somebody else reads stays apart, and is computed right")
  func sharedHidden() throws {
    var builder = NetworkBuilder()
    let input = try builder.input([6, 6, 8])
    var y = try builder.add(
      layer("depthwise_conv2d", ["kernel": .integer(3), "padding": .string("same")]), inputs: [input])
    y = try builder.add(layer("layer_norm"), inputs: [y])
    let expand = try builder.add(layer("conv2d", ["filters": .integer(8), "kernel": .integer(1)]), inputs: [y])
    y = try builder.add(layer("conv2d", ["filters": .integer(8), "kernel": .integer(1)]), inputs: [expand])
    y = try builder.add(layer("add"), inputs: [y, expand])
    y = try builder.add(layer("global_average_pool"), inputs: [y])
    y = try builder.add(layer("linear", ["units": .integer(3)]), inputs: [y])
    let network = try builder.network(output: y)
    expectClose(try infer(network), try infer(network, fuses: false), tolerance: 1e-5)
  }

  @Test("training gives the same bits for any number of workers, and memory that is reused changes none")
  func training() throws {
    let network = try network()
    func plan(_ workers: Int, _ options: PlanOptions) throws -> TrainingPlan {
      try TrainingPlan(
        network: network, parameters: ParameterSet(network: network, key: RandomKey(seed: 1)), batch: 4,
        pool: .shared(workerCount: workers), options: options)
    }
    let one = try StepResult(plan(1, PlanOptions(poisons: true)), count: 3)
    #expect(one.logits.allSatisfy { $0.isFinite } && one.gradients.allSatisfy { $0?.allSatisfy(\.isFinite) != false })
    expectSame(try StepResult(plan(2, PlanOptions(poisons: true)), count: 3), one, "2 workers")
    expectSame(
      try StepResult(plan(1, PlanOptions(reusesMemory: false, poisons: true)), count: 3), one, "memory of its own")
    let single = try StepResult(plan(1, PlanOptions(fuses: false, poisons: true)), count: 3)
    expectClose(one.logits, single.logits, tolerance: 1e-5, "logits")
    for index in one.gradients.indices {
      expectClose(one.gradients[index] ?? [], single.gradients[index] ?? [], tolerance: 1e-4, "gradient \(index)")
    }
  }

  @Test("a crop before frozen layers is random in training all the same")
  func randomBeforeFrozen() throws {
    var builder = NetworkBuilder()
    var x = try builder.input([8, 8, 1])
    x = try builder.add(layer("random_crop", ["height": .integer(2), "width": .integer(2)]), name: "crop", inputs: [x])
    x = try builder.add(layer("flatten"), inputs: [x])
    x = try builder.add(layer("linear", ["units": .integer(4)]), name: "frozen", inputs: [x])
    x = try builder.add(layer("linear", ["units": .integer(2)]), inputs: [x])
    let network = try builder.network(output: x)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    try parameters.setFrozen(true, layer: "frozen")
    let plan = try TrainingPlan(network: network, parameters: parameters, batch: 1, pool: .shared(workerCount: 1))
    let pixels = Tensor([64], randomValues(64, seed: 2))
    let logits = try (0..<20).map { seed in
      try plan.forward(pixels: pixels.pointer, count: 1, randomKey: RandomKey(seed: seed), samples: [0])[0]
    }
    #expect(Set(logits).count > 3)
  }

  @Test("the golden block as a network", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("layers/convnext_block")
    var builder = NetworkBuilder()
    let input = try builder.input([6, 7, 24])
    // The gradient of its factors shows the input gradient, multiplied with the input and summed over positions.
    let x = try builder.add(layer("layer_scale"), name: "scale", inputs: [input])
    var y = try builder.add(
      layer("depthwise_conv2d", ["kernel": .integer(5), "padding": .string("same"), "bias": .boolean(false)]),
      name: "depthwise", inputs: [x])
    y = try builder.add(layer("layer_norm", ["epsilon": .number(1e-5)]), name: "norm", inputs: [y])
    let point: [String: OptionValue] = ["kernel": .integer(1), "bias": .boolean(false)]
    y = try builder.add(
      layer("conv2d", point.merging(["filters": .integer(96), "activation": .string("gelu")]) { $1 }), name: "expand",
      inputs: [y])
    y = try builder.add(
      layer("conv2d", point.merging(["filters": .integer(24)]) { $1 }), name: "smooth", inputs: [y])
    y = try builder.add(layer("add"), inputs: [x, y])
    let network = try builder.network(output: y)
    let names = [
      "depthwise.kernel": "depthwise", "norm.gamma": "gamma", "norm.beta": "beta", "expand.kernel": "expand",
      "smooth.kernel": "smooth",
    ]
    let parameters = ParameterSet(network: network) { name, spec in
      names[name].map { Tensor(spec.shape, golden.values($0)) }
        ?? Tensor(spec.shape, [Float](repeating: 1, count: spec.shape.count))
    }
    let pixels = Tensor([2 * 1008], golden.values("input"))
    let inference = try InferencePlan(
      network: network, parameters: parameters, batch: 2, pool: .shared(workerCount: 2))
    let found = try inference.forward(pixels: pixels.pointer, count: 2)
    expectClose(Array(UnsafeBufferPointer(start: found, count: 2 * 1008)), golden.values("output"))

    let plan = try TrainingPlan(network: network, parameters: parameters, batch: 2, pool: .shared(workerCount: 2))
    _ = try plan.forward(pixels: pixels.pointer, count: 2, randomKey: RandomKey(seed: 1), samples: [0, 1])
    for (i, value) in golden.values("output_gradient").enumerated() { plan.logitsGradient[i] = value }
    try plan.backward()
    for (entry, gradient) in zip(parameters.entries, plan.gradients) {
      guard let name = names[entry.name] else { continue }
      expectClose(gradient?.values ?? [], golden.values("\(name)_gradient"), tolerance: 2e-5, entry.name)
    }
    var sums = [Double](repeating: 0, count: 24)
    for (i, value) in golden.values("input_gradient").enumerated() {
      sums[i % 24] += Double(value) * Double(golden.values("input")[i])
    }
    expectClose(plan.gradients[0]?.values ?? [], sums.map { Float($0) }, tolerance: 2e-5, "input gradient")
  }
}
