import Kernels
import Schemas
import Tensors

/// Adds normal noise to every number, its standard deviation drawn for each picture; the sum is clamped to 0 ... 255.
public struct GaussianNoise: Augmentation {
  public static let schema = Schema(
    "gaussian_noise", help: "adds normal noise to every pixel",
    options: [
      OptionSchema(
        "deviation", .list(.number), default: .list([.number(0), .number(0.1)]), minimum: 0, maximum: 1,
        help: "least and greatest standard deviation, as shares of the full range"),
      .probability(default: 1),
    ])

  public let deviation: ClosedRange<Float>
  public let probability: Float

  /// - Throws: `OptionError` when `deviation` is not two numbers, the lower one first.
  public init(options: Options) throws {
    deviation = try options.numberRange("deviation")
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    let amount = 255 * stream.uniform(deviation.lowerBound, deviation.upperBound)
    add_normal_noise(image.pointer, deviation: amount, key: stream.next(), image.pointer, image.count)
    clamp_values(image.pointer, 0, 255, image.count)
  }
}
