/// Random numbers that depend on nothing but a key and a counter: the same on every machine and any thread.
///
/// The n-th number is `mix(key + n * golden)`, which is SplitMix64 read at position n.
package struct RandomSource {
  private let key: UInt64
  private var counter: UInt64 = 0

  /// What a source is for: sources of one sheet with different purposes are independent of each other, so that
  /// drawing more of one thing changes nothing else on the sheet.
  package enum Purpose: UInt64 {
    case label = 1
    case group, collection, layout, paper, blemishes, plant, leaves, furniture, text, straps, stains, scanner, grain
  }

  package init(seed: UInt64, index: UInt64, purpose: Purpose) {
    key = Self.mix(Self.mix(Self.mix(seed &+ 0x5EED) ^ index) &+ purpose.rawValue &* 0xD1B5_4A32_D192_ED03)
  }

  private init(key: UInt64) { self.key = key }

  package mutating func next() -> UInt64 {
    counter &+= 1
    return Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A source of its own, independent of what is drawn from this one later.
  package mutating func fork() -> RandomSource { RandomSource(key: next()) }

  /// Uniform in 0 ..< 1, a multiple of 2^-24.
  package mutating func unit() -> Float { Float(Int32(truncatingIfNeeded: next() >> 40)) * 0x1p-24 }

  package mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }

  package mutating func chance(_ probability: Float) -> Bool { unit() < probability }

  /// Uniform in `0 ..< bound`; `bound` at least 1.
  package mutating func integer(below bound: Int) -> Int { Int(((next() >> 32) &* UInt64(max(1, bound))) >> 32) }

  package mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.upperBound - range.lowerBound + 1)
  }

  /// Bell-shaped with mean 0 and deviation 1, within -3.5 ... 3.5: the sum of four uniform numbers.
  package mutating func bell() -> Float {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    return (Float(Int32(truncatingIfNeeded: sum)) * 0x1p-16 - 2) * 1.732
  }

  /// -1 or 1.
  mutating func sign() -> Float { next() >> 63 == 0 ? -1 : 1 }

  mutating func pick<Element>(_ elements: [Element], or fallback: Element) -> Element {
    elements.isEmpty ? fallback : elements[integer(below: elements.count)]
  }

  /// SplitMix64's finisher.
  @inline(__always) static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
