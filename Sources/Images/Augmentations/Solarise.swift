import Kernels
import Schemas
import Tensors

/// Makes the negative of what is bright: `255 - x` where x is at or above the threshold.
///
/// With an addition, what is darker than the threshold gets brighter instead (`SolarizeAdd` of Cubuk et al. 2019).
public struct Solarise: Augmentation {
  public static let schema = Schema(
    "solarise", help: "makes the negative of what is bright",
    options: [
      OptionSchema(
        "threshold", .either([.number, .list(.number)]), default: .number(0.5), minimum: 0, maximum: 1,
        help: "a share of the full range, or a list of the least and the greatest"),
      OptionSchema(
        "addition", .number, minimum: 0, maximum: 1,
        help: "adds this share of the full range to what is below the threshold, and inverts nothing"),
      .probability(default: 0.5),
    ])

  public let threshold: ClosedRange<Float>
  /// nil: invert.
  public let addition: Float?
  public let probability: Float

  /// - Throws: `OptionError` when `threshold` is a list but not two numbers, the lower one first.
  public init(options: Options) throws {
    if case .list = options["threshold"] {
      threshold = try options.numberRange("threshold")
    } else {
      let number = Float(options.number("threshold"))
      threshold = number...number
    }
    addition = options.optionalNumber("addition").map(Float.init)
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    let level = 255 * stream.uniform(threshold.lowerBound, threshold.upperBound)
    if let addition {
      add_below(image.pointer, level, 255 * addition, image.count)
    } else {
      invert_from(image.pointer, level, image.count)
    }
  }
}
