import Schemas
import Tensors

public struct Cutout: Augmentation {
  public static let schema = Schema("cutout", help: "")
  public init(options: Options) {}
  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {}
}
