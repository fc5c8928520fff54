import Kernels

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

  /// `pixels[i] = (1 - shares[i]) * pixels[i] + shares[i] * pixels[partners[i]]`.
  func blend(_ pairs: MixingDraw.Pairs) {
    forEachBlock { block in
      for i in 0..<count where pairs.partners[i] != i {
        lerp_rows(
          block.original(i), block.original(pairs.partners[i]), pairs.shares[i], block.pixels(i), block.range.count)
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
