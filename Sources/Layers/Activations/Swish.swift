import Schemas

/// `y = x sigmoid(x)` (Ramachandran et al. 2017).
///
/// Shapes: any -> the same.
public struct Swish: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema("swish", help: "`x sigmoid(x)`.")

  public let options: Options
  public var activation: Activation { .swish }

  public init(options: Options) throws { self.options = options }
}
