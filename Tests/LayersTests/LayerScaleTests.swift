import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("LayerScale")
struct LayerScaleTests {
  private func layer(_ initial: Double = 1) throws -> any Layer {
    try LayerRegistry.layer(named: "layer_scale", options: ["initial": .number(initial)])
  }

  @Test("two positions of two channels by hand")
  func literal() throws {
    let runner = try OperationRunner(layer(), inputShapes: [[2, 2]], maximumBatch: 1)
    let result = runner.run(inputs: [[1, 2, 3, 4]], parameters: [[10, 100]], outputGradient: [1, 2, 3, 4])
    #expect(result.output == [10, 200, 30, 400])
    #expect(result.inputGradients == [[10, 200, 30, 400]])
    #expect(result.parameterGradients == [[10, 20]])
  }

  @Test("gamma starts where the option says")
  func start() throws {
    let runner = try OperationRunner(layer(1e-6), inputShapes: [[2, 2, 3]], maximumBatch: 1)
    #expect(runner.signature.parameters.map(\.name) == ["gamma"])
    #expect(runner.initialParameters() == [[1e-6, 1e-6, 1e-6]])
    #expect(throws: LayerError.options("'initial' = 1e+50 is too large")) { try layer(1e50) }
    #expect(throws: LayerError.inputRank(expected: "an array with channels", found: [])) {
      try layer().signature(for: [[]])
    }
  }

  @Test("the golden case", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("layers/layer_scale")
    let shape = golden.shape("input")
    let runner = try OperationRunner(
      layer(), inputShapes: [Shape(Array(shape.dropFirst()))], maximumBatch: shape[0], workerCount: 2)
    let result = runner.run(
      inputs: [golden.values("input")], parameters: [golden.values("gamma")],
      outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"), tolerance: 1e-6)
    expectClose(result.inputGradients[0], golden.values("input_gradient"), tolerance: 1e-6)
    expectClose(result.parameterGradients[0], golden.values("gamma_gradient"), tolerance: 1e-5)
  }

  @Test("gradients agree with finite differences", arguments: [1, 7, 13, 127])
  func gradients(channels: Int) throws {
    try checkGradients(
      layer: layer(0.7), inputShapes: [[3, 2, channels]], inputs: [randomValues(12 * channels, seed: 1)], batch: 2)
  }

  @Test("1 and 2 workers, and each in-place form, give the same bits", arguments: [1, 7, 13, 127])
  func sameBits(channels: Int) throws {
    let shape: Shape = [13, 7, channels]
    let x = randomValues(3 * shape.count, seed: 2)
    let dy = randomValues(3 * shape.count, seed: 3)
    let gamma = randomValues(channels, seed: 4)
    let one = try OperationRunner(layer(), inputShapes: [shape], maximumBatch: 4)
    let two = try OperationRunner(layer(), inputShapes: [shape], maximumBatch: 4, workerCount: 2)
    let expected = one.run(inputs: [x], parameters: [gamma], outputGradient: dy, batch: 3)
    for aliasing in [OperationRunner.Aliasing.none, .backward, .inputGradientOverInput] {
      let found = two.run(inputs: [x], parameters: [gamma], outputGradient: dy, batch: 3, aliasing: aliasing)
      expectSameBits(found.output, expected.output)
      expectSameBits(found.inputGradients[0], expected.inputGradients[0])
      expectSameBits(found.parameterGradients[0], expected.parameterGradients[0])
    }
    expectSameBits(
      two.run(inputs: [x], parameters: [gamma], batch: 3, aliasing: .forward).output, expected.output)
  }

  @Test("not-a-number stays")
  func notANumber() throws {
    let runner = try OperationRunner(layer(), inputShapes: [[9]], maximumBatch: 1)
    let output = runner.run(
      inputs: [[Float](repeating: .nan, count: 9)], parameters: [[Float](repeating: 1, count: 9)]
    ).output
    #expect(output.allSatisfy { $0.isNaN })
  }
}
