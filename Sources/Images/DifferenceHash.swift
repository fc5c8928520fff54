/// The difference hash of a picture: 64 bits that stay nearly the same when it is resized or compressed again.
///
/// Shrunk to 9 x 8 and made gray, a bit is set where a pixel's right neighbour is brighter; row by row, the first bit
/// the highest.
public func differenceHash(_ picture: Picture) -> UInt64 {
  picture.pixels.withUnsafeBufferPointer { pixels in
    pixels.baseAddress.map { differenceHash($0, width: picture.width, height: picture.height) } ?? 0
  }
}

/// The same of `[height, width, 3]` bytes.
func differenceHash(_ source: UnsafePointer<UInt8>, width sourceWidth: Int, height sourceHeight: Int) -> UInt64 {
  let (width, height) = (9, 8)
  let small = Preprocessing(height: height, width: width)
  return withUnsafeTemporaryAllocation(of: Float.self, capacity: small.count) { pixels in
    guard let base = pixels.baseAddress else { return 0 }
    small.read(pixels: source, width: sourceWidth, height: sourceHeight, into: base)
    // The luma of Rec. 601, in whole numbers so that equal pixels stay equal.
    func gray(_ x: Int, _ y: Int) -> Int {
      let i = (y * width + x) * 3
      return 299 * Int(pixels[i]) + 587 * Int(pixels[i + 1]) + 114 * Int(pixels[i + 2])
    }
    var hash: UInt64 = 0
    for y in 0..<height {
      for x in 0..<(width - 1) { hash = hash << 1 | (gray(x + 1, y) > gray(x, y) ? 1 : 0) }
    }
    return hash
  }
}

/// In how many bits two hashes differ; near-duplicates differ in few (up to about 5).
public func hammingDistance(_ a: UInt64, _ b: UInt64) -> Int { (a ^ b).nonzeroBitCount }
