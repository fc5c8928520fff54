import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Rescale")
struct RescaleTests {
  private func layer(_ scale: Double, _ offset: Double) throws -> any Layer {
    try LayerRegistry.layer(named: "rescale", options: ["scale": .number(scale), "offset": .number(offset)])
  }

  @Test("three values by hand")
  func literal() throws {
    let runner = try OperationRunner(layer(2, -1), inputShapes: [[3]], maximumBatch: 1)
    let result = runner.run(inputs: [[0, 1, 5]], outputGradient: [1, 2, 3])
    #expect(result.output == [-1, 1, 9])
    #expect(result.inputGradients == [[2, 4, 6]])
  }

  @Test("the golden case", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("layers/rescale")
    let shape = golden.shape("input")
    let (scale, offset) = try (
      #require(golden.metadata["scale"].flatMap(Double.init)), #require(golden.metadata["offset"].flatMap(Double.init))
    )
    let runner = try OperationRunner(
      layer(scale, offset), inputShapes: [Shape(Array(shape.dropFirst()))], maximumBatch: shape[0])
    let result = runner.run(inputs: [golden.values("input")], outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"), tolerance: 1e-6)
    expectClose(result.inputGradients[0], golden.values("input_gradient"), tolerance: 1e-6)
  }

  @Test("agrees with a plain loop for any count, in place, with 2 workers", arguments: [1, 7, 13, 127, 20_001])
  func reference(count: Int) throws {
    let x = randomValues(2 * count, seed: count, -300, 300)
    let (scale, offset) = (Float(1 / 127.5), Float(-1))
    let expected = x.map { $0 * scale + offset }
    let runner = try OperationRunner(layer(1 / 127.5, -1), inputShapes: [[count]], maximumBatch: 3, workerCount: 2)
    expectSameBits(runner.run(inputs: [x], batch: 2).output, expected)
    expectSameBits(runner.run(inputs: [x], batch: 2, aliasing: .forward).output, expected)
    for aliasing in [OperationRunner.Aliasing.none, .backward, .inputGradientOverInput] {
      let found = runner.run(inputs: [x], outputGradient: x, batch: 2, aliasing: aliasing)
      expectSameBits(found.inputGradients[0], x.map { $0 * scale })
    }
  }

  private func channels(_ scale: [Double], _ offset: [Double]) throws -> any Layer {
    try LayerRegistry.layer(
      named: "rescale",
      options: ["scale": .list(scale.map { .number($0) }), "offset": .list(offset.map { .number($0) })])
  }

  @Test("constants for each channel: as a plain loop, in place, with 2 workers", arguments: [1, 3, 7, 13, 127])
  func perChannel(count: Int) throws {
    let scale = randomValues(count, seed: 1)
    let offset = randomValues(count, seed: 2)
    let layer = try channels(scale.map { Double($0) }, offset.map { Double($0) })
    let runner = try OperationRunner(layer, inputShapes: [[41, 19, count]], maximumBatch: 2, workerCount: 2)
    let x = randomValues(2 * 41 * 19 * count, seed: 3)
    let expected = x.indices.map { x[$0] * scale[$0 % count] + offset[$0 % count] }
    expectSameBits(runner.run(inputs: [x]).output, expected)
    expectSameBits(runner.run(inputs: [x], aliasing: .forward).output, expected)
    for aliasing in [OperationRunner.Aliasing.none, .backward, .inputGradientOverInput] {
      let found = runner.run(inputs: [x], outputGradient: x, aliasing: aliasing)
      expectSameBits(found.inputGradients[0], x.indices.map { x[$0] * scale[$0 % count] })
    }
  }

  @Test("a list that has not a number for each channel is refused")
  func wrongCount() throws {
    #expect(throws: LayerError.options("'scale' has 2 numbers, but its input has 3 channels")) {
      try channels([1, 2], [0, 0, 0]).signature(for: [[4, 4, 3]])
    }
  }

  @Test("gradients agree with finite differences")
  func gradients() throws {
    try checkGradients(layer: layer(0.3, 2), inputShapes: [[3, 2, 3]], inputs: [randomValues(36, seed: 1)], batch: 2)
  }

  @Test("a missing factor and a number that float32 does not hold are refused")
  func refused() {
    #expect(throws: OptionError.missingOption(owner: "rescale", name: "scale")) {
      try LayerRegistry.layer(named: "rescale")
    }
    #expect(throws: LayerError.options("'offset' = -1e+60 is too large")) { try layer(1, -1e60) }
  }

  @Test("not-a-number stays")
  func notANumber() throws {
    let runner = try OperationRunner(layer(0.1, 1), inputShapes: [[17]], maximumBatch: 1)
    #expect(runner.run(inputs: [[Float](repeating: .nan, count: 17)]).output.allSatisfy { $0.isNaN })
  }
}
