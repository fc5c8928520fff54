/// The difference hash of a picture: 64 bits that stay nearly the same when it is resized or compressed again.
///
/// Shrunk to 9 x 8 and made gray, a bit is set where a pixel's right neighbour is brighter; row by row, the first bit
/// the highest.
public func differenceHash(_ picture: Picture) -> UInt64 { 0 }

/// In how many bits two hashes differ; near-duplicates differ in few (up to about 5).
public func hammingDistance(_ a: UInt64, _ b: UInt64) -> Int { (a ^ b).nonzeroBitCount }
