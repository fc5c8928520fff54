import Layers
import Networks
import Schemas
import Tensors
import TestSupport
import Testing

/// `recipes/lib/convnext.lua` composes squeeze-and-excitation of named layers, as Herbariograph does; the layer
/// `squeeze_excite` is one operation. Both must give what Keras gives.
@Suite("Squeeze-and-excitation of single layers")
struct SqueezeExciteGraphTests {
  private struct Graph {
    var builder = NetworkBuilder()

    mutating func add(
      _ type: String, _ inputs: Int..., options: [String: OptionValue] = [:], name: String? = nil
    ) throws -> Int {
      try builder.add(LayerRegistry.layer(named: type, options: options), name: name, inputs: inputs)
    }

    mutating func make(_ mode: String, _ x: Int, activation: String) throws -> Int {
      switch mode {
      case "channels": return try channels(x, activation: activation)
      case "spatial": return try spatial(x)
      default:
        let u = try add("add", spatial(x), x)
        return try add("add", channels(u, activation: activation), x)
      }
    }

    mutating func spatial(_ x: Int) throws -> Int {
      let options: [String: OptionValue] = [
        "filters": .integer(1), "kernel": .integer(1), "padding": .string("same"), "bias": .boolean(false),
        "activation": .string("sigmoid"),
      ]
      return try add("multiply", x, add("conv2d", x, options: options, name: "kernel"))
    }

    mutating func channels(_ x: Int, activation: String) throws -> Int {
      func options(_ units: Int, _ activation: String) -> [String: OptionValue] {
        ["units": .integer(units), "bias": .boolean(false), "activation": .string(activation)]
      }
      let mean = try add("global_average_pool", x)
      let hidden = try add("linear", mean, options: options(4, activation), name: "squeeze")
      return try add("multiply", x, add("linear", hidden, options: options(16, "sigmoid"), name: "excite"))
    }
  }

  @Test(
    "gives the golden cases, forward and backward", .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: ["channels", "spatial", "both"])
  func golden(mode: String) throws {
    let golden = try Golden.load("layers/squeeze_excite_\(mode)")
    let activation = golden.metadata["activation"] ?? "gelu"
    var graph = Graph()
    let input = try graph.builder.input(Shape(Array(golden.shape("input").dropFirst())))
    let output = try graph.make(mode, input, activation: activation)
    let network = try graph.builder.network(output: output)
    func array(_ parameter: String) -> String { String(parameter.prefix { $0 != "." }) }
    let parameters = ParameterSet(network: network) { name, spec in Tensor(spec.shape, golden.values(array(name))) }
    let batch = golden.shape("input")[0]
    let pool = WorkerPool.shared(workerCount: 2)
    let input0 = Tensor([golden.values("input").count], golden.values("input"))
    let count = golden.values("output").count

    let inference = try InferencePlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let found = try inference.forward(pixels: input0.pointer, count: batch)
    expectClose(Array(UnsafeBufferPointer(start: found, count: count)), golden.values("output"), tolerance: 1e-6)

    let plan = try TrainingPlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let trained = try plan.forward(
      pixels: input0.pointer, count: batch, randomKey: RandomKey(seed: 1), samples: Array(0..<batch))
    expectClose(Array(UnsafeBufferPointer(start: trained, count: count)), golden.values("output"), tolerance: 1e-6)
    try golden.values("output_gradient").withUnsafeBufferPointer {
      if let start = $0.baseAddress { try plan.backward(logitsGradient: start) }
    }
    for (entry, gradient) in zip(parameters.entries, plan.gradients) {
      expectClose(
        try #require(gradient).values, golden.values("\(array(entry.name))_gradient"), tolerance: 1e-5, entry.name)
    }
  }
}
