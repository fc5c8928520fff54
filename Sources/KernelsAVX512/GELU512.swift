// GELU on sixteen lanes: the same operations as `NormalDistribution.swift` in `Kernels`, so the same bits.

#if arch(x86_64)
  /// `b` where either is not a number.
  @inline(__always)
  private func maximum16(_ a: W, _ b: W) -> W { b.replacing(with: a, where: a .> b) }

  /// `b` where either is not a number.
  @inline(__always)
  private func minimum16(_ a: W, _ b: W) -> W { b.replacing(with: a, where: a .< b) }

  /// The normal distribution function: 1/2 + a p(a^2) with a = x held within 5.2, p a polynomial of degree 14 in
  /// u = 2 (a / 5.2)^2 - 1 (a minimax fit; in powers of u the coefficients stay small). Error below 2.3e-7; 0 below -5.2.
  /// No exponential and no division: 19 multiply-adds, where those take half as long again.
  @inline(__always)
  private func normalDistribution16(_ x: W) -> W {
    let a = maximum16(W(repeating: -5.2), minimum16(W(repeating: 5.2), x))
    let u = W(repeating: -1).addingProduct(a * a, W(repeating: 7.396_449_7e-2))
    var p = W(repeating: 2.381_192_899e-4)
    p = W(repeating: -5.814_423_203e-4).addingProduct(p, u)
    p = W(repeating: 4.788_651_713e-4).addingProduct(p, u)
    p = W(repeating: -9.206_460_672e-4).addingProduct(p, u)
    p = W(repeating: 2.826_975_426e-3).addingProduct(p, u)
    p = W(repeating: -5.133_934_319e-3).addingProduct(p, u)
    p = W(repeating: 7.899_126_038e-3).addingProduct(p, u)
    p = W(repeating: -1.231_716_014e-2).addingProduct(p, u)
    p = W(repeating: 1.817_246_340e-2).addingProduct(p, u)
    p = W(repeating: -2.477_281_541e-2).addingProduct(p, u)
    p = W(repeating: 3.195_607_290e-2).addingProduct(p, u)
    p = W(repeating: -3.992_436_826e-2).addingProduct(p, u)
    p = W(repeating: 5.002_644_658e-2).addingProduct(p, u)
    p = W(repeating: -6.774_384_528e-2).addingProduct(p, u)
    p = W(repeating: 1.359_499_991e-1).addingProduct(p, u)
    return maximum16(W(), W(repeating: 0.5).addingProduct(a, p))
  }

  /// The slope of x F(x), F the normal distribution function: 1/2 + a p(a^2) likewise, with a held within 5.7 and a
  /// polynomial of degree 16. Error below 2.9e-7.
  @inline(__always)
  private func geluSlope16(_ x: W) -> W {
    let a = maximum16(W(repeating: -5.7), minimum16(W(repeating: 5.7), x))
    let u = W(repeating: -1).addingProduct(a * a, W(repeating: 6.155_740_2e-2))
    var p = W(repeating: 4.587_576_259e-3)
    p = W(repeating: -1.105_371_956e-2).addingProduct(p, u)
    p = W(repeating: 4.099_917_132e-3).addingProduct(p, u)
    p = W(repeating: -5.584_710_743e-4).addingProduct(p, u)
    p = W(repeating: 2.479_547_635e-2).addingProduct(p, u)
    p = W(repeating: -4.596_214_369e-2).addingProduct(p, u)
    p = W(repeating: 4.553_663_358e-2).addingProduct(p, u)
    p = W(repeating: -5.178_532_377e-2).addingProduct(p, u)
    p = W(repeating: 6.748_516_858e-2).addingProduct(p, u)
    p = W(repeating: -7.326_263_934e-2).addingProduct(p, u)
    p = W(repeating: 6.872_172_654e-2).addingProduct(p, u)
    p = W(repeating: -6.106_138_229e-2).addingProduct(p, u)
    p = W(repeating: 5.326_977_745e-2).addingProduct(p, u)
    p = W(repeating: -4.847_315_326e-2).addingProduct(p, u)
    p = W(repeating: 5.014_013_872e-2).addingProduct(p, u)
    p = W(repeating: -6.292_553_246e-2).addingProduct(p, u)
    p = W(repeating: 1.241_652_966e-1).addingProduct(p, u)
    return W(repeating: 0.5).addingProduct(a, p)
  }

  /// `y[i] = x[i] F(x[i])`, F the normal distribution function. `y` may be `x`.
  ///
  /// - Parameter count: a multiple of 16.
  @inline(never)
  public func gelu_avx512(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    var i = 0
    while i < count {
      let v = load16(x + i)
      store16(v * normalDistribution16(v), y + i)
      i += 16
    }
  }

  /// `dx[i] = dy[i] times the slope of GELU at x[i]`. `dx` may be `x` or `dy`.
  ///
  /// - Parameter count: a multiple of 16.
  @inline(never)
  public func gelu_backward_avx512(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var i = 0
    while i < count {
      store16(load16(dy + i) * geluSlope16(load16(x + i)), dx + i)
      i += 16
    }
  }
#endif
