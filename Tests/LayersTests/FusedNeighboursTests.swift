import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("conv2d between rescaling and layer normalisations, at inference")
struct FusedNeighboursTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var options: [String: OptionValue]
    var rescales = false
    var rescalesChannels = false
    var inputNorm = false
    var outputNorm = false
    var activation: Activation?
    var testDescription: String {
      "\(options) rescale \(rescales) \(rescalesChannels) norms \(inputNorm) \(outputNorm) \(String(describing: activation))"
    }
  }

  static let patches: [String: OptionValue] = [
    "filters": .integer(12), "kernel": .integer(4), "stride": .integer(4), "bias": .boolean(false),
  ]
  static let down: [String: OptionValue] = [
    "filters": .integer(10), "kernel": .integer(2), "stride": .integer(2), "padding": .string("same"),
  ]
  static let wide: [String: OptionValue] = [
    "filters": .integer(9), "kernel": .integer(5), "padding": .string("same"),
  ]
  static let cases = [
    Case(options: patches, rescales: true, outputNorm: true),
    Case(options: patches, rescales: true, activation: .relu),
    Case(options: patches, rescales: true, rescalesChannels: true),
    Case(options: ["filters": .integer(8), "kernel": .integer(3)], rescales: true, rescalesChannels: true),
    Case(options: down, inputNorm: true),
    Case(options: down, inputNorm: true, outputNorm: true, activation: .gelu),
    Case(options: wide, inputNorm: true), Case(options: wide, inputNorm: true, outputNorm: true, activation: .swish),
    Case(options: ["filters": .integer(40), "kernel": .integer(1)], inputNorm: true),
  ]

  @Test(
    "equals the layers one after the other, with any number of workers", arguments: cases, [[37, 30, 3], [8, 9, 7]])
  func equalsLayers(item: Case, size: [Int]) throws {
    let batch = 3
    let shape = Shape(size)
    let conv = try Conv2DTests.layer(item.options)
    func list(_ seed: Int) -> OptionValue { .list(randomValues(size[2], seed: seed).map { .number(Double($0)) }) }
    let rescale = try Rescale(
      options: Options(
        item.rescalesChannels
          ? ["scale": list(40), "offset": list(41)] : ["scale": .number(0.25), "offset": .number(-1)],
        schema: Rescale.schema))
    let norm = try LayerNormTests.layer(["epsilon": .number(1e-2)])
    let bare = try LayerNormTests.layer(["center": .boolean(false)])
    let convParameters = try conv.signature(for: [shape]).parameters.enumerated().map {
      randomValues($1.shape.count, seed: 20 + $0)
    }
    let inputFactors = [randomValues(size[2], seed: 30, 0.5, 2), randomValues(size[2], seed: 31)]
    let outputFactors = [randomValues(conv.filters, seed: 32, 0.5, 2)]
    let input = randomValues(batch * shape.count, seed: 1)

    var layers: [(any Layer, [[Float]])] = []
    if item.rescales { layers.append((rescale, [])) }
    if item.inputNorm { layers.append((norm, inputFactors)) }
    layers.append((conv, convParameters))
    if let activation = item.activation {
      layers.append(
        (
          try ActivationLayer(options: Options(["kind": .string(activation.rawValue)], schema: ActivationLayer.schema)),
          []
        ))
    }
    if item.outputNorm { layers.append((bare, outputFactors)) }
    let expected = try FusedConvolutionTests.chain(layers, input, shape, batch: batch)

    for workers in [1, 2] {
      let request = OperationRequest(inputShapes: [shape], maximumBatch: batch, isTraining: false, workerCount: workers)
      let operation = try #require(
        conv.fusedInferenceOperation(
          request, rescale: item.rescales ? rescale : nil, inputNorm: item.inputNorm ? norm : nil,
          activation: item.activation, outputNorm: item.outputNorm ? bare : nil))
      let runner = OperationRunner(operation, signature: try conv.signature(for: [shape]), request: request)
      let parameters = (item.inputNorm ? inputFactors : []) + convParameters + (item.outputNorm ? outputFactors : [])
      expectClose(runner.run(inputs: [input], parameters: parameters).output, expected, tolerance: 5e-5)
    }
  }

  @Test("rescaling is not folded into a convolution that pads with zeros")
  func padded() throws {
    let rescale = try Rescale(options: Options(["scale": .number(2)], schema: Rescale.schema))
    let request = OperationRequest(inputShapes: [[9, 9, 3]], maximumBatch: 1, isTraining: false)
    #expect(try Conv2DTests.layer(Self.wide).fusedInferenceOperation(request, rescale: rescale) == nil)
    #expect(try Conv2DTests.layer(Self.patches).fusedInferenceOperation(request, rescale: rescale) != nil)
  }
}
