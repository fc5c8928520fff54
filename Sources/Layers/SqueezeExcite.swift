import Schemas
import Tensors

/// Weighs channels, positions or both by what the picture shows (Hu et al. 2018; Roy et al. 2018).
///
///     channels: y = x g,        g[c] = sigmoid(activation(mean(x) squeeze) excite)
///     spatial:  y = x s,        s[h, w] = sigmoid(x[h, w] kernel)
///     both:     u = x s + x,    y = u g(u) + x, with g of the mean of u
///
/// Input and output `[height, width, channels]`. Parameters, all without bias and Glorot-uniform: `kernel`
/// `[channels, 1]` unless the mode is `channels`; `squeeze` `[channels, channels / ratio]` and `excite`
/// `[channels / ratio, channels]` unless it is `spatial`.
public struct SqueezeExcite: BuiltInLayer {
  public static let schema = Schema(
    "squeeze_excite", help: "Weighs channels, positions or both by what the picture shows.",
    options: [
      OptionSchema(
        "mode", .choice(Mode.allCases.map(\.rawValue)), default: .string(Mode.channels.rawValue),
        help: "What is weighed."),
      OptionSchema(
        "ratio", .integer, default: .integer(4), minimum: 1, maximum: 65536,
        help: "The channels divided by the units of the hidden layer."),
      OptionSchema(
        "activation", .choice(Activation.allCases.map(\.rawValue)), default: .string(Activation.gelu.rawValue),
        help: "The function of the hidden layer."),
    ])

  public enum Mode: String, CaseIterable, Sendable {
    case channels, spatial, both
  }

  public let options: Options
  public let mode: Mode
  public let ratio: Int
  public let activation: Activation

  public init(options: Options) throws {
    self.options = options
    mode = Mode(rawValue: options.string("mode")) ?? .channels
    ratio = options.integer("ratio")
    activation = Activation(rawValue: options.string("activation")) ?? .gelu
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try onePicture(inputs)
    if shape.count == 0 { throw LayerError.inputRank(expected: "a picture that is not empty", found: shape) }
    let channels = shape[2]
    var parameters: [ParameterSpec] = []
    var flops = 0
    if mode != .channels {
      parameters.append(ParameterSpec("kernel", [channels, 1], .glorotUniform, fanIn: channels, fanOut: 1))
      flops += 3 * shape.count
    }
    if mode != .spatial {
      guard channels % ratio == 0 else {
        throw LayerError.notDivisible(what: "input channels", value: channels, by: "ratio", divisor: ratio)
      }
      let units = channels / ratio
      parameters.append(
        ParameterSpec("squeeze", [channels, units], .glorotUniform, fanIn: channels, fanOut: units))
      parameters.append(ParameterSpec("excite", [units, channels], .glorotUniform, fanIn: units, fanOut: channels))
      flops += 2 * shape.count + 4 * Shape([channels, units]).count
    }
    return LayerSignature(outputShape: shape, parameters: parameters, flops: flops)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation { SqueezeExciteOperation(self, request) }
}
