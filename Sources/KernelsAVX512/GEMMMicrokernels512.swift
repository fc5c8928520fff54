// The microkernels of `Kernels` for processors with AVX-512, in a module of their own, because it is compiled for these
// instructions. `Kernels` calls them only where the processor has them. What each argument means stands with
// `gemm_6x16` and `outer_6x16` in `Kernels`. `block` points to the five numbers of a `SegmentBlock`, `walk` to those of a
// `PixelWalk`: no type is declared here, because what the compiler makes for a type (its copy function) could be taken
// for the same function of a module that must run everywhere.

#if arch(x86_64)
  import CProcessor

  typealias W = SIMD16<Float>

  @inline(__always)
  func load16(_ p: UnsafePointer<Float>) -> W { UnsafeRawPointer(p).loadUnaligned(as: W.self) }

  @inline(__always)
  func load16(_ p: UnsafeMutablePointer<Float>) -> W { UnsafeRawPointer(p).loadUnaligned(as: W.self) }

  @inline(__always)
  func store16(_ v: W, _ p: UnsafeMutablePointer<Float>) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: W.self) }

  @inline(__always)
  func load8(_ p: UnsafePointer<Float>) -> SIMD8<Float> { UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self) }

  @inline(__always)
  func load8(_ p: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  func store8(_ v: SIMD8<Float>, _ p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: SIMD8<Float>.self)
  }

  @inline(__always)
  func positive(_ x: W) -> W { x.replacing(with: 0, where: x .< 0) }

  @inline(__always)
  func positive(_ x: SIMD8<Float>) -> SIMD8<Float> { x.replacing(with: 0, where: x .< 0) }

  /// `c[6, 32] = start + a[6, depth] b[depth, 32]`, then max(0, .) if `relu`.
  @inline(never)
  public func gemm_6x32_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ block: UnsafePointer<Int>, _ b: UnsafePointer<Float>,
    start: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, relu: Bool
  ) {
    var c00: W, c01: W, c10: W, c11: W, c20: W, c21: W, c30: W, c31: W, c40: W, c41: W, c50: W, c51: W
    if let start {
      c00 = load16(start)
      c01 = load16(start + 16)
      (c10, c11, c20, c21, c30, c31) = (c00, c01, c00, c01, c00, c01)
      (c40, c41, c50, c51) = (c00, c01, c00, c01)
    } else {
      (c00, c01) = (load16(c), load16(c + 16))
      (c10, c11) = (load16(c + ldc), load16(c + ldc + 16))
      (c20, c21) = (load16(c + 2 * ldc), load16(c + 2 * ldc + 16))
      (c30, c31) = (load16(c + 3 * ldc), load16(c + 3 * ldc + 16))
      (c40, c41) = (load16(c + 4 * ldc), load16(c + 4 * ldc + 16))
      (c50, c51) = (load16(c + 5 * ldc), load16(c + 5 * ldc + 16))
    }
    let (outerCount, outerStride, innerCount, innerStride, length) = (block[0], block[1], block[2], block[3], block[4])
    var b = b
    var outerOffset = 0
    for _ in 0..<outerCount {
      var offset = outerOffset
      for _ in 0..<innerCount {
        for k in offset..<(offset + length) {
          let b0 = load16(b)
          let b1 = load16(b + 16)
          b += 32
          var x = W(repeating: a0[k])
          c00.addProduct(x, b0)
          c01.addProduct(x, b1)
          x = W(repeating: a1[k])
          c10.addProduct(x, b0)
          c11.addProduct(x, b1)
          x = W(repeating: a2[k])
          c20.addProduct(x, b0)
          c21.addProduct(x, b1)
          x = W(repeating: a3[k])
          c30.addProduct(x, b0)
          c31.addProduct(x, b1)
          x = W(repeating: a4[k])
          c40.addProduct(x, b0)
          c41.addProduct(x, b1)
          x = W(repeating: a5[k])
          c50.addProduct(x, b0)
          c51.addProduct(x, b1)
        }
        offset += innerStride
      }
      outerOffset += outerStride
    }
    if relu {
      (c00, c01, c10, c11) = (positive(c00), positive(c01), positive(c10), positive(c11))
      (c20, c21, c30, c31) = (positive(c20), positive(c21), positive(c30), positive(c31))
      (c40, c41, c50, c51) = (positive(c40), positive(c41), positive(c50), positive(c51))
    }
    var c = c
    store16(c00, c)
    store16(c01, c + 16)
    c += ldc
    store16(c10, c)
    store16(c11, c + 16)
    c += ldc
    store16(c20, c)
    store16(c21, c + 16)
    c += ldc
    store16(c30, c)
    store16(c31, c + 16)
    c += ldc
    store16(c40, c)
    store16(c41, c + 16)
    c += ldc
    store16(c50, c)
    store16(c51, c + 16)
  }

  /// `gemm_6x32_avx512` for a panel of 16 columns, and for 12 rows: the second six are `next` floats behind the first.
  @inline(never)
  public func gemm_12x16_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, next: Int, _ block: UnsafePointer<Int>,
    _ b: UnsafePointer<Float>, start: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, relu: Bool
  ) {
    let d = c + 6 * ldc
    var c0: W, c1: W, c2: W, c3: W, c4: W, c5: W, d0: W, d1: W, d2: W, d3: W, d4: W, d5: W
    if let start {
      c0 = load16(start)
      (c1, c2, c3, c4, c5) = (c0, c0, c0, c0, c0)
      (d0, d1, d2, d3, d4, d5) = (c0, c0, c0, c0, c0, c0)
    } else {
      (c0, c1, c2) = (load16(c), load16(c + ldc), load16(c + 2 * ldc))
      (c3, c4, c5) = (load16(c + 3 * ldc), load16(c + 4 * ldc), load16(c + 5 * ldc))
      (d0, d1, d2) = (load16(d), load16(d + ldc), load16(d + 2 * ldc))
      (d3, d4, d5) = (load16(d + 3 * ldc), load16(d + 4 * ldc), load16(d + 5 * ldc))
    }
    let (outerCount, outerStride, innerCount, innerStride, length) = (block[0], block[1], block[2], block[3], block[4])
    var b = b
    var outerOffset = 0
    for _ in 0..<outerCount {
      var offset = outerOffset
      for _ in 0..<innerCount {
        for step in offset..<(offset + length) {
          let b0 = load16(b)
          b += 16
          let k = processor_opaque(step)
          c0.addProduct(W(repeating: a0[k]), b0)
          c1.addProduct(W(repeating: a1[k]), b0)
          c2.addProduct(W(repeating: a2[k]), b0)
          c3.addProduct(W(repeating: a3[k]), b0)
          c4.addProduct(W(repeating: a4[k]), b0)
          c5.addProduct(W(repeating: a5[k]), b0)
          let l = processor_opaque(k + next)
          d0.addProduct(W(repeating: a0[l]), b0)
          d1.addProduct(W(repeating: a1[l]), b0)
          d2.addProduct(W(repeating: a2[l]), b0)
          d3.addProduct(W(repeating: a3[l]), b0)
          d4.addProduct(W(repeating: a4[l]), b0)
          d5.addProduct(W(repeating: a5[l]), b0)
        }
        offset += innerStride
      }
      outerOffset += outerStride
    }
    if relu {
      (c0, c1, c2, c3, c4, c5) = (
        positive(c0), positive(c1), positive(c2), positive(c3), positive(c4), positive(c5)
      )
      (d0, d1, d2, d3, d4, d5) = (
        positive(d0), positive(d1), positive(d2), positive(d3), positive(d4), positive(d5)
      )
    }
    store16(c0, c)
    store16(c1, c + ldc)
    store16(c2, c + 2 * ldc)
    store16(c3, c + 3 * ldc)
    store16(c4, c + 4 * ldc)
    store16(c5, c + 5 * ldc)
    store16(d0, d)
    store16(d1, d + ldc)
    store16(d2, d + 2 * ldc)
    store16(d3, d + 3 * ldc)
    store16(d4, d + 4 * ldc)
    store16(d5, d + 5 * ldc)
  }

  /// Runs `count` times 12 independent fused multiply-adds on 16 lanes: what benchmarks compare with.
  @inline(never)
  @discardableResult
  public func fma_peak_avx512(_ count: Int) -> Float {
    let x = W(repeating: 0.999)
    let y = W(repeating: 1e-7)
    var (c0, c1, c2, c3, c4, c5) = (x, x, x, x, x, x)
    var (d0, d1, d2, d3, d4, d5) = (y, y, y, y, y, y)
    for _ in 0..<count {
      c0 = y.addingProduct(c0, x)
      c1 = y.addingProduct(c1, x)
      c2 = y.addingProduct(c2, x)
      c3 = y.addingProduct(c3, x)
      c4 = y.addingProduct(c4, x)
      c5 = y.addingProduct(c5, x)
      d0 = y.addingProduct(d0, x)
      d1 = y.addingProduct(d1, x)
      d2 = y.addingProduct(d2, x)
      d3 = y.addingProduct(d3, x)
      d4 = y.addingProduct(d4, x)
      d5 = y.addingProduct(d5, x)
    }
    return (c0 + c1 + c2 + c3 + c4 + c5 + d0 + d1 + d2 + d3 + d4 + d5).sum()
  }
#endif
