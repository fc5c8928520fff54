import Schemas
import Tensors

/// Blends each picture, and its label, with another of the batch (Zhang et al. 2017).
///
/// `x = lambda * x + (1 - lambda) * partner`, lambda drawn for each picture, the partner drawn from the whole batch
/// with replacement (it may be the picture itself).
public struct Mixup: BatchAugmentation {
  public static let schema = Schema(
    "mixup", help: "blends each picture and its label with another of the batch",
    options: MixingDraw.optionSchemas(alpha: 0.2, mode: "beta") + [.probability(default: 1)])

  private let draw: MixingDraw

  public init(options: Options) { draw = MixingDraw(options: options) }

  public func apply(_ batch: inout PixelBatch, streams: inout [RandomStream]) {
    let pairs = draw.pairs(count: batch.count, streams: &streams)
    batch.blend(pairs)
    batch.mixLabels(partners: pairs.partners, shares: pairs.shares)
  }
}
