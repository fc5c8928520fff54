import Kernels
import Schemas
import Tensors

/// Normalises each position over its channels (Ba et al. 2016).
///
/// `y = gamma (x - mean) / sqrt(variance + epsilon) + beta`, with mean and (biased) variance over the last axis.
///
/// Shapes: `[..., channels]` -> the same. Parameters, each `[channels]`: `gamma` (ones) with `scale`, `beta` (zeros) with
/// `center`.
public struct LayerNorm: BuiltInLayer {
  public static let schema = Schema(
    "layer_norm", help: "Normalises each position over its channels.",
    options: [
      OptionSchema(
        "epsilon", .number, default: .number(1e-3), minimum: 0, maximum: 1, help: "Added to the variance."),
      OptionSchema(
        "center", .boolean, default: .boolean(true), help: "Whether a learnt number is added to each channel."),
      OptionSchema(
        "scale", .boolean, default: .boolean(true), help: "Whether each channel is multiplied by a learnt number."),
    ])

  public let options: Options
  public let epsilon: Float
  public let hasGamma: Bool
  public let hasBeta: Bool

  public init(options: Options) throws {
    self.options = options
    epsilon = Float(options.number("epsilon"))
    hasGamma = options.boolean("scale")
    hasBeta = options.boolean("center")
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    guard shape.rank >= 1, shape.channels >= 1 else {
      throw LayerError.inputRank(expected: "a picture or a vector", found: shape)
    }
    let channels = Shape([shape.channels])
    var parameters: [ParameterSpec] = []
    if hasGamma { parameters.append(ParameterSpec("gamma", channels, .constant(1))) }
    if hasBeta { parameters.append(ParameterSpec("beta", channels, .constant(0))) }
    return LayerSignature(outputShape: shape, parameters: parameters, flops: 8 * shape.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation { LayerNormOperation(self, request) }

  /// How many parameters the layer has.
  var parameterCount: Int { (hasGamma ? 1 : 0) + (hasBeta ? 1 : 0) }

  /// Writes gamma and, `aligned(channels)` floats behind, beta: ones and zeros in place of what the layer has not.
  func writeFactors(
    _ parameters: ArraySlice<UnsafeMutablePointer<Float>>, channels: Int, into factors: UnsafeMutablePointer<Float>
  ) {
    var rest = parameters
    let beta = factors + aligned(channels)
    factors.update(repeating: 1, count: aligned(channels))
    beta.update(repeating: 0, count: aligned(channels))
    if hasGamma { factors.update(from: rest.removeFirst(), count: channels) }
    if hasBeta { beta.update(from: rest.removeFirst(), count: channels) }
  }

  /// Normalises each position with factors that `writeFactors` has written. `y` may be `x`.
  func normalise(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, positions: Int, channels: Int,
    factors: UnsafePointer<Float>, statistics: UnsafeMutablePointer<Float>? = nil
  ) {
    layer_norm_forward(
      x, y, positions, channels, gamma: factors, beta: factors + aligned(channels), epsilon: epsilon,
      statistics: statistics)
  }
}
