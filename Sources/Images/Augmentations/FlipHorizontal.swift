import Schemas
import Tensors

public struct FlipHorizontal: Augmentation {
  public static let schema = Schema("flip_horizontal", help: "")
  public init(options: Options) {}
  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {}
}
