import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("depthwise_conv2d")
struct DepthwiseConv2DTests {
  static func layer(_ options: [String: OptionValue]) throws -> DepthwiseConv2D {
    try DepthwiseConv2D(options: Options(options, schema: DepthwiseConv2D.schema))
  }

  @Test("two channels with kernels of their own, by hand")
  func literal() throws {
    let layer = try Self.layer(["kernel": .list([.integer(1), .integer(2)])])
    let runner = try OperationRunner(layer, inputShapes: [[1, 3, 2]], maximumBatch: 1)
    let result = runner.run(
      inputs: [[1, 10, 2, 20, 3, 30]], parameters: [[1, 2, 3, 4], [100, 0]], outputGradient: [1, 0, 0, 1])
    // Channel 0: 1 + 2 * 3, 2 + 3 * 3, and 100; channel 1: 2 * 10 + 4 * 20, 2 * 20 + 4 * 30.
    #expect(result.output == [107, 100, 111, 160])
    #expect(result.inputGradients == [[1, 0, 3, 2, 0, 4]])
    #expect(result.parameterGradients == [[1, 20, 2, 30], [1, 1]])
  }

  @Test(
    "the golden cases of PyTorch, forward and backward", .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: ["depthwise3x3_stride2", "depthwise5x5_same", "depthwise7x7_same"])
  func golden(name: String) throws {
    let golden = try Golden.load("layers/\(name)")
    let layer = try Self.layer([
      "kernel": .integer(golden.shape("kernel")[0]), "stride": .integer(Int(golden.metadata["stride"] ?? "") ?? 1),
      "padding": .string(golden.metadata["padding"] ?? ""), "bias": .boolean(false),
    ])
    let shape = golden.shape("input")
    for workers in [1, 2] {
      let runner = try OperationRunner(
        layer, inputShapes: [Shape(Array(shape.dropFirst()))], maximumBatch: shape[0], workerCount: workers)
      #expect(runner.signature.outputShape == Shape(Array(golden.shape("output").dropFirst())))
      #expect(runner.signature.parameters.map(\.shape) == [Shape(golden.shape("kernel"))])
      let result = runner.run(
        inputs: [golden.values("input")], parameters: [golden.values("kernel")],
        outputGradient: golden.values("output_gradient"))
      expectClose(result.output, golden.values("output"), "output")
      expectClose(result.inputGradients[0], golden.values("input_gradient"), "input gradient")
      expectClose(result.parameterGradients[0], golden.values("kernel_gradient"), "kernel gradient")
    }
  }

  static let awkward: [[String: OptionValue]] = [
    ["kernel": .integer(3), "activation": .string("swish")],
    ["kernel": .integer(5), "padding": .string("same"), "bias": .boolean(false)],
    ["kernel": .integer(7), "padding": .string("same"), "activation": .string("gelu")],
    ["kernel": .integer(3), "padding": .string("same"), "stride": .integer(2)],
    ["kernel": .list([.integer(2), .integer(4)]), "stride": .list([.integer(3), .integer(1)])],
  ]

  @Test("gradients are the differences of the output", arguments: awkward, [1, 3, 13])
  func gradients(options: [String: OptionValue], channels: Int) throws {
    try checkGradients(
      layer: Self.layer(options), inputShapes: [[9, 7, channels]], inputs: [randomValues(2 * 63 * channels, seed: 3)],
      batch: 2)
  }

  @Test("one and two workers give the same bits", arguments: awkward, [7, 40, 127])
  func workers(options: [String: OptionValue], channels: Int) throws {
    let layer = try Self.layer(options)
    let inputs = [randomValues(5 * 31 * 23 * channels, seed: 4)]
    let results = try [1, 2].map { workers in
      let runner = try OperationRunner(layer, inputShapes: [[31, 23, channels]], maximumBatch: 5, workerCount: workers)
      return runner.run(
        inputs: inputs, parameters: runner.initialParameters(),
        outputGradient: randomValues(5 * runner.signature.outputShape.count, seed: 5))
    }
    expectSameBits(results[0].output, results[1].output, "output")
    expectSameBits(results[0].inputGradients[0], results[1].inputGradients[0], "input gradient")
    for index in results[0].parameterGradients.indices {
      expectSameBits(results[0].parameterGradients[index], results[1].parameterGradients[index], "parameter \(index)")
    }
  }

  @Test("a batch smaller than the largest gives what those examples give in a full one", arguments: [1, 3])
  func smallBatch(count: Int) throws {
    let layer = try Self.layer(["kernel": .integer(3), "activation": .string("relu")])
    let runner = try OperationRunner(layer, inputShapes: [[12, 12, 24]], maximumBatch: 4)
    let parameters = runner.initialParameters()
    let input = randomValues(4 * 3456, seed: 6)
    let full = runner.run(inputs: [input], parameters: parameters)
    let part = runner.run(inputs: [Array(input.prefix(count * 3456))], parameters: parameters, batch: count)
    expectSameBits(part.output, Array(full.output.prefix(count * 2400)))
  }

  @Test("not-a-number comes out of every window that sees it, and of no other channel")
  func notANumber() throws {
    let layer = try Self.layer(["kernel": .integer(3), "padding": .string("same")])
    let runner = try OperationRunner(layer, inputShapes: [[5, 5, 24]], maximumBatch: 1)
    var input = randomValues(600, seed: 7)
    input[12 * 24 + 20] = .nan
    let output = runner.run(inputs: [input], parameters: runner.initialParameters()).output
    for (i, value) in output.enumerated() {
      let (row, column) = (i / 120, i / 24 % 5)
      #expect(value.isNaN == (i % 24 == 20 && (1...3).contains(row) && (1...3).contains(column)))
    }
  }

  @Test("shapes, parameters and fans follow Keras")
  func signature() throws {
    let layer = try Self.layer(["kernel": .integer(5), "stride": .integer(2), "padding": .string("same")])
    let signature = try layer.signature(for: [[7, 12, 4]])
    #expect(signature.outputShape == [4, 6, 4])
    #expect(signature.parameters.map(\.name) == ["kernel", "bias"])
    #expect(signature.parameters[0].shape == [5, 5, 4, 1])
    #expect(signature.parameters[0].fanIn == 100 && signature.parameters[0].fanOut == 25)
  }

  @Test("a shape that cannot be is refused with a sentence")
  func refusals() throws {
    let layer = try Self.layer(["kernel": .integer(5)])
    func message(_ shapes: [Shape]) -> String {
      do {
        _ = try layer.signature(for: shapes)
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(message([[4, 9, 2]]) == "a kernel of 5x5 does not fit into the input of 4x9x2")
    #expect(message([[9]]) == "takes a picture (height x width x channels), but its input is 9")
    #expect(message([]) == "takes one input, but was given 0")
    #expect(throws: LayerError.options("'kernel' must be one integer or a list of two, not of 1")) {
      try Self.layer(["kernel": .list([.integer(3)])])
    }
  }
}
