import Schemas
import Tensors

public struct ColourJitter: Augmentation {
  public static let schema = Schema("colour_jitter", help: "")
  public init(options: Options) {}
  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {}
}
