import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("conv2d with what stands behind it, at inference")
struct FusedConvolutionTests {
  /// Runs layers one after the other, and gives the last output.
  static func chain(_ layers: [(any Layer, [[Float]])], _ input: [Float], _ shape: Shape, batch: Int) throws -> [Float]
  {
    var (values, shape) = (input, shape)
    for (layer, parameters) in layers {
      let runner = try OperationRunner(layer, inputShapes: [shape], maximumBatch: batch, isTraining: false)
      values = runner.run(inputs: [values], parameters: parameters).output
      shape = runner.signature.outputShape
    }
    return values
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var options: [String: OptionValue]
    var hasNorm = true
    var activation: Activation? = .relu
    var pools = true
    var testDescription: String { "\(options) norm \(hasNorm) \(String(describing: activation)) pool \(pools)" }
  }

  static let cases = [
    Case(options: ["filters": .integer(16), "kernel": .integer(5)]),
    Case(options: ["filters": .integer(10), "kernel": .integer(3), "bias": .boolean(false)], activation: .gelu),
    Case(options: ["filters": .integer(7), "kernel": .integer(3), "padding": .string("same")], hasNorm: false),
    Case(
      options: ["filters": .integer(6), "kernel": .integer(3), "stride": .integer(2), "groups": .integer(3)],
      pools: false),
    Case(options: ["filters": .integer(6), "kernel": .integer(2)], activation: nil),
    Case(
      options: ["filters": .integer(6), "kernel": .integer(2), "activation": .string("tanh")], hasNorm: false,
      activation: nil),
  ]

  @Test("one fused operation gives what the layers give one after the other", arguments: cases)
  func equalsChain(_ item: Case) throws {
    let conv = try Conv2DTests.layer(item.options)
    let norm = try BatchNorm(options: Options([:], schema: BatchNorm.schema))
    let pool = try MaxPool(options: Options([:], schema: MaxPool.schema))
    let (shape, batch): (Shape, Int) = ([23, 19, 3], 3)
    let filters = conv.filters
    let convParameters = try OperationRunner(conv, inputShapes: [shape], maximumBatch: 1).signature.parameters
      .enumerated()
      .map { randomValues($1.shape.count, seed: 10 + $0, -0.3, 0.3) }
    let normParameters = (0..<4).map { randomValues(filters, seed: 20 + $0, $0 == 3 ? 0.5 : -1, 2) }
    let input = randomValues(batch * shape.count, seed: 1)

    var layers: [(any Layer, [[Float]])] = [(conv, convParameters)]
    if item.hasNorm { layers.append((norm, normParameters)) }
    if let activation = item.activation {
      layers.append(
        (
          try ActivationLayer(options: Options(["kind": .string(activation.rawValue)], schema: ActivationLayer.schema)),
          []
        ))
    }
    if item.pools { layers.append((pool, [])) }
    let expected = try Self.chain(layers, input, shape, batch: batch)

    for workers in [1, 2] {
      let request = OperationRequest(inputShapes: [shape], maximumBatch: batch, isTraining: false, workerCount: workers)
      let operation = try #require(
        conv.fusedInferenceOperation(
          request, batchNorm: item.hasNorm ? norm : nil, activation: item.activation, pool: item.pools ? pool : nil))
      var signature = try conv.signature(for: [shape])
      if item.pools {
        let out = signature.outputShape
        signature = LayerSignature(outputShape: [out[0] / 2, out[1] / 2, out[2]], parameters: signature.parameters)
      }
      let runner = OperationRunner(operation, signature: signature, request: request)
      let result = runner.run(inputs: [input], parameters: convParameters + (item.hasNorm ? normParameters : []))
      expectClose(result.output, expected, tolerance: 2e-5)
    }
  }

  @Test("what cannot be fused is not")
  func refusals() throws {
    let conv = try Conv2DTests.layer(["filters": .integer(4), "kernel": .integer(3), "activation": .string("relu")])
    let plain = try Conv2DTests.layer(["filters": .integer(4), "kernel": .integer(3)])
    let norm = try BatchNorm(options: Options([:], schema: BatchNorm.schema))
    let wide = try MaxPool(options: Options(["window": .integer(3)], schema: MaxPool.schema))
    let inference = OperationRequest(inputShapes: [[9, 9, 3]], maximumBatch: 1, isTraining: false)
    let training = OperationRequest(inputShapes: [[9, 9, 3]], maximumBatch: 1, isTraining: true)
    #expect(conv.fusedInferenceOperation(inference, batchNorm: norm, activation: nil, pool: nil) == nil)
    #expect(plain.fusedInferenceOperation(inference, batchNorm: nil, activation: nil, pool: wide) == nil)
    #expect(plain.fusedInferenceOperation(training, batchNorm: norm, activation: .relu, pool: nil) == nil)
    #expect(plain.fusedInferenceOperation(inference, batchNorm: norm, activation: .relu, pool: nil) != nil)
  }
}
