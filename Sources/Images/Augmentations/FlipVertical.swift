import Schemas
import Tensors

public struct FlipVertical: Augmentation {
  public static let schema = Schema("flip_vertical", help: "")
  public init(options: Options) {}
  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {}
}
