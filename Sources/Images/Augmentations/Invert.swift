import Kernels
import Schemas
import Tensors

/// Makes the negative: `255 - x`.
public struct Invert: Augmentation {
  public static let schema = Schema("invert", help: "makes the negative", options: [.probability(default: 0.5)])

  public let probability: Float

  public init(options: Options) {
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    if stream.bool(probability: probability) { scale_offset(image.pointer, -1, 255, image.count) }
  }
}
