import Foundation
import Layers
import Networks
import Schemas
import Tensors
import TestSupport
import Testing
import Training

@Suite("Optimizers")
struct OptimizerTests {
  @Test(
    "every step follows the golden trajectory", .enabled(if: Golden.isAvailable, Comment(rawValue: Golden.absent)),
    arguments: ["adam", "adamw", "adamw_seed", "sgd", "sgd_momentum", "sgd_nesterov"])
  func golden(name: String) throws {
    let golden = try Golden.load("training/optimizer_\(name)")
    var options: [String: OptionValue] = [:]
    for (key, text) in golden.metadata where text != "null" {
      options[key] = text == "true" || text == "false" ? .boolean(text == "true") : .number(Double(text) ?? 0)
    }
    let optimizer = try OptimizerRegistry.optimizer(
      named: String(name.prefix { $0 != "_" }), options: options)
    for variable in 0..<2 {
      let start = golden["start_\(variable)"]
      let parameter = Tensor(Shape(start.shape), start.values)
      let slots = optimizer.slotNames.map { _ in Tensor(Shape(start.shape)) }
      for step in 0..<12 {
        let gradient = Tensor(Shape(start.shape), golden.values("gradient_\(step)_\(variable)"))
        optimizer.makeStep(index: step, learningRate: optimizer.learningRate).update(
          parameter.pointer, gradient.pointer, slots.map(\.pointer), parameter.count, 1, 1)
        expectClose(
          parameter.values, golden.values("after_\(step)_\(variable)"), tolerance: 5e-7, "after step \(step)")
      }
    }
  }

  /// A network of one linear layer, its gradients, and an updater.
  private func updater(
    _ name: String, _ options: [String: OptionValue], gradient: [Float], clipNorm: Double? = nil,
    clipValue: Double? = nil, averageDecay: Double? = nil, factors: [String: Double] = [:], threads: Int = 1
  ) throws -> ParameterUpdater {
    var builder = NetworkBuilder()
    let input = try builder.input([gradient.count])
    let linear = try LayerRegistry.layer(named: "linear", options: ["units": .integer(1), "bias": .boolean(false)])
    let output = try builder.add(linear, name: "fc", inputs: [input])
    let network = try builder.network(output: output)
    let parameters = ParameterSet(network: network) { _, spec in
      Tensor(spec.shape, (0..<gradient.count).map { Float($0 % 7) })
    }
    return ParameterUpdater(
      parameters: parameters, gradients: [Tensor([gradient.count, 1], gradient)],
      optimizer: try OptimizerRegistry.optimizer(named: name, options: options), clipNorm: clipNorm,
      clipValue: clipValue, averageDecay: averageDecay, learningRateFactors: factors,
      pool: WorkerPool(workerCount: threads))
  }

  @Test("AdamW leaves alone what a layer exempts from weight decay, and decays the rest")
  func exemptFromDecay() throws {
    var builder = NetworkBuilder()
    let node = try builder.add(ExemptingLayer(), name: "own", inputs: [try builder.input([1])])
    let network = try builder.network(output: node)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    let updater = ParameterUpdater(
      parameters: parameters, gradients: [Tensor([1]), Tensor([1])],
      optimizer: try OptimizerRegistry.optimizer(named: "adamw", options: ["weight_decay": .number(0.5)]),
      pool: WorkerPool(workerCount: 1))
    // Without a gradient only the decay moves a parameter: 2 (1 - 0.1 * 0.5).
    _ = updater.step(index: 0, learningRate: 0.1)
    expectClose(parameters["own.decayed"]?.values ?? [], [1.9], tolerance: 1e-6)
    #expect(parameters["own.exempt"]?.values == [2])
  }

  @Test("a gradient longer than the clipping norm is shortened to it, a shorter one is left")
  func clipNorm() throws {
    let long = try updater("sgd", [:], gradient: [3, 0, 4], clipNorm: 1)
    #expect(long.step(index: 0, learningRate: 1) == 5)
    expectClose(long.parameters.entries[0].tensor.values, [0 - 0.6, 1, 2 - 0.8], tolerance: 1e-6)
    let short = try updater("sgd", [:], gradient: [0.3, 0, 0.4], clipNorm: 1)
    #expect(abs(short.step(index: 0, learningRate: 1) - 0.5) < 1e-6)
    expectClose(short.parameters.entries[0].tensor.values, [-0.3, 1, 1.6], tolerance: 1e-6)
  }

  @Test("clipping by value cuts every number of the gradient, at any length", arguments: [3, 8, 13])
  func clipValue(count: Int) throws {
    let gradient = (0..<count).map { Float($0 % 3 - 1) * 5 }
    let updater = try updater("sgd", [:], gradient: gradient, clipValue: 2)
    _ = updater.step(index: 0, learningRate: 1)
    expectClose(
      updater.parameters.entries[0].tensor.values, (0..<count).map { Float($0 % 7) - Float($0 % 3 - 1) * 2 })
  }

  @Test("the moving average follows the weights, faster at the start")
  func movingAverage() throws {
    let updater = try updater("sgd", [:], gradient: [1], averageDecay: 0.9)
    _ = updater.step(index: 0, learningRate: 1)
    // decay = min(0.9, 1 / 10)
    expectClose(updater.average?.entries[0].tensor.values ?? [], [-0.9], tolerance: 1e-6)
    _ = updater.step(index: 1000, learningRate: 1)
    expectClose(updater.average?.entries[0].tensor.values ?? [], [-0.9 * 0.9 - 2 * 0.1], tolerance: 1e-6)
  }

  @Test("a learning rate factor slows one array down")
  func factor() throws {
    let updater = try updater("sgd", [:], gradient: [1], factors: ["fc": 0.25])
    _ = updater.step(index: 0, learningRate: 1)
    #expect(updater.parameters.entries[0].tensor.values == [-0.25])
  }

  @Test("an update over several tiles gives the same bits with one worker and with three", arguments: ["adamw", "sgd"])
  func threads(name: String) throws {
    let gradient = randomValues(50_001, seed: 3)
    let updaters = try [1, 3].map {
      try updater(
        name, name == "sgd" ? ["momentum": .number(0.9)] : [:], gradient: gradient, clipNorm: 1, averageDecay: 0.99,
        threads: $0)
    }
    for step in 0..<3 {
      #expect(updaters[0].step(index: step, learningRate: 0.1) == updaters[1].step(index: step, learningRate: 0.1))
    }
    expectSameBits(updaters[0].parameters.entries[0].tensor.values, updaters[1].parameters.entries[0].tensor.values)
    expectSameBits(
      updaters[0].average?.entries[0].tensor.values ?? [], updaters[1].average?.entries[0].tensor.values ?? [0])
  }

  @Test("options out of range are refused by name")
  func badOption() {
    #expect {
      try OptimizerRegistry.optimizer(named: "adam", options: ["learning_rate": .number(-1)])
    } throws: {
      "\($0)" == "adam: option 'learning_rate' is -1, but must be 0 or more"
    }
  }
}

/// Two parameters, of which one is not decayed.
private struct ExemptingLayer: Layer {
  let schema = Schema("exempting", help: "")
  let options: Options

  init() throws { options = try Options([:], schema: schema) }

  func signature(for inputs: [Shape]) throws -> LayerSignature {
    LayerSignature(
      outputShape: inputs[0],
      parameters: [
        ParameterSpec("decayed", [1], .constant(2)), ParameterSpec("exempt", [1], .constant(2), decays: false),
      ])
  }

  func makeOperation(_ request: OperationRequest) throws(OperationError) -> any Layers.Operation {
    throw OperationError(plugin: "none", call: "plan", reason: "only its parameters are used")
  }
}
