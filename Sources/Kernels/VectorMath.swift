// Elementary functions on eight floats at once. Written so that they compile to straight vector code: no `.rounded`,
// no conversion between float and integer vectors, both of which fall apart into scalar loops.

/// Eight floats: one AVX register.
package typealias Float8 = SIMD8<Float>

@inline(__always)
package func load8(_ p: UnsafePointer<Float>) -> Float8 {
  UnsafeRawPointer(p).loadUnaligned(as: Float8.self)
}

@inline(__always)
package func load8(_ p: UnsafeMutablePointer<Float>) -> Float8 {
  UnsafeRawPointer(p).loadUnaligned(as: Float8.self)
}

@inline(__always)
package func store8(_ value: Float8, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: value, as: Float8.self)
}

/// The first `count` (0 ... 7) floats, then zeros.
@inline(__always)
package func loadPartial8(_ p: UnsafePointer<Float>, _ count: Int) -> Float8 {
  var value = Float8()
  for i in 0..<count { value[i] = p[i] }
  return value
}

/// Writes the first `count` (0 ... 7) floats.
@inline(__always)
package func storePartial8(_ value: Float8, _ p: UnsafeMutablePointer<Float>, _ count: Int) {
  for i in 0..<count { p[i] = value[i] }
}

/// The larger of each pair; `b` where either is not a number.
@inline(__always)
package func maximum8(_ a: Float8, _ b: Float8) -> Float8 { b.replacing(with: a, where: a .> b) }

/// The smaller of each pair; `b` where either is not a number.
@inline(__always)
package func minimum8(_ a: Float8, _ b: Float8) -> Float8 { b.replacing(with: a, where: a .< b) }

/// Lanes added in a fixed order.
@inline(__always)
package func sum8(_ v: Float8) -> Float {
  let half = v.lowHalf + v.highHalf
  let quarter = half.lowHalf + half.highHalf
  return quarter[0] + quarter[1]
}

/// exp(x) to 2 units in the last place; clamped to the range of normal numbers; not-a-number stays.
///
/// x = n ln 2 + r, exp(x) = 2^n exp(r), the polynomial of Cephes for |r| <= ln 2 / 2.
@inline(__always)
package func exp8(_ x: Float8) -> Float8 {
  let clamped = maximum8(Float8(repeating: -87.33), minimum8(Float8(repeating: 88.37), x))
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
  let magic = Float8(repeating: 12_582_912)
  let shifted = magic.addingProduct(clamped, Float8(repeating: 1.442_695_04))
  let n = shifted - magic
  let r = clamped.addingProduct(n, Float8(repeating: -0.693_359_375)).addingProduct(
    n, Float8(repeating: 2.121_944_4e-4))
  var p = Float8(repeating: 1.987_569_15e-4)
  p = Float8(repeating: 1.398_199_95e-3).addingProduct(p, r)
  p = Float8(repeating: 8.333_451_9e-3).addingProduct(p, r)
  p = Float8(repeating: 4.166_579_6e-2).addingProduct(p, r)
  p = Float8(repeating: 1.666_666_55e-1).addingProduct(p, r)
  p = Float8(repeating: 0.5).addingProduct(p, r)
  let fraction = (Float8(repeating: 1) + r).addingProduct(p, r * r)
  let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23
  let one = SIMD8<Int32>(repeating: 0x3f80_0000)
  return fraction * unsafeBitCast(exponent &+ one, to: Float8.self)
}

/// tanh(x) to 3 units in the last place: the rational approximation of Eigen (degree 13 over degree 6).
@inline(__always)
package func tanh8(_ x: Float8) -> Float8 {
  let c = maximum8(Float8(repeating: -7.905_311), minimum8(Float8(repeating: 7.905_311), x))
  let z = c * c
  var p = Float8(repeating: -2.760_768_5e-16)
  p = Float8(repeating: 2.000_187_9e-13).addingProduct(p, z)
  p = Float8(repeating: -8.604_671_5e-11).addingProduct(p, z)
  p = Float8(repeating: 5.122_297_1e-8).addingProduct(p, z)
  p = Float8(repeating: 1.485_722_35e-5).addingProduct(p, z)
  p = Float8(repeating: 6.372_619_3e-4).addingProduct(p, z)
  p = Float8(repeating: 4.893_524_6e-3).addingProduct(p, z)
  var q = Float8(repeating: 1.198_258_4e-6)
  q = Float8(repeating: 1.185_347_06e-4).addingProduct(q, z)
  q = Float8(repeating: 2.268_434_6e-3).addingProduct(q, z)
  q = Float8(repeating: 4.893_525_2e-3).addingProduct(q, z)
  return c * p / q
}

/// 1 / (1 + exp(-x))
@inline(__always)
package func sigmoid8(_ x: Float8) -> Float8 {
  let one = Float8(repeating: 1)
  return one / (one + exp8(-x))
}

/// The square root of each number from 0 up, within one unit in the last place; 0 for 0. Below the normal numbers it
/// is only small.
///
/// Swift's `SIMD8.squareRoot()` compiles to eight scalar roots with a branch each. Here: the well-known first guess of
/// 1 / sqrt(x) from the bits, two steps of Newton's, and one of Heron's on the root itself.
@inline(__always)
package func squareRoot8(_ x: Float8) -> Float8 {
  let half = x * 0.5
  let guess = SIMD8<UInt32>(repeating: 0x5f37_59df) &- (unsafeBitCast(x, to: SIMD8<UInt32>.self) &>> 1)
  var y = unsafeBitCast(guess, to: Float8.self)
  y *= Float8(repeating: 1.5) - half * y * y
  y *= Float8(repeating: 1.5) - half * y * y
  let root = x * y
  return root.addingProduct(y * 0.5, x - root * root)
}
