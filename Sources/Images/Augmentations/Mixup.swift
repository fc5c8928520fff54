import Schemas
import Tensors

public struct Mixup: BatchAugmentation {
  public static let schema = Schema("mixup", help: "")
  public init(options: Options) {}
  public func apply(_ batch: inout PixelBatch, streams: inout [RandomStream]) {}
}
