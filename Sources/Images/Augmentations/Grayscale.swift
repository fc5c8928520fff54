import Kernels
import Schemas
import Tensors

/// Takes the colour out: `0.2989 r + 0.587 g + 0.114 b` in all three channels, as `tf.image.rgb_to_grayscale`.
public struct Grayscale: Augmentation {
  public static let schema = Schema(
    "grayscale", help: "takes the colour out", options: [.probability(default: 0.25)])

  public let probability: Float

  public init(options: Options) {
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    if stream.bool(probability: probability) { grayscale_rgb(image.pointer, image.height * image.width) }
  }
}
