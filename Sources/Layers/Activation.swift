import Kernels

/// Functions of one number that layers can apply to their output.
public enum Activation: String, CaseIterable, Sendable, Codable {
  /// max(0, x)
  case relu
  /// x for x > 0, else exp(x) - 1 (Clevert et al. 2016)
  case elu
  /// 1.0507... * (x for x > 0, else 1.6732... (exp(x) - 1)) (Klambauer et al. 2017)
  case selu
  /// x/2 (1 + erf(x / sqrt 2)), exact (Hendrycks and Gimpel 2016)
  case gelu
  /// The tanh approximation of `gelu`
  case geluTanh = "gelu_tanh"
  /// x sigmoid(x) (Ramachandran et al. 2017)
  case swish
  /// 1 / (1 + exp(-x))
  case sigmoid
  case tanh
}

extension Activation {
  /// The kernel that computes it.
  public var kernel: ActivationKernel {
    switch self {
    case .relu: .relu
    case .elu: .elu
    case .selu: .selu
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .swish: .swish
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    }
  }
}

/// A layer that can compute an activation which stands behind it in the network with its own output.
public protocol ActivationTaking: Layer {
  /// Both as one operation; nil when the layer has an activation already.
  func operation(_ request: OperationRequest, activation: Activation) -> (any Operation)?
}
