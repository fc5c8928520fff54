import Schemas
import Tensors

public struct Cutmix: BatchAugmentation {
  public static let schema = Schema("cutmix", help: "")
  public init(options: Options) {}
  public func apply(_ batch: inout PixelBatch, streams: inout [RandomStream]) {}
}
