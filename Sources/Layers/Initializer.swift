import Schemas
import Tensors

/// How an array of parameters starts.
public enum Initializer: Equatable, Sendable {
  /// Uniform in +-sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). The default of kernels.
  case glorotUniform
  /// Normal with variance 2 / fanIn (He et al. 2015).
  case heNormal
  /// Uniform in +-sqrt(6 / fanIn) (He et al. 2015).
  case heUniform
  /// Normal with this deviation, whatever the fans. Vision Transformers start with 0.02.
  case normal(Float)
  case constant(Float)

  public static let names = ["glorot_uniform", "he_normal", "he_uniform", "normal", "zeros", "ones"]

  /// - Parameter name: one of `names`.
  public init?(name: String) {
    switch name {
    case "glorot_uniform": self = .glorotUniform
    case "he_normal": self = .heNormal
    case "he_uniform": self = .heUniform
    case "normal": self = .normal(0.02)
    case "zeros": self = .constant(0)
    case "ones": self = .constant(1)
    default: return nil
    }
  }

  /// The option of a layer that says how its kernel starts.
  static let optionSchema = OptionSchema(
    "initializer", .either([.choice(names), .number]), default: .string("glorot_uniform"),
    help: "how the kernel starts; normal: with a deviation of 0.02; a number: with this value everywhere")

  /// - Parameter options: checked against a schema that contains `optionSchema`.
  /// - Throws: `LayerError.options` for a number that is too large.
  init(options: Options) throws {
    switch options["initializer"] {
    case .number(let value)?:
      guard Float(value).isFinite else { throw LayerError.options("'initializer' = \(value) is too large") }
      self = .constant(Float(value))
    case .string(let name)?: self = Initializer(name: name) ?? .glorotUniform
    default: self = .glorotUniform
    }
  }

  /// Writes the starting values of one array; the same key gives the same values.
  ///
  /// - Parameters:
  ///   - fanIn: inputs of one unit, 1 or more.
  ///   - fanOut: units that one input reaches, 1 or more.
  public func fill(_ tensor: Tensor, fanIn: Int, fanOut: Int, key: RandomKey) {
    var stream = RandomStream(key)
    let (pointer, count) = (tensor.pointer, tensor.count)
    switch self {
    case .glorotUniform:
      let limit = (6 / Float(fanIn + fanOut)).squareRoot()
      for i in 0..<count { pointer[i] = stream.uniform(-limit, limit) }
    case .heUniform:
      let limit = (6 / Float(fanIn)).squareRoot()
      for i in 0..<count { pointer[i] = stream.uniform(-limit, limit) }
    case .heNormal:
      let deviation = (2 / Float(fanIn)).squareRoot()
      for i in 0..<count { pointer[i] = deviation * stream.normal() }
    case .normal(let deviation):
      for i in 0..<count { pointer[i] = deviation * stream.normal() }
    case .constant(let value):
      tensor.fill(value)
    }
  }
}
