import Schemas

/// `y = x/2 (1 + erf(x / sqrt 2))` (Hendrycks and Gimpel 2016), or its tanh form
/// `y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`.
///
/// Shapes: any -> the same.
public struct GELU: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema(
    "gelu", help: "x times the normal distribution function of x.",
    options: [
      OptionSchema("approximate", .boolean, default: .boolean(false), help: "Use the tanh form.")
    ])

  public let options: Options
  public var activation: Activation { options.boolean("approximate") ? .geluTanh : .gelu }

  public init(options: Options) throws { self.options = options }
}
