/// The 64-bit checksum of Collet's xxHash (XXH64, seed 0), fed piece by piece. Finds damage, not forgery.
///
/// - Complexity: O(bytes); about 10 GB/s.
public struct XXHash64: Sendable {
  private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

  private var lanes: (UInt64, UInt64, UInt64, UInt64)
  private var tail: [UInt8] = []
  private var length: UInt64 = 0

  public init() {
    lanes = (XXHash64.prime1 &+ XXHash64.prime2, XXHash64.prime2, 0, 0 &- XXHash64.prime1)
    tail.reserveCapacity(64)
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var rest = bytes
    if !tail.isEmpty {
      let missing = min(32 - tail.count, rest.count)
      tail.append(contentsOf: rest[..<missing])
      rest = UnsafeRawBufferPointer(rebasing: rest[missing...])
      if tail.count < 32 { return }
      let block = tail
      block.withUnsafeBytes { consume($0) }
      tail.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~31
    consume(UnsafeRawBufferPointer(rebasing: rest[..<whole]))
    tail.append(contentsOf: rest[whole...])
  }

  public mutating func update(_ text: some StringProtocol) {
    var text = String(text)
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  public var digest: UInt64 {
    var hash: UInt64
    if length >= 32 {
      hash =
        rotate(lanes.0, 1) &+ rotate(lanes.1, 7) &+ rotate(lanes.2, 12) &+ rotate(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ round(0, lane)) &* XXHash64.prime1 &+ XXHash64.prime4
      }
    } else {
      hash = XXHash64.prime5
    }
    hash &+= length
    tail.withUnsafeBytes { bytes in
      var i = 0
      while i + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self))
        hash = rotate(hash ^ round(0, word), 27) &* XXHash64.prime1 &+ XXHash64.prime4
        i += 8
      }
      if i + 4 <= bytes.count {
        let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt32.self))
        hash = rotate(hash ^ (UInt64(word) &* XXHash64.prime1), 23) &* XXHash64.prime2 &+ XXHash64.prime3
        i += 4
      }
      while i < bytes.count {
        hash = rotate(hash ^ (UInt64(bytes[i]) &* XXHash64.prime5), 11) &* XXHash64.prime1
        i += 1
      }
    }
    hash = (hash ^ (hash >> 33)) &* XXHash64.prime2
    hash = (hash ^ (hash >> 29)) &* XXHash64.prime3
    return hash ^ (hash >> 32)
  }

  /// Sixteen lower-case hexadecimal digits.
  public var hexDigest: String {
    let digits = String(digest, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    var (a, b, c, d) = lanes
    var i = 0
    while i < bytes.count {
      a = round(a, UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i, as: UInt64.self)))
      b = round(b, UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i &+ 8, as: UInt64.self)))
      c = round(c, UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i &+ 16, as: UInt64.self)))
      d = round(d, UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i &+ 24, as: UInt64.self)))
      i &+= 32
    }
    lanes = (a, b, c, d)
  }

  @inline(__always)
  private func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotate(lane &+ word &* XXHash64.prime2, 31) &* XXHash64.prime1
  }

  @inline(__always)
  private func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
}
