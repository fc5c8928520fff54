import Kernels
import Schemas
import Tensors

/// Mirrors top and bottom, with a probability.
public struct FlipVertical: Augmentation {
  public static let schema = Schema(
    "flip_vertical", help: "mirrors top and bottom", options: [.probability(default: 0.5)])

  public let probability: Float

  public init(options: Options) {
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    if stream.bool(probability: probability) {
      flip_rows_rgb(image.pointer, width: image.width, height: image.height)
    }
  }
}
