import Kernels
import Schemas
import Tensors

/// Changes brightness, contrast, saturation and hue, each by a random amount, in one of the 24 orders.
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
      OptionSchema(
        "order", .either([.choice(["random"]), .list(.choice(ColourJitter.steps))]), default: .string("random"),
        help: "'random': any of the 24 orders; or a list of the steps to make, in their order"),
      .probability(default: 1),
    ])

  /// In the order in which their amounts are drawn.
  private static let steps = ["brightness", "contrast", "saturation", "hue"]

  public let brightness: Float
  public let contrast: Float
  public let saturation: Float
  public let hue: Float
  /// Places in `steps`; nil: drawn for each picture.
  private let order: [Int]?
  public let probability: Float

  /// - Throws: `OptionError` when `order` names a step twice.
  public init(options: Options) throws {
    brightness = Float(options.number("brightness"))
    contrast = Float(options.number("contrast"))
    saturation = Float(options.number("saturation"))
    hue = Float(options.number("hue"))
    order = try ColourJitter.order(options)
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    let changes: [ColourChange] = [
      .brightness(stream.uniform(-brightness, brightness)),
      .contrast(stream.uniform(1 - contrast, 1 + contrast)),
      .saturation(stream.uniform(1 - saturation, 1 + saturation)),
      .hue(stream.uniform(-hue, hue)),
    ]
    for place in order ?? Array(changes.indices).shuffled(using: &stream) where !changes[place].changesNothing {
      changes[place].apply(&image)
      clamp_values(image.pointer, 0, 255, image.count)
    }
  }

  private static func order(_ options: Options) throws -> [Int]? {
    guard case .list(let words)? = options["order"] else { return nil }
    let places = words.compactMap { word in steps.firstIndex { .string($0) == word } }
    guard Set(places).count == places.count else {
      throw OptionError.wrongType(
        owner: options.owner, name: "order", expected: "a list of different steps", found: "a list with one twice")
    }
    return places
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
