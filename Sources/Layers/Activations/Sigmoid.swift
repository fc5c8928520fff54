import Schemas

/// `y = 1 / (1 + exp(-x))`
///
/// Shapes: any -> the same.
public struct Sigmoid: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema("sigmoid", help: "1 / (1 + exp(-x)).")

  public let options: Options
  public var activation: Activation { .sigmoid }

  public init(options: Options) throws { self.options = options }
}
