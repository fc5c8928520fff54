import Schemas
import Tensors

public struct RandomResizedCrop: Augmentation {
  public static let schema = Schema("random_resized_crop", help: "")
  public init(options: Options) {}
  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {}
}
