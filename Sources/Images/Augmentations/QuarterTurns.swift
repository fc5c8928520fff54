import Schemas
import Tensors

public struct QuarterTurns: Augmentation {
  public static let schema = Schema("quarter_turns", help: "")
  public init(options: Options) {}
  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {}
}
