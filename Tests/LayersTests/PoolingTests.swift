import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Pooling")
struct PoolingTests {
  @Test("a 3 x 3 picture by hand, valid and same")
  func literal() throws {
    let x: [Float] = [1, 2, 3, 4, 9, 6, 7, 8, 5]
    #expect(try output("max_pool", [:], [3, 3, 1], x) == [9])
    #expect(try output("max_pool", ["padding": .string("same")], [3, 3, 1], x) == [9, 6, 8, 5])
    #expect(try output("average_pool", [:], [3, 3, 1], x) == [4])
    #expect(try output("average_pool", ["padding": .string("same")], [3, 3, 1], x) == [4, 4.5, 7.5, 5])
    #expect(try output("max_pool", ["stride": .integer(1)], [3, 3, 1], x) == [9, 9, 9, 9])
    #expect(try output("global_average_pool", [:], [3, 3, 1], x) == [5])
    let wide: [String: OptionValue] = ["window": .list([.integer(1), .integer(3)])]
    #expect(try output("max_pool", wide, [3, 3, 1], x) == [3, 9, 8])
  }

  @Test("negative values win over padding")
  func padding() throws {
    #expect(try output("max_pool", ["padding": .string("same")], [1, 1, 2], [-3, -4]) == [-3, -4])
  }

  @Test("ties send the gradient to the first in row-major order")
  func ties() throws {
    let runner = try OperationRunner(LayerRegistry.layer(named: "max_pool"), inputShapes: [[2, 2, 1]], maximumBatch: 1)
    #expect(runner.run(inputs: [[1, 2, 2, 2]], outputGradient: [5]).inputGradients[0] == [0, 5, 0, 0])
  }

  @Test(
    "the golden cases", .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: [
      "max_pool", "max_pool_same", "max_pool_3x3_stride2", "average_pool", "average_pool_same", "global_average_pool",
    ])
  func golden(name: String) throws {
    let golden = try Golden.load("layers/\(name)")
    var options: [String: OptionValue] = [:]
    for key in ["window", "stride"] { options[key] = golden.metadata[key].flatMap(Int.init).map { .integer($0) } }
    options["padding"] = golden.metadata["padding"].map { .string($0) }
    let layer = try LayerRegistry.layer(named: #require(golden.metadata["layer"]), options: options)
    let shape = golden.shape("input")
    let runner = try OperationRunner(layer, inputShapes: [Shape(Array(shape.dropFirst()))], maximumBatch: shape[0])
    #expect(runner.signature.outputShape.dimensions == Array(golden.shape("output").dropFirst()))
    let result = runner.run(inputs: [golden.values("input")], outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"), tolerance: 1e-6)
    expectClose(result.inputGradients[0], golden.values("input_gradient"), tolerance: 1e-6)
  }

  static let geometries: [(window: Int, stride: Int, padding: String)] = [
    (1, 1, "valid"), (2, 2, "valid"), (2, 2, "same"), (3, 2, "same"), (3, 1, "same"), (2, 3, "valid"), (5, 2, "valid"),
    (2, 3, "same"),
  ]

  @Test("agrees with a plain loop at awkward sizes, with 2 workers and a smaller batch", arguments: geometries)
  func reference(geometry: (window: Int, stride: Int, padding: String)) throws {
    for shape: Shape in [[5, 7, 1], [6, 5, 7], [13, 11, 13], [40, 9, 127]] {
      let x = randomValues(2 * shape.count, seed: shape.count)
      for name in ["max_pool", "average_pool"] {
        let layer = try LayerRegistry.layer(named: name, options: options(geometry))
        let one = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 3)
        let two = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 3, workerCount: 2)
        let output = one.signature.outputShape
        let dy = randomValues(2 * output.count, seed: 6)
        let expected = poolReference(x, dy, shape, output, geometry, isMaximum: name == "max_pool", batch: 2)
        let found = two.run(inputs: [x], outputGradient: dy, batch: 2)
        expectClose(found.output, expected.output, tolerance: 1e-6, name)
        expectClose(found.inputGradients[0], expected.inputGradient, tolerance: 1e-6, name)
        let single = one.run(inputs: [x], outputGradient: dy, batch: 2)
        expectSameBits(found.output, single.output)
        expectSameBits(found.inputGradients[0], single.inputGradients[0])
      }
    }
  }

  @Test("gradients agree with finite differences", arguments: ["max_pool", "average_pool"])
  func gradients(name: String) throws {
    let layer = try LayerRegistry.layer(named: name, options: ["window": .integer(3), "stride": .integer(2)])
    let count = 2 * 7 * 6 * 3
    let x = (0..<count).map { Float(($0 * 37) % count) * 10 / Float(count) }
    try checkGradients(layer: layer, inputShapes: [[7, 6, 3]], inputs: [x], batch: 2)
  }

  @Test("the global average", arguments: [1, 7, 13, 127])
  func globalAverage(channels: Int) throws {
    let layer = try LayerRegistry.layer(named: "global_average_pool")
    let shape: Shape = [13, 11, channels]
    try checkGradients(layer: layer, inputShapes: [shape], inputs: [randomValues(2 * shape.count, seed: 2)], batch: 2)
    let x = randomValues(2 * shape.count, seed: 3)
    let found = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 3, workerCount: 2)
      .run(inputs: [x], batch: 2).output
    let expected = (0..<2 * channels).map { i in
      (0..<143).reduce(Float(0)) { $0 + x[(i / channels * 143 + $1) * channels + i % channels] } / 143
    }
    expectClose(found, expected, tolerance: 1e-6)
  }

  @Test("a window larger than the picture, a vector, and a list of three are refused with their facts")
  func refused() throws {
    let layer = try LayerRegistry.layer(named: "max_pool", options: ["window": .integer(4)])
    #expect(throws: LayerError.windowTooLarge(what: "window", window: [4, 4], input: [3, 9, 2])) {
      try layer.signature(for: [[3, 9, 2]])
    }
    #expect(throws: LayerError.inputRank(expected: "a picture (height x width x channels)", found: [12])) {
      try layer.signature(for: [[12]])
    }
    #expect(throws: LayerError.inputCount(expected: "one input", found: 2)) {
      try layer.signature(for: [[3, 9, 2], [3, 9, 2]])
    }
    #expect(throws: LayerError.options("'stride' must be one integer or a list of two, not of 3")) {
      try LayerRegistry.layer(
        named: "max_pool", options: ["stride": .list([.integer(1), .integer(1), .integer(1)])])
    }
  }

  private func options(_ geometry: (window: Int, stride: Int, padding: String)) -> [String: OptionValue] {
    [
      "window": .integer(geometry.window), "stride": .integer(geometry.stride), "padding": .string(geometry.padding),
    ]
  }

  private func output(
    _ name: String, _ options: [String: OptionValue], _ shape: Shape, _ x: [Float]
  ) throws -> [Float] {
    try OperationRunner(LayerRegistry.layer(named: name, options: options), inputShapes: [shape], maximumBatch: 1)
      .run(inputs: [x]).output
  }
}

/// The definition, one element at a time.
private func poolReference(
  _ x: [Float], _ dy: [Float], _ input: Shape, _ output: Shape,
  _ geometry: (window: Int, stride: Int, padding: String), isMaximum: Bool, batch: Int
) -> (output: [Float], inputGradient: [Float]) {
  var y = [Float](repeating: 0, count: batch * output.count)
  var dx = [Float](repeating: 0, count: x.count)
  func pad(_ axis: Int) -> Int {
    geometry.padding == "valid"
      ? 0 : max(0, (output[axis] - 1) * geometry.stride + geometry.window - input[axis]) / 2
  }
  for n in 0..<batch {
    for oh in 0..<output[0] {
      for ow in 0..<output[1] {
        for c in 0..<output[2] {
          var members: [Int] = []
          for i in 0..<geometry.window {
            for j in 0..<geometry.window {
              let (h, w) = (oh * geometry.stride + i - pad(0), ow * geometry.stride + j - pad(1))
              if h < 0 || w < 0 || h >= input[0] || w >= input[1] { continue }
              members.append(((n * input[0] + h) * input[1] + w) * input[2] + c)
            }
          }
          let out = ((n * output[0] + oh) * output[1] + ow) * output[2] + c
          if isMaximum {
            var best = members[0]
            for m in members where x[m] > x[best] { best = m }
            y[out] = x[best]
            dx[best] += dy[out]
          } else {
            y[out] = members.reduce(0) { $0 + x[$1] } / Float(members.count)
            for m in members { dx[m] += dy[out] / Float(members.count) }
          }
        }
      }
    }
  }
  return (y, dx)
}
