import Foundation
import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("SqueezeExcite")
struct SqueezeExciteTests {
  static let modes = ["channels", "spatial", "both"]

  private func layer(_ mode: String, ratio: Int = 4, activation: String = "gelu") throws -> any Layer {
    try LayerRegistry.layer(
      named: "squeeze_excite",
      options: ["mode": .string(mode), "ratio": .integer(ratio), "activation": .string(activation)])
  }

  @Test("two positions of one channel by hand")
  func literal() throws {
    func output(_ mode: String, _ parameters: [[Float]]) throws -> [Float] {
      try OperationRunner(layer(mode, ratio: 1, activation: "relu"), inputShapes: [[1, 2, 1]], maximumBatch: 1)
        .run(inputs: [[1, 3]], parameters: parameters).output
    }
    func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
    // mean 2, hidden relu(2 * 0.5) = 1, gate sigmoid(1 * 2)
    expectClose(try output("channels", [[0.5], [2]]), [sigmoid(2), 3 * sigmoid(2)], tolerance: 1e-6)
    expectClose(try output("spatial", [[2]]), [sigmoid(2), 3 * sigmoid(6)], tolerance: 1e-6)
    let u = [1 * sigmoid(2) + 1, 3 * sigmoid(6) + 3]
    let gate = sigmoid((u[0] + u[1]) / 2 * 0.5 * 2)
    expectClose(try output("both", [[2], [0.5], [2]]), [u[0] * gate + 1, u[1] * gate + 3], tolerance: 1e-6)
  }

  @Test("the golden cases", .enabled(if: Golden.isAvailable, "\(Golden.absent)"), arguments: modes)
  func golden(mode: String) throws {
    let golden = try Golden.load("layers/squeeze_excite_\(mode)")
    #expect(golden.metadata["mode"] == mode)
    let shape = golden.shape("input")
    for training in [true, false] {
      let runner = try OperationRunner(
        layer(mode), inputShapes: [Shape(Array(shape.dropFirst()))], maximumBatch: shape[0], isTraining: training)
      let names = runner.signature.parameters.map(\.name)
      for (name, spec) in zip(names, runner.signature.parameters) {
        #expect(golden.shape(name) == spec.shape.dimensions)
      }
      let result = runner.run(
        inputs: [golden.values("input")], parameters: names.map { golden.values($0) },
        outputGradient: training ? golden.values("output_gradient") : nil)
      expectClose(result.output, golden.values("output"), tolerance: 1e-6)
      if !training { continue }
      expectClose(result.inputGradients[0], golden.values("input_gradient"), tolerance: 1e-5)
      for (name, gradient) in zip(names, result.parameterGradients) {
        expectClose(gradient, golden.values("\(name)_gradient"), tolerance: 1e-5, name)
      }
    }
  }

  @Test("gradients agree with finite differences", arguments: modes, [1, 7, 13, 127])
  func gradients(mode: String, channels: Int) throws {
    for activation in ["gelu", "tanh"] {
      try checkGradients(
        layer: layer(mode, ratio: 1, activation: activation), inputShapes: [[3, 2, channels]],
        inputs: [randomValues(12 * channels, seed: 1)], batch: 2, limit: 20)
    }
  }

  @Test("1 and 2 workers, and each in-place form, give the same bits", arguments: modes, [1, 7, 13, 127])
  func sameBits(mode: String, channels: Int) throws {
    let shape: Shape = [13, 11, channels]
    let x = randomValues(3 * shape.count, seed: 2)
    let dy = randomValues(3 * shape.count, seed: 3)
    let layer = try layer(mode, ratio: 1)
    let one = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 4)
    let two = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 4, workerCount: 2)
    let parameters = one.initialParameters()
    let expected = one.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3)
    for aliasing in [OperationRunner.Aliasing.none, .backward, .inputGradientOverInput] {
      let found = two.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3, aliasing: aliasing)
      expectSameBits(found.output, expected.output)
      expectSameBits(found.inputGradients[0], expected.inputGradients[0])
      for (a, b) in zip(found.parameterGradients, expected.parameterGradients) { expectSameBits(a, b) }
    }
    expectSameBits(
      two.run(inputs: [x], parameters: parameters, batch: 3, aliasing: .forward).output, expected.output)
    let inference = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 4, isTraining: false)
    expectSameBits(inference.run(inputs: [x], parameters: parameters, batch: 3).output, expected.output)
  }

  @Test("frozen parameters get no gradient, and the others the same", arguments: modes)
  func frozen(mode: String) throws {
    let runner = try OperationRunner(layer(mode), inputShapes: [[3, 5, 8]], maximumBatch: 2)
    let x = randomValues(240, seed: 5)
    let parameters = runner.initialParameters()
    let all = runner.run(inputs: [x], parameters: parameters, outputGradient: x)
    for index in parameters.indices {
      let found = runner.run(inputs: [x], parameters: parameters, outputGradient: x, frozen: [index])
      for other in parameters.indices where other != index {
        expectSameBits(found.parameterGradients[other], all.parameterGradients[other])
      }
      expectSameBits(found.inputGradients[0], all.inputGradients[0])
    }
  }

  @Test("not-a-number in a picture makes that picture's output not-a-number, and no other's", arguments: modes)
  func notANumber(mode: String) throws {
    let runner = try OperationRunner(layer(mode), inputShapes: [[2, 1, 8]], maximumBatch: 2)
    let x = [Float](repeating: .nan, count: 16) + randomValues(16, seed: 1)
    let output = runner.run(inputs: [x], parameters: runner.initialParameters()).output
    #expect(output.prefix(16).allSatisfy { $0.isNaN })
    #expect(output.suffix(16).allSatisfy { $0.isFinite })
  }

  @Test("a ratio that does not divide, a vector and an unknown mode are refused")
  func refused() throws {
    #expect(throws: LayerError.notDivisible(what: "input channels", value: 6, by: "ratio", divisor: 4)) {
      try layer("both").signature(for: [[2, 2, 6]])
    }
    #expect(throws: LayerError.inputRank(expected: "a picture (height x width x channels)", found: [8])) {
      try layer("channels").signature(for: [[8]])
    }
    #expect(throws: OptionError.self) { try layer("chanels") }
  }
}
