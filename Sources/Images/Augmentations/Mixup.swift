import Foundation
import Kernels
import Schemas
import Tensors

/// Blends each picture, and its label, with another of the batch (Zhang et al. 2017).
///
/// `x = lambda * x + (1 - lambda) * partner`, lambda drawn for each picture, the partner drawn from the whole batch
/// with replacement (it may be the picture itself).
public struct Mixup: BatchAugmentation {
  public static let schema = Schema(
    "mixup", help: "blends each picture and its label with another of the batch",
    options: [
      OptionSchema(
        "alpha", .number, default: .number(0.2), minimum: 0.001, maximum: 1000,
        help: "lambda is drawn from Beta(alpha, alpha)"),
      OptionSchema(
        "mode", .choice(["beta", "uniform"]), default: .string("beta"),
        help: "uniform: lambda is uniform in 0 to 1, whatever alpha is"),
      .probability(default: 1),
    ])

  public let alpha: Double
  public let isUniform: Bool
  public let probability: Float

  public init(options: Options) {
    alpha = options.number("alpha")
    isUniform = options.string("mode") == "uniform"
    probability = Float(options.number("probability"))
  }

  public func apply(_ batch: inout PixelBatch, streams: inout [RandomStream]) {
    var partners = Array(0..<batch.count)
    var shares = [Float](repeating: 0, count: batch.count)
    for i in 0..<batch.count where streams[i].bool(probability: probability) {
      shares[i] = 1 - (isUniform ? streams[i].uniform() : streams[i].beta(alpha))
      partners[i] = streams[i].integer(below: batch.count)
    }
    batch.forEachBlock { block in
      for i in 0..<batch.count where partners[i] != i {
        lerp_rows(
          block.original(i), block.original(partners[i]), shares[i], block.pixels(i), block.range.count)
      }
    }
    batch.mixLabels(partners: partners, shares: shares)
  }
}

extension PixelBatch {
  /// The same few pixels of every picture, with a copy of what they were.
  struct Block {
    /// Which floats of a picture.
    let range: Range<Int>
    fileprivate let start: UnsafeMutablePointer<Float>
    fileprivate let pictureSize: Int
    fileprivate let copies: UnsafeMutablePointer<Float>
    fileprivate let blockSize: Int

    func pixels(_ picture: Int) -> UnsafeMutablePointer<Float> { start + picture * pictureSize + range.lowerBound }
    func original(_ picture: Int) -> UnsafeMutablePointer<Float> { copies + picture * blockSize }
  }

  /// Walks over the pictures in blocks of rows, so that mixing needs a copy of a few rows and not of the batch.
  func forEachBlock(_ body: (Block) -> Void) {
    let row = width * 3
    let rows = max(1, 4096 / row)
    let pictureSize = height * row
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * rows * row) { memory in
      guard let copies = memory.baseAddress else { return }
      for y in stride(from: 0, to: height, by: rows) {
        let range = y * row..<min(height, y + rows) * row
        let block = Block(
          range: range, start: pixels, pictureSize: pictureSize, copies: copies, blockSize: rows * row)
        for i in 0..<count { block.original(i).update(from: block.pixels(i), count: range.count) }
        body(block)
      }
    }
  }

  /// `labels[i] = (1 - shares[i]) * labels[i] + shares[i] * labels[partners[i]]`.
  func mixLabels(partners: [Int], shares: [Float]) {
    let originals = Array(UnsafeBufferPointer(start: labels, count: count * classes))
    for i in 0..<count where partners[i] != i {
      for k in 0..<classes {
        labels[i * classes + k] =
          (1 - shares[i]) * originals[i * classes + k] + shares[i] * originals[partners[i] * classes + k]
      }
    }
  }
}
