import Layers
import Schemas
import Tensors
import TestSupport
import Testing

/// The layers around attention: `tokens`, `class_token`, `position_embedding`, `take_token`, and `linear` on tokens.
@Suite("Tokens")
struct TokenTests {
  private func layer(_ name: String, _ options: [String: OptionValue] = [:]) throws -> any Layer {
    try LayerRegistry.layer(named: name, options: options)
  }

  @Test("a token in front, places added, and one token taken, by hand")
  func literals() throws {
    let front = try OperationRunner(layer("class_token"), inputShapes: [[2, 2]], maximumBatch: 2)
    let result = front.run(
      inputs: [[1, 2, 3, 4, 5, 6, 7, 8]], parameters: [[10, 20]],
      outputGradient: [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60])
    #expect(result.output == [10, 20, 1, 2, 3, 4, 10, 20, 5, 6, 7, 8])
    #expect(result.inputGradients == [[3, 4, 5, 6, 30, 40, 50, 60]])
    #expect(result.parameterGradients == [[11, 22]])

    let places = try OperationRunner(layer("position_embedding"), inputShapes: [[2, 1]], maximumBatch: 2)
    let placed = places.run(inputs: [[1, 2, 3, 4]], parameters: [[10, 20]], outputGradient: [1, 2, 3, 4])
    #expect(placed.output == [11, 22, 13, 24])
    #expect(placed.inputGradients == [[1, 2, 3, 4]])
    #expect(placed.parameterGradients == [[4, 6]])

    let one = try OperationRunner(layer("take_token", ["index": .integer(1)]), inputShapes: [[2, 2]], maximumBatch: 2)
    let taken = one.run(inputs: [[1, 2, 3, 4, 5, 6, 7, 8]], outputGradient: [1, 2, 3, 4])
    #expect(taken.output == [3, 4, 7, 8])
    #expect(taken.inputGradients == [[0, 0, 1, 2, 0, 0, 3, 4]])
  }

  @Test("a picture's positions become tokens, rows first, without a number being moved")
  func tokens() throws {
    let layer = try layer("tokens")
    #expect(try layer.signature(for: [[2, 3, 4]]).outputShape == [6, 4])
    #expect(layer.isIdentity(for: [[2, 3, 4]], isTraining: true))
    let runner = try OperationRunner(layer, inputShapes: [[2, 3, 4]], maximumBatch: 1)
    let x = randomValues(24, seed: 1)
    let result = runner.run(inputs: [x], outputGradient: x)
    #expect(result.output == x && result.inputGradients == [x])
  }

  private static let sizes = [1, 7, 13, 127]

  @Test("gradients agree with finite differences", arguments: sizes)
  func gradients(channels: Int) throws {
    for name in ["class_token", "position_embedding", "take_token"] {
      try checkGradients(
        layer: layer(name), inputShapes: [[3, channels]], inputs: [randomValues(6 * channels, seed: 1)], batch: 2)
    }
  }

  @Test(
    "linear on tokens is the same product for each, and its gradients agree with finite differences", arguments: sizes)
  func linear(features: Int) throws {
    for activation in [nil, "gelu", "relu"] {
      var options: [String: OptionValue] = ["units": .integer(9)]
      options["activation"] = activation.map { .string($0) }
      let layer = try layer("linear", options)
      let tokens = try OperationRunner(layer, inputShapes: [[5, features]], maximumBatch: 2)
      #expect(tokens.signature.outputShape == [5, 9])
      let vectors = try OperationRunner(layer, inputShapes: [[features]], maximumBatch: 10)
      #expect(tokens.signature.parameters.map(\.shape) == vectors.signature.parameters.map(\.shape))
      #expect(tokens.signature.flops == 5 * vectors.signature.flops)
      let x = randomValues(10 * features, seed: 4)
      let parameters = [randomValues(9 * features, seed: 5), randomValues(9, seed: 6)]
      let dy = randomValues(90, seed: 7)
      let found = tokens.run(inputs: [x], parameters: parameters, outputGradient: dy)
      let expected = vectors.run(inputs: [x], parameters: parameters, outputGradient: dy)
      expectClose(found.output, expected.output)
      expectClose(found.inputGradients[0], expected.inputGradients[0])
      expectClose(found.parameterGradients[0], expected.parameterGradients[0])
      expectClose(found.parameterGradients[1], expected.parameterGradients[1])
      if activation == "relu" { continue }
      try checkGradients(
        layer: layer, inputShapes: [[3, features]], inputs: [randomValues(6 * features, seed: 2)], batch: 2)
    }
  }

  @Test("1 and 2 workers, and each in-place form, give the same bits", arguments: sizes)
  func sameBits(channels: Int) throws {
    let shape: Shape = [11, channels]
    let x = randomValues(3 * shape.count, seed: 2)
    for name in ["class_token", "position_embedding", "take_token"] {
      let layer = try layer(name)
      let one = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 4)
      let two = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 4, workerCount: 2)
      let parameters = one.initialParameters()
      let dy = randomValues(3 * one.signature.outputShape.count, seed: 3)
      let expected = one.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3)
      var forms = [OperationRunner.Aliasing.none]
      if two.operation.canRunBackwardInPlace { forms += [.backward, .inputGradientOverInput] }
      for aliasing in forms {
        let found = two.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3, aliasing: aliasing)
        expectSameBits(found.output, expected.output)
        expectSameBits(found.inputGradients[0], expected.inputGradients[0])
        for (a, b) in zip(found.parameterGradients, expected.parameterGradients) { expectSameBits(a, b) }
      }
      if two.operation.canRunForwardInPlace {
        expectSameBits(
          two.run(inputs: [x], parameters: parameters, batch: 3, aliasing: .forward).output, expected.output)
      }
    }
  }

  @Test("not-a-number stays in its example")
  func notANumber() throws {
    for name in ["class_token", "position_embedding", "take_token"] {
      let runner = try OperationRunner(layer(name), inputShapes: [[3, 2]], maximumBatch: 2)
      let x = [Float](repeating: .nan, count: 6) + randomValues(6, seed: 1)
      let output = runner.run(inputs: [x], parameters: runner.initialParameters()).output
      #expect(output.prefix(output.count / 2).contains { $0.isNaN })
      #expect(output.suffix(output.count / 2).allSatisfy { $0.isFinite })
    }
  }

  @Test("pictures, an index behind the end and a grid that does not fit are refused")
  func refused() throws {
    for name in ["class_token", "position_embedding", "take_token"] {
      #expect(throws: LayerError.self) { try layer(name).signature(for: [[2, 2, 3]]) }
    }
    #expect(throws: LayerError.options("'index' is 3, but the last of 3 tokens is 2")) {
      try layer("take_token", ["index": .integer(3)]).signature(for: [[3, 2]])
    }
    #expect(throws: LayerError.options("'grid' has 16 places (4x4), but there are 10 tokens")) {
      try layer("position_embedding", ["grid": .integer(4)]).signature(for: [[10, 2]])
    }
    #expect(throws: LayerError.options("'grid' must be one integer or a list of two, not of 3")) {
      try layer("position_embedding", ["grid": .list([.integer(1), .integer(1), .integer(1)])])
    }
    #expect(throws: LayerError.self) { try layer("tokens").signature(for: [[4]]) }
  }

  @Test("positions of another grid: as torch's bicubic, antialiased interpolation makes them")
  func positions() {
    // torch.nn.functional.interpolate(x, size, mode="bicubic", antialias=True), x = sin(1), sin(2), ... as [3, 3].
    let source = PositionGrid(height: 3, width: 3, prefix: 1)
    let values: [Float] = [
      -7, 0.84147098, 0.90929743, 0.14112001, -0.7568025, -0.95892427, -0.2794155, 0.6569866, 0.98935825, 0.41211849,
    ]
    for (grid, expected) in PositionCases.cases {
      let found = source.resample(Tensor([10, 1], values), to: grid)
      expectClose(found.values, [-7] + expected, tolerance: 2e-6, "\(grid)")
    }
    #expect(source.resample(Tensor([10, 1], values), to: source).values == values)
    #expect(PositionGrid(square: 197, prefix: 1) == PositionGrid(height: 14, width: 14, prefix: 1))
    #expect(PositionGrid(square: 198, prefix: 1) == nil && PositionGrid(square: 1, prefix: 1) == nil)
  }
}

/// What PyTorch 2 computes for `TokenTests.positions`.
private enum PositionCases {
  static let cases: [(PositionGrid, [Float])] = [
    (
      PositionGrid(height: 2, width: 2, prefix: 1),
      [0.2171195, 0.038179964, 0.14839074, 0.1864378]
    ),
    (
      PositionGrid(height: 5, width: 4, prefix: 1),
      [
        0.95748788, 1.0789349, 0.72898352, 0.12702227, 0.22023168, 0.20006786, 0.087033331, -0.048009221, -0.74624389,
        -0.93115681, -0.71948099, -0.24391876, 0.082603142, 0.17780681, 0.20494081, 0.14699443, 0.74421769, 1.0444386,
        0.91169298, 0.42920059,
      ]
    ),
    (
      PositionGrid(height: 1, width: 7, prefix: 1),
      [0.15580563, 0.16512781, 0.1933554, 0.20262051, 0.14222099, 0.072918132, 0.04523468]
    ),
  ]
}
