/// y[i] = x[i] + deviation z[i], z standard normal. `y` may be `x`.
///
/// z comes from Philox 4x32-10 blocks (Salmon et al. 2011) with this key, through the transformation of Box and Muller
/// (1958). Of the 32 numbers from eight blocks, number `8 k + lane` is made of block `lane`: for k = 0 and 1 the cosine
/// and the sine branch of its first two words, for k = 2 and 3 of the others.
public func add_normal_noise(
  _ x: UnsafePointer<Float>, deviation: Float, key: UInt64, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  var counter: UInt64 = 0
  while i < count {
    let words = philox8(counter: counter, key: key)
    let first = normalPair8(words.0, words.1)
    let second = normalPair8(words.2, words.3)
    addNoise(x, first.cosine, deviation, y, i, count)
    addNoise(x, first.sine, deviation, y, i + 8, count)
    addNoise(x, second.cosine, deviation, y, i + 16, count)
    addNoise(x, second.sine, deviation, y, i + 24, count)
    counter &+= 8
    i += 32
  }
}

@inline(__always)
private func addNoise(
  _ x: UnsafePointer<Float>, _ z: Float8, _ deviation: Float, _ y: UnsafeMutablePointer<Float>, _ i: Int, _ count: Int
) {
  if i + 8 <= count {
    store8(load8(x + i) + z * deviation, y + i)
  } else if i < count {
    let lanes = count - i
    storePartial8(loadPartial8(x + i, lanes) + z * deviation, y + i, lanes)
  }
}

private typealias Words = SIMD8<UInt32>

/// The blocks `counter` to `counter + 7`, a lane each.
@inline(__always)
private func philox8(counter: UInt64, key: UInt64) -> (Words, Words, Words, Words) {
  var (x0, x1, x2, x3) = (Words(), Words(), Words(), Words())
  for lane in 0..<8 {
    let value = counter &+ UInt64(lane)
    x0[lane] = UInt32(truncatingIfNeeded: value)
    x1[lane] = UInt32(truncatingIfNeeded: value >> 32)
  }
  var k0 = UInt32(truncatingIfNeeded: key)
  var k1 = UInt32(truncatingIfNeeded: key >> 32)
  for _ in 0..<10 {
    let a = wideProduct8(x0, 0xd251_1f53)
    let b = wideProduct8(x2, 0xcd9e_8d57)
    (x0, x1, x2, x3) = (b.high ^ x1 ^ k0, b.low, a.high ^ x3 ^ k1, a.low)
    k0 &+= 0x9e37_79b9
    k1 &+= 0xbb67_ae85
  }
  return (x0, x1, x2, x3)
}

/// The 64 bits of each product, the even lanes' and the odd lanes' computed apart as AVX2 does.
@inline(__always)
private func wideProduct8(_ x: Words, _ factor: UInt32) -> (high: Words, low: Words) {
  let low32 = SIMD4<UInt64>(repeating: 0xffff_ffff)
  let pairs = unsafeBitCast(x, to: SIMD4<UInt64>.self)
  let wide = SIMD4<UInt64>(repeating: UInt64(factor))
  let even = (pairs & low32) &* wide
  let odd = (pairs &>> 32) &* wide
  return (
    unsafeBitCast((even &>> 32) | (odd & ~low32), to: Words.self),
    unsafeBitCast((even & low32) | (odd &<< 32), to: Words.self)
  )
}

/// Two standard normals from two words each: sqrt(-2 ln u) cos(2 pi v) and sqrt(-2 ln u) sin(2 pi v).
@inline(__always)
private func normalPair8(_ a: Words, _ b: Words) -> (cosine: Float8, sine: Float8) {
  // The upper 23 bits as a float in [1, 2): its conversion needs no instruction.
  let one = Words(repeating: 0x3f80_0000)
  // 2 - that is in (0, 1], so that the logarithm is finite.
  let u = Float8(repeating: 2) - unsafeBitCast((a &>> 9) | one, to: Float8.self)
  // v in [-1/2, 1/2): a turn around zero.
  let v = unsafeBitCast((b &>> 9) | one, to: Float8.self) - Float8(repeating: 1.5)
  let radius = squareRoot8(log8(u) * Float8(repeating: -2))
  let (sine, cosine) = sinCosTurn8(v)
  return (radius * cosine, radius * sine)
}

/// ln(x) for normal positive x, to 2 units in the last place near 1 and relative elsewhere: Cephes' polynomial for
/// sqrt(1/2) <= m < sqrt 2, x = 2^e m.
@inline(__always)
package func log8(_ x: Float8) -> Float8 {
  let bits = unsafeBitCast(x, to: SIMD8<UInt32>.self)
  // Adding the distance from sqrt(1/2) to 1 carries into the exponent where the mantissa is above sqrt 2.
  let shifted = bits &+ SIMD8<UInt32>(repeating: 0x3f80_0000 - 0x3f35_04f3)
  let exponentBits = shifted &>> 23
  // An integer below 2^23 becomes a float by setting the exponent of 2^23.
  let exponent =
    unsafeBitCast(exponentBits | SIMD8<UInt32>(repeating: 0x4b00_0000), to: Float8.self)
    - Float8(repeating: 8_388_608 + 127)
  let mantissa = unsafeBitCast(
    (shifted & SIMD8<UInt32>(repeating: 0x007f_ffff)) &+ SIMD8<UInt32>(repeating: 0x3f35_04f3), to: Float8.self)
  let z = mantissa - Float8(repeating: 1)
  var p = Float8(repeating: 7.037_683_6e-2)
  p = Float8(repeating: -1.151_461_0e-1).addingProduct(p, z)
  p = Float8(repeating: 1.167_699_9e-1).addingProduct(p, z)
  p = Float8(repeating: -1.242_014_1e-1).addingProduct(p, z)
  p = Float8(repeating: 1.424_932_3e-1).addingProduct(p, z)
  p = Float8(repeating: -1.666_805_8e-1).addingProduct(p, z)
  p = Float8(repeating: 2.000_071_5e-1).addingProduct(p, z)
  p = Float8(repeating: -2.499_999_4e-1).addingProduct(p, z)
  p = Float8(repeating: 3.333_333_1e-1).addingProduct(p, z)
  let square = z * z
  var y = p * z * square
  y = y.addingProduct(exponent, Float8(repeating: -2.121_944_4e-4))
  y = y.addingProduct(square, Float8(repeating: -0.5))
  return (z + y).addingProduct(exponent, Float8(repeating: 0.693_359_375))
}

/// sin(2 pi v) and cos(2 pi v) for v in [-1/2, 1/2], absolute error below 1e-6.
///
/// By the half angle h = pi v in [-pi/2, pi/2], sin and cos of h by Taylor polynomials:
/// sin 2h = 2 sin h cos h, cos 2h = 1 - 2 sin^2 h.
@inline(__always)
package func sinCosTurn8(_ v: Float8) -> (sine: Float8, cosine: Float8) {
  let h = v * Float8(repeating: 3.141_592_65)
  let z = h * h
  var s = Float8(repeating: -2.505_210_8e-8)
  s = Float8(repeating: 2.755_731_9e-6).addingProduct(s, z)
  s = Float8(repeating: -1.984_127_0e-4).addingProduct(s, z)
  s = Float8(repeating: 8.333_333_3e-3).addingProduct(s, z)
  s = Float8(repeating: -1.666_666_7e-1).addingProduct(s, z)
  s = h.addingProduct(s * z, h)
  var c = Float8(repeating: 2.087_675_7e-9)
  c = Float8(repeating: -2.755_731_9e-7).addingProduct(c, z)
  c = Float8(repeating: 2.480_158_7e-5).addingProduct(c, z)
  c = Float8(repeating: -1.388_888_9e-3).addingProduct(c, z)
  c = Float8(repeating: 4.166_666_7e-2).addingProduct(c, z)
  c = Float8(repeating: -0.5).addingProduct(c, z)
  c = Float8(repeating: 1).addingProduct(c, z)
  return ((s * c) * Float8(repeating: 2), Float8(repeating: 1) - s * s * Float8(repeating: 2))
}
