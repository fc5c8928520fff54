import Foundation
import Layers
import Tensors
import TestSupport
import Testing

@Suite("Activations")
struct ActivationTests {
  static let names = ["relu", "elu", "selu", "gelu", "swish", "sigmoid", "tanh"]

  @Test(
    "literal values",
    arguments: [
      ("relu", [Float(0), 0, 2]), ("elu", [-0.8646647, 0, 2]), ("selu", [-1.5201665, 0, 2.1014020]),
      ("gelu", [-0.0455003, 0, 1.9544997]), ("swish", [-0.2384058, 0, 1.7615942]),
      ("sigmoid", [0.1192029, 0.5, 0.8807971]), ("tanh", [-0.9640276, 0, 0.9640276]),
    ])
  func literal(name: String, expected: [Float]) throws {
    let runner = try OperationRunner(
      LayerRegistry.layer(named: name), inputShapes: [[3]], maximumBatch: 1, isTraining: false)
    expectClose(runner.run(inputs: [[-2, 0, 2]]).output, expected, tolerance: 1e-6, name)
  }

  @Test(
    "the golden values and gradients", .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: Activation.allCases)
  func golden(activation: Activation) throws {
    let golden = try Golden.load("layers/activation_\(activation.rawValue)")
    let layer = try LayerRegistry.layer(named: "activation", options: ["kind": .string(activation.rawValue)])
    let runner = try OperationRunner(layer, inputShapes: [[77]], maximumBatch: 3)
    let result = runner.run(inputs: [golden.values("input")], outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"), tolerance: 2e-6)
    expectClose(result.inputGradients[0], golden.values("input_gradient"), tolerance: 2e-6)
  }

  @Test("gradients agree with finite differences", arguments: Activation.allCases)
  func gradients(activation: Activation) throws {
    let layer = try LayerRegistry.layer(named: "activation", options: ["kind": .string(activation.rawValue)])
    // Away from 0, where some have a kink.
    let inputs = randomValues(39, seed: 1, 0.1, 3).enumerated().map { $0.offset % 2 == 0 ? $0.element : -$0.element }
    try checkGradients(layer: layer, inputShapes: [[13]], inputs: [inputs], batch: 3)
  }

  @Test(
    "sizes around the vector width, in place, and 2 workers give the same bits", arguments: [1, 7, 13, 127, 20_001])
  func sizes(count: Int) throws {
    for activation in Activation.allCases {
      let layer = try LayerRegistry.layer(named: "activation", options: ["kind": .string(activation.rawValue)])
      let one = try OperationRunner(layer, inputShapes: [[count]], maximumBatch: 3)
      let two = try OperationRunner(layer, inputShapes: [[count]], maximumBatch: 3, workerCount: 2)
      let x = randomValues(2 * count, seed: count, -6, 6)
      let dy = randomValues(2 * count, seed: 5)
      let expected = one.run(inputs: [x], outputGradient: dy, batch: 2)
      let found = two.run(inputs: [x], outputGradient: dy, batch: 2)
      expectSameBits(found.output, expected.output)
      expectSameBits(found.inputGradients[0], expected.inputGradients[0])
      expectSameBits(two.run(inputs: [x], batch: 2, aliasing: .forward).output, expected.output)
      for aliasing in [OperationRunner.Aliasing.backward, .inputGradientOverInput] {
        let inPlace = two.run(inputs: [x], outputGradient: dy, batch: 2, aliasing: aliasing)
        expectSameBits(inPlace.inputGradients[0], expected.inputGradients[0])
      }
    }
  }

  @Test("not-a-number goes through, so that a diverged network is noticed", arguments: Activation.allCases)
  func notANumber(activation: Activation) throws {
    let layer = try LayerRegistry.layer(named: "activation", options: ["kind": .string(activation.rawValue)])
    let runner = try OperationRunner(layer, inputShapes: [[20]], maximumBatch: 1)
    var x = [Float](repeating: 1, count: 20)
    x[3] = .nan
    x[19] = .nan
    let output = runner.run(inputs: [x]).output
    #expect(output[3].isNaN && output[19].isNaN && output[4].isFinite)
  }

  @Test("gelu's option chooses the tanh form")
  func approximateGELU() throws {
    let layer = try LayerRegistry.layer(named: "gelu", options: ["approximate": .boolean(true)])
    let runner = try OperationRunner(layer, inputShapes: [[2]], maximumBatch: 1)
    expectClose(runner.run(inputs: [[1, -1]]).output, [0.841192, -0.158808], tolerance: 1e-6)
  }
}
