import Schemas

/// The hyperbolic tangent.
///
/// Shapes: any -> the same.
public struct Tanh: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema("tanh", help: "The hyperbolic tangent.")

  public let options: Options
  public var activation: Activation { .tanh }

  public init(options: Options) throws { self.options = options }
}
