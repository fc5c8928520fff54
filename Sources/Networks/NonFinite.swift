/// The first place where a number was NaN or infinite.
public enum NonFinite: Equatable, Sendable {
  /// The example's place in the batch.
  case pixels(example: Int)
  case parameter(name: String)
  /// `layers` are several where the plan has fused them.
  case output(layers: [String])
  case gradient(parameter: String)
}

extension NonFinite: CustomStringConvertible {
  public var description: String {
    switch self {
    case .pixels(let example): "the pixels of picture \(example + 1) of the batch are not finite"
    case .parameter(let name): "the parameter \(name) is not finite"
    case .output(let layers): "the output of layer \(layers.joined(separator: " + ")) is not finite"
    case .gradient(let parameter): "the gradient of \(parameter) is not finite"
    }
  }
}
