/// Names one stream of random numbers.
///
/// Every random decision of the workbench is drawn from a stream whose key is derived from what the decision is about
/// (the seed, a purpose, an epoch, a sample), and from nothing else. So it does not matter which thread draws it, in
/// which order, or whether the run was interrupted before.
///
///     let key = RandomKey(seed: 1).deriving("augmentation").deriving(epoch).deriving(sample)
///     var stream = RandomStream(key)
public struct RandomKey: Hashable, Sendable, Codable {
  public let bits: UInt64

  public init(bits: UInt64) { self.bits = bits }

  public init(seed: Int) { bits = RandomKey.mix(UInt64(bitPattern: Int64(seed)) ^ 0x776f_726b_6265_6e63) }

  public func deriving(_ number: Int) -> RandomKey { deriving(UInt64(bitPattern: Int64(number))) }

  public func deriving(_ number: UInt64) -> RandomKey {
    RandomKey(bits: RandomKey.mix(bits &+ 0x9e37_79b9_7f4a_7c15 &* (RandomKey.mix(number) | 1)))
  }

  /// FNV-1a over the UTF-8 bytes, so that the key is the same in every process.
  public func deriving(_ purpose: String) -> RandomKey {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return deriving(hash)
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
