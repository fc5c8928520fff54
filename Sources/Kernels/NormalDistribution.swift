// The normal distribution function and the slope of GELU, each from one polynomial. `KernelsAVX512` has the same with
// sixteen lanes, operation by operation, so that both give the same bits.

/// The normal distribution function: 1/2 + a p(a^2) with a = x held within 5.2, p a polynomial of degree 14 in
/// u = 2 (a / 5.2)^2 - 1 (a minimax fit; in powers of u the coefficients stay small). Error below 2.3e-7; 0 below -5.2.
/// No exponential and no division: 19 multiply-adds, where those take half as long again.
@inline(__always)
package func normalDistribution8(_ x: Float8) -> Float8 {
  let a = maximum8(Float8(repeating: -5.2), minimum8(Float8(repeating: 5.2), x))
  let u = Float8(repeating: -1).addingProduct(a * a, Float8(repeating: 7.396_449_7e-2))
  var p = Float8(repeating: 2.381_192_899e-4)
  p = Float8(repeating: -5.814_423_203e-4).addingProduct(p, u)
  p = Float8(repeating: 4.788_651_713e-4).addingProduct(p, u)
  p = Float8(repeating: -9.206_460_672e-4).addingProduct(p, u)
  p = Float8(repeating: 2.826_975_426e-3).addingProduct(p, u)
  p = Float8(repeating: -5.133_934_319e-3).addingProduct(p, u)
  p = Float8(repeating: 7.899_126_038e-3).addingProduct(p, u)
  p = Float8(repeating: -1.231_716_014e-2).addingProduct(p, u)
  p = Float8(repeating: 1.817_246_340e-2).addingProduct(p, u)
  p = Float8(repeating: -2.477_281_541e-2).addingProduct(p, u)
  p = Float8(repeating: 3.195_607_290e-2).addingProduct(p, u)
  p = Float8(repeating: -3.992_436_826e-2).addingProduct(p, u)
  p = Float8(repeating: 5.002_644_658e-2).addingProduct(p, u)
  p = Float8(repeating: -6.774_384_528e-2).addingProduct(p, u)
  p = Float8(repeating: 1.359_499_991e-1).addingProduct(p, u)
  return maximum8(Float8(), Float8(repeating: 0.5).addingProduct(a, p))
}

/// The slope of x F(x), F the normal distribution function: 1/2 + a p(a^2) likewise, with a held within 5.7 and a
/// polynomial of degree 16. Error below 2.9e-7.
@inline(__always)
package func geluSlope8(_ x: Float8) -> Float8 {
  let a = maximum8(Float8(repeating: -5.7), minimum8(Float8(repeating: 5.7), x))
  let u = Float8(repeating: -1).addingProduct(a * a, Float8(repeating: 6.155_740_2e-2))
  var p = Float8(repeating: 4.587_576_259e-3)
  p = Float8(repeating: -1.105_371_956e-2).addingProduct(p, u)
  p = Float8(repeating: 4.099_917_132e-3).addingProduct(p, u)
  p = Float8(repeating: -5.584_710_743e-4).addingProduct(p, u)
  p = Float8(repeating: 2.479_547_635e-2).addingProduct(p, u)
  p = Float8(repeating: -4.596_214_369e-2).addingProduct(p, u)
  p = Float8(repeating: 4.553_663_358e-2).addingProduct(p, u)
  p = Float8(repeating: -5.178_532_377e-2).addingProduct(p, u)
  p = Float8(repeating: 6.748_516_858e-2).addingProduct(p, u)
  p = Float8(repeating: -7.326_263_934e-2).addingProduct(p, u)
  p = Float8(repeating: 6.872_172_654e-2).addingProduct(p, u)
  p = Float8(repeating: -6.106_138_229e-2).addingProduct(p, u)
  p = Float8(repeating: 5.326_977_745e-2).addingProduct(p, u)
  p = Float8(repeating: -4.847_315_326e-2).addingProduct(p, u)
  p = Float8(repeating: 5.014_013_872e-2).addingProduct(p, u)
  p = Float8(repeating: -6.292_553_246e-2).addingProduct(p, u)
  p = Float8(repeating: 1.241_652_966e-1).addingProduct(p, u)
  return Float8(repeating: 0.5).addingProduct(a, p)
}
