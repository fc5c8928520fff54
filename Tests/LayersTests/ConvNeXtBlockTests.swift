import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("the fused ConvNeXt block")
struct ConvNeXtBlockTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var shape: Shape
    var kernel = 5
    var expansion = 4
    var bias = false
    var activation: Activation? = .gelu
    var scales = false
    var testDescription: String { "\(shape) kernel \(kernel) x\(expansion) bias \(bias) scale \(scales)" }
  }

  static let cases = [
    Case(shape: [6, 7, 24]), Case(shape: [3, 3, 40], kernel: 7, bias: true, scales: true),
    Case(shape: [1, 1, 3], expansion: 1, activation: nil), Case(shape: [40, 37, 16], kernel: 3, activation: .relu),
    Case(shape: [12, 5, 127], expansion: 4, bias: true, activation: .swish), Case(shape: [2, 2, 7], scales: true),
  ]

  private struct Parts {
    let layers: [(any Layer, [[Float]])]
    let block: ConvNeXtBlock
    let parameters: [[Float]]

    init(_ item: Case) throws {
      let channels = item.shape.channels
      let depthwise = try DepthwiseConv2DTests.layer([
        "kernel": .integer(item.kernel), "padding": .string("same"), "bias": .boolean(item.bias),
      ])
      let norm = try LayerNormTests.layer(["center": .boolean(item.bias)])
      var options: [String: OptionValue] = [
        "filters": .integer(channels * item.expansion), "kernel": .integer(1), "bias": .boolean(item.bias),
      ]
      if let activation = item.activation { options["activation"] = .string(activation.rawValue) }
      let expand = try Conv2DTests.layer(options)
      let smooth = try Conv2DTests.layer([
        "filters": .integer(channels), "kernel": .integer(1), "bias": .boolean(item.bias),
      ])
      let scale = try LayerScale(options: Options([:], schema: LayerScale.schema))
      let kinds: [any Layer] = [depthwise, norm, expand, smooth] + (item.scales ? [scale] : [])
      var (layers, shape) = ([(any Layer, [[Float]])](), item.shape)
      for (index, layer) in kinds.enumerated() {
        let signature = try layer.signature(for: [shape])
        layers.append(
          (
            layer,
            signature.parameters.enumerated().map { randomValues($1.shape.count, seed: 10 * index + $0, -0.5, 0.7) }
          ))
        shape = signature.outputShape
      }
      self.layers = layers
      parameters = layers.flatMap(\.1)
      block = try #require(
        ConvNeXtBlock(
          depthwise: depthwise, norm: norm, expand: expand, activation: nil, smooth: smooth,
          scale: item.scales ? scale : nil))
    }
  }

  @Test("equals its layers one after the other, for any batch and number of workers", arguments: cases)
  func equalsLayers(item: Case) throws {
    let batch = 9
    let parts = try Parts(item)
    let input = randomValues(batch * item.shape.count, seed: 1)
    let branch = try FusedConvolutionTests.chain(parts.layers, input, item.shape, batch: batch)
    let expected = zip(input, branch).map { $0 + $1 }
    var first: [Float]?
    for workers in [1, 2, 3] {
      let request = OperationRequest(
        inputShapes: [item.shape], maximumBatch: batch, isTraining: false, workerCount: workers)
      let specs = parts.parameters.map { ParameterSpec("", [$0.count], .constant(0)) }
      let runner = OperationRunner(
        parts.block.inferenceOperation(request),
        signature: LayerSignature(outputShape: item.shape, parameters: specs), request: request)
      let found = runner.run(inputs: [input], parameters: parts.parameters).output
      expectClose(found, expected, tolerance: 5e-5, "\(workers) workers")
      expectSameBits(found, first ?? found, "\(workers) workers")
      first = found
      let part = runner.run(
        inputs: [Array(input.prefix(2 * item.shape.count))], parameters: parts.parameters, batch: 2)
      expectSameBits(part.output, Array(found.prefix(2 * item.shape.count)), "2 of \(batch)")
    }
  }

  @Test("the golden block", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("layers/convnext_block")
    let norm = try LayerNormTests.layer(["epsilon": .number(1e-5)])
    func conv(_ filters: Int, _ activation: String?) throws -> Conv2D {
      var options: [String: OptionValue] = [
        "filters": .integer(filters), "kernel": .integer(1), "bias": .boolean(false),
      ]
      if let activation { options["activation"] = .string(activation) }
      return try Conv2DTests.layer(options)
    }
    let depthwise = try DepthwiseConv2DTests.layer([
      "kernel": .integer(5), "padding": .string("same"), "bias": .boolean(false),
    ])
    let block = try #require(
      ConvNeXtBlock(
        depthwise: depthwise, norm: norm, expand: conv(96, nil), activation: .gelu, smooth: conv(24, nil), scale: nil))
    let request = OperationRequest(inputShapes: [[6, 7, 24]], maximumBatch: 2, isTraining: false)
    let parameters = ["depthwise", "gamma", "beta", "expand", "smooth"].map { golden.values($0) }
    let specs = parameters.map { ParameterSpec("", [$0.count], .constant(0)) }
    let runner = OperationRunner(
      block.inferenceOperation(request), signature: LayerSignature(outputShape: [6, 7, 24], parameters: specs),
      request: request)
    let found = runner.run(inputs: [golden.values("input")], parameters: parameters).output
    expectClose(found, golden.values("output"))
  }

  @Test("layers that are no such block are refused")
  func refusals() throws {
    let norm = try LayerNormTests.layer()
    let depthwise = try DepthwiseConv2DTests.layer(["kernel": .integer(3), "padding": .string("same")])
    let valid = try DepthwiseConv2DTests.layer(["kernel": .integer(3)])
    let point = try Conv2DTests.layer(["filters": .integer(4), "kernel": .integer(1)])
    let wide = try Conv2DTests.layer(["filters": .integer(4), "kernel": .integer(3), "padding": .string("same")])
    let active = try Conv2DTests.layer([
      "filters": .integer(4), "kernel": .integer(1), "activation": .string("relu"),
    ])
    func block(_ depthwise: DepthwiseConv2D, _ expand: Conv2D, _ smooth: Conv2D, _ activation: Activation? = nil)
      -> ConvNeXtBlock?
    {
      ConvNeXtBlock(
        depthwise: depthwise, norm: norm, expand: expand, activation: activation, smooth: smooth, scale: nil)
    }
    #expect(block(depthwise, active, point) != nil)
    #expect(block(valid, active, point) == nil)
    #expect(block(depthwise, wide, point) == nil)
    #expect(block(depthwise, point, wide) == nil)
    #expect(block(depthwise, point, active) == nil)
    #expect(block(depthwise, active, point, .gelu) == nil)
  }
}
