import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("conv2d")
struct Conv2DTests {
  static func layer(_ options: [String: OptionValue]) throws -> Conv2D {
    try Conv2D(options: Options(options, schema: Conv2D.schema))
  }

  /// The options that a golden file's settings name.
  static func goldenLayer(_ golden: Golden) throws -> Conv2D {
    var options: [String: OptionValue] = [:]
    for option in Conv2D.schema.options {
      guard let text = golden.metadata[option.name] else { continue }
      options[option.name] = Int(text).map { .integer($0) } ?? Bool(text).map { .boolean($0) } ?? .string(text)
    }
    return try layer(options)
  }

  @Test("a window of two by two over a picture of three by three, by hand")
  func literal() throws {
    let layer = try Self.layer(["filters": .integer(2), "kernel": .integer(2)])
    let runner = try OperationRunner(layer, inputShapes: [[3, 3, 1]], maximumBatch: 1)
    let result = runner.run(
      inputs: [[1, 2, 3, 4, 5, 6, 7, 8, 9]], parameters: [[1, 0, 0, 1, 0, -1, 1, 0], [10, 0]],
      outputGradient: [1, 0, 0, 0, 0, 0, 0, 1])
    // Filter 0 adds the upper left and the lower right, and 10; filter 1 is the upper right less the lower left.
    #expect(result.output == [16, -2, 18, -2, 22, -2, 24, -2])
    #expect(result.parameterGradients == [[1, 5, 2, 6, 4, 8, 5, 9], [1, 1]])
    #expect(result.inputGradients == [[1, 0, 0, 0, 1, 1, 0, -1, 0]])
  }

  @Test(
    "the golden cases of PyTorch, forward and backward", .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: [
      "conv1x1", "conv2x2_down_odd", "conv3x3_dilated", "conv3x3_groups", "conv3x3_same", "conv3x3_stride2_same",
      "conv4x4_patch", "conv5x5", "conv5x5_rgb",
    ])
  func golden(name: String) throws {
    let golden = try Golden.load("layers/\(name)")
    let layer = try Self.goldenLayer(golden)
    let shape = golden.shape("input")
    var parameters = [golden.values("kernel")]
    if layer.hasBias { parameters.append(golden.values("bias")) }
    for workers in [1, 2] {
      let runner = try OperationRunner(
        layer, inputShapes: [Shape(Array(shape.dropFirst()))], maximumBatch: shape[0], workerCount: workers)
      #expect(runner.signature.outputShape == Shape(Array(golden.shape("output").dropFirst())))
      let result = runner.run(
        inputs: [golden.values("input")], parameters: parameters, outputGradient: golden.values("output_gradient"))
      expectClose(result.output, golden.values("output"), "output")
      expectClose(result.inputGradients[0], golden.values("input_gradient"), "input gradient")
      expectClose(result.parameterGradients[0], golden.values("kernel_gradient"), "kernel gradient")
      if layer.hasBias { expectClose(result.parameterGradients[1], golden.values("bias_gradient"), "bias gradient") }
    }
  }

  static let awkward: [[String: OptionValue]] = [
    ["filters": .integer(5), "kernel": .integer(3), "activation": .string("swish")],
    ["filters": .integer(17), "kernel": .list([.integer(1), .integer(4)]), "padding": .string("same")],
    ["filters": .integer(6), "kernel": .integer(3), "stride": .integer(2), "groups": .integer(3)],
    ["filters": .integer(4), "kernel": .integer(2), "stride": .integer(2), "bias": .boolean(false)],
    ["filters": .integer(3), "kernel": .integer(2), "dilation": .list([.integer(3), .integer(2)])],
    ["filters": .integer(3), "kernel": .integer(3), "stride": .integer(3), "dilation": .integer(2)],
    [
      "filters": .integer(2), "kernel": .integer(3), "padding": .string("same"), "groups": .integer(2),
      "stride": .integer(2),
    ],
    ["filters": .integer(3), "kernel": .integer(1), "stride": .integer(2), "padding": .string("same")],
  ]

  @Test("gradients are the differences of the output", arguments: awkward)
  func gradients(options: [String: OptionValue]) throws {
    let channels = options["groups"] == nil ? 3 : 6
    try checkGradients(
      layer: Self.layer(options), inputShapes: [[9, 7, channels]], inputs: [randomValues(2 * 63 * channels, seed: 3)],
      batch: 2)
  }

  @Test("one and two workers give the same bits", arguments: awkward)
  func workers(options: [String: OptionValue]) throws {
    let layer = try Self.layer(options)
    let inputs = [randomValues(5 * 31 * 23 * 6, seed: 4)]
    let results = try [1, 2].map { workers in
      let runner = try OperationRunner(layer, inputShapes: [[31, 23, 6]], maximumBatch: 5, workerCount: workers)
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
    let layer = try Self.layer(["filters": .integer(9), "kernel": .integer(3), "activation": .string("relu")])
    let runner = try OperationRunner(layer, inputShapes: [[12, 12, 4]], maximumBatch: 4)
    let parameters = runner.initialParameters()
    let input = randomValues(4 * 576, seed: 6)
    let full = runner.run(inputs: [input], parameters: parameters)
    let part = runner.run(inputs: [Array(input.prefix(count * 576))], parameters: parameters, batch: count)
    expectSameBits(part.output, Array(full.output.prefix(count * 900)))
  }

  @Test("an activation behind the layer can be computed with it", arguments: Activation.allCases)
  func activation(_ activation: Activation) throws {
    let plain = try Self.layer(["filters": .integer(6), "kernel": .integer(3)])
    let fused = try Self.layer([
      "filters": .integer(6), "kernel": .integer(3), "activation": .string(activation.rawValue),
    ])
    let request = OperationRequest(inputShapes: [[8, 8, 3]], maximumBatch: 2, isTraining: true)
    let operation = try #require(plain.operation(request, activation: activation))
    #expect(fused.operation(request, activation: activation) == nil)
    let a = OperationRunner(operation, signature: try plain.signature(for: [[8, 8, 3]]), request: request)
    let b = try OperationRunner(fused, inputShapes: [[8, 8, 3]], maximumBatch: 2)
    let inputs = [randomValues(384, seed: 7)]
    let gradient = randomValues(2 * 216, seed: 8)
    let parameters = b.initialParameters()
    let (x, y) = (
      a.run(inputs: inputs, parameters: parameters, outputGradient: gradient),
      b.run(inputs: inputs, parameters: parameters, outputGradient: gradient)
    )
    expectSameBits(x.output, y.output)
    expectSameBits(x.parameterGradients[0], y.parameterGradients[0])
    if activation != .relu && activation != .elu && activation != .selu {
      checkGradients(b, inputs: inputs, parameters: parameters, limit: 12)
    }
  }

  @Test("a kernel that is not trained gets no gradient, and the input still does")
  func frozen() throws {
    let runner = try OperationRunner(
      Self.layer(["filters": .integer(3), "kernel": .integer(2)]), inputShapes: [[4, 4, 2]], maximumBatch: 1)
    let parameters = runner.initialParameters()
    let input = [randomValues(32, seed: 9)]
    let gradient = randomValues(27, seed: 10)
    let all = runner.run(inputs: input, parameters: parameters, outputGradient: gradient)
    let some = runner.run(inputs: input, parameters: parameters, outputGradient: gradient, frozen: [0, 1])
    expectSameBits(all.inputGradients[0], some.inputGradients[0])
  }

  @Test("shapes, parameters and fans follow Keras")
  func signature() throws {
    let layer = try Self.layer(["filters": .integer(8), "kernel": .integer(3), "groups": .integer(2)])
    let signature = try layer.signature(for: [[10, 12, 4]])
    #expect(signature.outputShape == [8, 10, 8])
    #expect(signature.parameters.map(\.name) == ["kernel", "bias"])
    #expect(signature.parameters[0].shape == [3, 3, 2, 8])
    #expect(signature.parameters[0].fanIn == 18 && signature.parameters[0].fanOut == 72)
  }

  @Test("a shape that cannot be is refused with a sentence")
  func refusals() throws {
    let layer = try Self.layer(["filters": .integer(4), "kernel": .integer(5), "groups": .integer(2)])
    func message(_ shapes: [Shape]) -> String {
      do {
        _ = try layer.signature(for: shapes)
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(message([[4, 9, 2]]) == "a kernel of 5x5 does not fit into the input of 4x9x2")
    #expect(message([[9, 9, 3]]) == "input channels (3) cannot be divided by groups (2)")
    #expect(message([[9]]) == "takes a picture [height, width, channels], but its input is 9")
    #expect(message([]) == "takes one input, but was given 0")
    #expect(throws: LayerError.notDivisible(what: "filters", value: 3, by: "groups", divisor: 2)) {
      try Self.layer(["filters": .integer(3), "kernel": .integer(5), "groups": .integer(2)])
    }
    #expect(throws: LayerError.options("'stride' must be one integer or a list of two, not of 3")) {
      try Self.layer([
        "filters": .integer(3), "kernel": .integer(5), "stride": .list([.integer(1), .integer(1), .integer(1)]),
      ])
    }
  }
}
