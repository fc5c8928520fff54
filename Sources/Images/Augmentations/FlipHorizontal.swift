import Kernels
import Schemas
import Tensors

/// Mirrors left and right, with a probability.
public struct FlipHorizontal: Augmentation {
  public static let schema = Schema(
    "flip_horizontal", help: "mirrors left and right", options: [.probability(default: 0.5)])

  public let probability: Float

  public init(options: Options) {
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    if stream.bool(probability: probability) {
      flip_columns_rgb(image.pointer, width: image.width, height: image.height)
    }
  }
}

extension OptionSchema {
  static func probability(default value: Double) -> OptionSchema {
    OptionSchema(
      "probability", .number, default: .number(value), minimum: 0, maximum: 1,
      help: "how often a picture is changed, 0 to 1")
  }
}
