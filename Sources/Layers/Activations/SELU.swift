import Schemas

/// `y = 1.0507 x` for x > 0, else `1.7581 (exp(x) - 1)` (Klambauer et al. 2017).
///
/// Shapes: any -> the same.
public struct SELU: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema("selu", help: "Self-normalising ELU: 1.0507 x for x > 0, else 1.7581 (exp(x) - 1).")

  public let options: Options
  public var activation: Activation { .selu }

  public init(options: Options) throws { self.options = options }
}
