import Schemas

/// `y = max(0, x)`
///
/// Shapes: any -> the same.
public struct ReLU: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema("relu", help: "`max(0, x)`.")

  public let options: Options
  public var activation: Activation { .relu }

  public init(options: Options) throws { self.options = options }
}
