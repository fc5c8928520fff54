import Foundation

/// Random numbers from a counter-based generator: Philox 4x32 with 10 rounds (Salmon et al. 2011).
///
/// The n-th number depends on the key and on n alone.
public struct RandomStream: RandomNumberGenerator, Sendable {
  @usableFromInline let key: (UInt32, UInt32)
  @usableFromInline var counter: UInt64 = 0
  @usableFromInline var block: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  @usableFromInline var used = 4

  public init(_ key: RandomKey) {
    self.key = (UInt32(truncatingIfNeeded: key.bits), UInt32(truncatingIfNeeded: key.bits >> 32))
  }

  /// 32 random bits.
  @inlinable
  public mutating func next32() -> UInt32 {
    if used == 4 {
      let words = (UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), UInt32(0), UInt32(0))
      block = RandomStream.philox(counter: words, key: key)
      counter &+= 1
      used = 0
    }
    defer { used += 1 }
    switch used {
    case 0: return block.0
    case 1: return block.1
    case 2: return block.2
    default: return block.3
    }
  }

  public mutating func next() -> UInt64 { UInt64(next32()) | UInt64(next32()) << 32 }

  /// Uniform in [0, 1), in steps of 2^-24.
  @inlinable
  public mutating func uniform() -> Float { Float(next32() >> 8) * 0x1p-24 }

  /// Uniform from low to high; `high` itself comes only by rounding.
  @inlinable
  public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

  /// Uniform in 0 ..< bound, without bias (Lemire 2019).
  public mutating func integer(below bound: Int) -> Int { Int(next(upperBound: UInt64(bound))) }

  public mutating func bool(probability: Float = 0.5) -> Bool { uniform() < probability }

  /// Standard normal (Box and Muller 1958, the cosine branch).
  public mutating func normal() -> Float {
    let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
    return Float(radius * cos(2 * Double.pi * Double(uniform())))
  }

  /// Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000).
  public mutating func gamma(shape: Double) -> Double {
    if shape < 1 {
      return gamma(shape: shape + 1) * pow(1 - Double(uniform()), 1 / shape)
    }
    let d = shape - 1 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = Double(normal())
      let v = pow(1 + c * x, 3)
      if v > 0, log(1 - Double(uniform())) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }

  /// Beta(alpha, alpha), as mixup draws its weights.
  public mutating func beta(_ alpha: Double) -> Float {
    let a = gamma(shape: alpha)
    let b = gamma(shape: alpha)
    return a + b > 0 ? Float(a / (a + b)) : 0.5
  }

  /// One block of four words: ten rounds, the key raised by Weyl constants between them.
  @inlinable
  package static func philox(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (k0, k1) = key
    var x = counter
    for _ in 0..<10 {
      let a = UInt64(x.0) &* 0xd251_1f53
      let b = UInt64(x.2) &* 0xcd9e_8d57
      x = (
        UInt32(truncatingIfNeeded: b >> 32) ^ x.1 ^ k0, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ x.3 ^ k1, UInt32(truncatingIfNeeded: a)
      )
      k0 &+= 0x9e37_79b9
      k1 &+= 0xbb67_ae85
    }
    return x
  }
}
