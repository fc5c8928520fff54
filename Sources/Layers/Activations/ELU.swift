import Schemas

/// `y = x` for x > 0, else `exp(x) - 1` (Clevert et al. 2016).
///
/// Shapes: any -> the same.
public struct ELU: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema("elu", help: "x for x > 0, else exp(x) - 1.")

  public let options: Options
  public var activation: Activation { .elu }

  public init(options: Options) throws { self.options = options }
}
