import Images

/// Finds hashes that differ from another in few bits, without looking at all of them.
///
/// The 64 bits are dealt out to four bands. Of two hashes that differ in at most d bits, one band differs in at most d / 4:
/// so each hash is looked up under its own bands and under those that differ from them so little (multi-index hashing,
/// Norouzi, Punjani and Fleet 2012).
///
///     bit    63 62 61 60 59 ...  2  1  0
///     band    3  2  1  0  3 ...  2  1  0     dealt, not cut: a flat part of a picture empties no band
///
/// Memory: 16 bytes a hash, fewer than 2^29 of them, and a megabyte.
/// - Complexity: of n hashes that look random, about n / 16384 comparisons a query for distances up to 3; for 4 to 7
///   seventeen times that, for 8 to 11 137 times. Never more than n.
struct NearHashes {
  /// The largest distance that is not better searched one by one.
  static let maximumDistance = 15

  private static let bandCount = 4
  private static let bandValues = 1 << 16

  private let hashes: [UInt64]
  private let distance: Int
  /// Bits of a band that may differ, all choices of them.
  private let masks: [Int]
  /// Of each band and value: where its members begin in `members`, and at last where they end.
  private let starts: [Int32]
  /// Places in `hashes`, one band behind the other.
  private let members: [Int32]

  /// - Parameter hashes: no two equal, fewer than 2^29.
  init(_ hashes: [UInt64], maximumDistance: Int) {
    self.hashes = hashes
    distance = maximumDistance
    let radius = maximumDistance / NearHashes.bandCount
    let masks = (0..<NearHashes.bandValues).filter { $0.nonzeroBitCount <= radius }
    let lookups = masks.count * NearHashes.bandCount
    // Few hashes are compared sooner than looked up.
    if lookups >= hashes.count {
      self.masks = []
      starts = []
      members = []
      return
    }
    self.masks = masks
    var starts = [Int32](repeating: 0, count: NearHashes.bandCount * NearHashes.bandValues + 1)
    for hash in hashes {
      for band in 0..<NearHashes.bandCount { starts[NearHashes.slot(of: hash, band: band) + 1] += 1 }
    }
    for slot in 1..<starts.count { starts[slot] += starts[slot - 1] }
    var next = starts
    var members = [Int32](repeating: 0, count: NearHashes.bandCount * hashes.count)
    for (place, hash) in hashes.enumerated() {
      for band in 0..<NearHashes.bandCount {
        let slot = NearHashes.slot(of: hash, band: band)
        members[Int(next[slot])] = Int32(place)
        next[slot] += 1
      }
    }
    self.starts = starts
    self.members = members
  }

  /// Calls `body` with the place of each hash at most the maximum distance away, itself included, once, in no order.
  func forEach(near hash: UInt64, _ body: (_ place: Int, _ distance: Int) -> Void) {
    if masks.isEmpty {
      for (place, other) in hashes.enumerated() {
        let found = hammingDistance(hash, other)
        if found <= distance { body(place, found) }
      }
      return
    }
    let radius = distance / NearHashes.bandCount
    hashes.withUnsafeBufferPointer { hashes in
      starts.withUnsafeBufferPointer { starts in
        members.withUnsafeBufferPointer { members in
          for band in 0..<NearHashes.bandCount {
            let slot = NearHashes.slot(of: hash, band: band)
            for mask in masks {
              for entry in Int(starts[slot ^ mask])..<Int(starts[(slot ^ mask) + 1]) {
                let place = Int(members[entry])
                let difference = hash ^ hashes[place]
                if difference.nonzeroBitCount > distance { continue }
                // One that an earlier band finds was found there.
                let isKnown = (0..<band).contains {
                  NearHashes.value(of: difference, band: $0).nonzeroBitCount <= radius
                }
                if !isKnown { body(place, difference.nonzeroBitCount) }
              }
            }
          }
        }
      }
    }
  }

  /// The place of a band's value among all values of all bands.
  private static func slot(of hash: UInt64, band: Int) -> Int {
    band * bandValues + value(of: hash, band: band)
  }

  /// Every fourth bit from `band` on, side by side.
  private static func value(of hash: UInt64, band: Int) -> Int {
    var bits = hash >> UInt64(band) & 0x1111_1111_1111_1111
    bits = (bits | bits >> 3) & 0x0303_0303_0303_0303
    bits = (bits | bits >> 6) & 0x000f_000f_000f_000f
    bits = (bits | bits >> 12) & 0x0000_00ff_0000_00ff
    return Int((bits | bits >> 24) & 0xffff)
  }
}
