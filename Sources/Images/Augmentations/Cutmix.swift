import Foundation
import Schemas
import Tensors

/// Pastes a rectangle of another picture of the batch over each, and mixes the labels by area (Yun et al. 2019).
///
/// lambda is drawn from Beta(alpha, alpha) for each picture; the rectangle has the picture's proportions, the share
/// 1 - lambda of its area, and a centre that is uniform over it; what lies outside is cut off, and the label's share is
/// what was really pasted.
public struct Cutmix: BatchAugmentation {
  public static let schema = Schema(
    "cutmix", help: "pastes a rectangle of another picture of the batch over each, and mixes the labels by area",
    options: [
      OptionSchema(
        "alpha", .number, default: .number(1), minimum: 0.001, maximum: 1000,
        help: "the share that stays is drawn from Beta(alpha, alpha)"),
      .probability(default: 1),
    ])

  public let alpha: Double
  public let probability: Float

  public init(options: Options) {
    alpha = options.number("alpha")
    probability = Float(options.number("probability"))
  }

  public func apply(_ batch: inout PixelBatch, streams: inout [RandomStream]) {
    let (width, height) = (batch.width, batch.height)
    var partners = Array(0..<batch.count)
    var columns = [Range<Int>](repeating: 0..<0, count: batch.count)
    var rows = columns
    for i in 0..<batch.count where streams[i].bool(probability: probability) {
      let side = (1 - streams[i].beta(alpha)).squareRoot()
      columns[i] = Cutmix.extent(side, of: width, stream: &streams[i])
      rows[i] = Cutmix.extent(side, of: height, stream: &streams[i])
      partners[i] = streams[i].integer(below: batch.count)
    }
    batch.forEachBlock { block in
      let first = block.range.lowerBound / (width * 3)
      let last = block.range.upperBound / (width * 3)
      for i in 0..<batch.count where partners[i] != i {
        for y in rows[i].clamped(to: first..<last) {
          let offset = ((y - first) * width + columns[i].lowerBound) * 3
          (block.pixels(i) + offset).update(
            from: block.original(partners[i]) + offset, count: columns[i].count * 3)
        }
      }
    }
    let shares = zip(columns, rows).map { Float($0.count * $1.count) / Float(width * height) }
    batch.mixLabels(partners: partners, shares: shares)
  }

  private static func extent(_ share: Float, of size: Int, stream: inout RandomStream) -> Range<Int> {
    let length = Int((share * Float(size)).rounded())
    let start = stream.integer(below: size) - length / 2
    return (start..<start + length).clamped(to: 0..<size)
  }
}
