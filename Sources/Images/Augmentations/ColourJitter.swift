import Kernels
import Schemas
import Tensors

/// Changes brightness, contrast, saturation and hue, in random order, each by a random amount.
///
/// The result of each step is clamped to 0 ... 255.
public struct ColourJitter: Augmentation {
  public static let schema = Schema(
    "colour_jitter", help: "changes brightness, contrast, saturation and hue in random order",
    options: [
      OptionSchema(
        "brightness", .number, default: .number(0.2), minimum: 0, maximum: 1,
        help: "adds up to this share of the full range, up or down"),
      OptionSchema(
        "contrast", .number, default: .number(0.2), minimum: 0, maximum: 1,
        help: "multiplies the distance from the mean by 1 - this to 1 + this"),
      OptionSchema(
        "saturation", .number, default: .number(0.2), minimum: 0, maximum: 1,
        help: "multiplies the saturation by 1 - this to 1 + this"),
      OptionSchema(
        "hue", .number, default: .number(0.05), minimum: 0, maximum: 0.5,
        help: "turns the hue by up to this share of the colour circle, either way"),
      .probability(default: 1),
    ])

  public let brightness: Float
  public let contrast: Float
  public let saturation: Float
  public let hue: Float
  public let probability: Float

  public init(options: Options) {
    brightness = Float(options.number("brightness"))
    contrast = Float(options.number("contrast"))
    saturation = Float(options.number("saturation"))
    hue = Float(options.number("hue"))
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    var steps: [ColourChange] = [
      .brightness(stream.uniform(-brightness, brightness)),
      .contrast(stream.uniform(1 - contrast, 1 + contrast)),
      .saturation(stream.uniform(1 - saturation, 1 + saturation)),
      .hue(stream.uniform(-hue, hue)),
    ]
    steps.shuffle(using: &stream)
    for step in steps where !step.changesNothing {
      step.apply(&image)
      clamp_values(image.pointer, 0, 255, image.count)
    }
  }
}

/// One change of colours by a known amount, as `tf.image.adjust_...` does it; the result is not clamped.
public enum ColourChange: Equatable, Sendable {
  /// Adds this share of the full range of 255.
  case brightness(Float)
  /// Multiplies each colour's distance from its mean.
  case contrast(Float)
  /// Multiplies the saturation of HSV, at most to 1.
  case saturation(Float)
  /// Turns the hue of HSV, -0.5 to 0.5 turns.
  case hue(Float)

  public func apply(_ image: inout PixelImage) {
    let count = image.height * image.width
    switch self {
    case .brightness(let share): scale_offset(image.pointer, 1, share * 255, image.count)
    case .contrast(let factor): adjust_contrast_rgb(image.pointer, factor, count)
    case .saturation(let factor): adjust_saturation_rgb(image.pointer, factor, count)
    case .hue(let turns): adjust_hue_rgb(image.pointer, turns, count)
    }
  }

  var changesNothing: Bool {
    switch self {
    case .brightness(let amount), .hue(let amount): amount == 0
    case .contrast(let factor), .saturation(let factor): factor == 1
    }
  }
}
