#if arch(x86_64)
  import CProcessor

  /// `c[6, 32] += sum over lines and pixels of a[line, pixel][6] outer b[line, pixel][32]`, both read in place.
  @inline(never)
  public func outer_6x32_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ walk: UnsafePointer<Int>, _ b: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    var (c00, c01) = (load16(c), load16(c + 16))
    var (c10, c11) = (load16(c + ldc), load16(c + ldc + 16))
    var (c20, c21) = (load16(c + 2 * ldc), load16(c + 2 * ldc + 16))
    var (c30, c31) = (load16(c + 3 * ldc), load16(c + 3 * ldc + 16))
    var (c40, c41) = (load16(c + 4 * ldc), load16(c + 4 * ldc + 16))
    var (c50, c51) = (load16(c + 5 * ldc), load16(c + 5 * ldc + 16))
    let (aPixelStride, aLineStride, bPixelStride, bLineStride) = (walk[0], walk[1], walk[2], walk[3])
    let (lines, pixels) = (walk[4], walk[5])
    var line = b
    var lineOffset = 0
    for _ in 0..<lines {
      var p = line
      var k = lineOffset
      for _ in 0..<pixels {
        let b0 = load16(p)
        let b1 = load16(p + 16)
        p += bPixelStride
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
        k += aPixelStride
      }
      line += bLineStride
      lineOffset += aLineStride
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

  /// `outer_6x32_avx512` for 16 columns. Even and odd pixels have sums of their own, so that twelve run side by side.
  @inline(never)
  public func outer_6x16_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ walk: UnsafePointer<Int>, _ b: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    var (c0, c1, c2) = (load16(c), load16(c + ldc), load16(c + 2 * ldc))
    var (c3, c4, c5) = (load16(c + 3 * ldc), load16(c + 4 * ldc), load16(c + 5 * ldc))
    var (d0, d1, d2, d3, d4, d5) = (W(), W(), W(), W(), W(), W())
    let (aPixelStride, aLineStride, bPixelStride, bLineStride) = (walk[0], walk[1], walk[2], walk[3])
    let (lines, pixels) = (walk[4], walk[5])
    var line = b
    var lineOffset = 0
    for _ in 0..<lines {
      var p = line
      var k = lineOffset
      for _ in 0..<(pixels / 2) {
        let b0 = load16(p)
        let b1 = load16(p + bPixelStride)
        p += 2 * bPixelStride
        let l = processor_opaque(k + aPixelStride)
        c0.addProduct(W(repeating: a0[k]), b0)
        c1.addProduct(W(repeating: a1[k]), b0)
        c2.addProduct(W(repeating: a2[k]), b0)
        c3.addProduct(W(repeating: a3[k]), b0)
        c4.addProduct(W(repeating: a4[k]), b0)
        c5.addProduct(W(repeating: a5[k]), b0)
        d0.addProduct(W(repeating: a0[l]), b1)
        d1.addProduct(W(repeating: a1[l]), b1)
        d2.addProduct(W(repeating: a2[l]), b1)
        d3.addProduct(W(repeating: a3[l]), b1)
        d4.addProduct(W(repeating: a4[l]), b1)
        d5.addProduct(W(repeating: a5[l]), b1)
        k = l + aPixelStride
      }
      if pixels % 2 == 1 {
        let b0 = load16(p)
        c0.addProduct(W(repeating: a0[k]), b0)
        c1.addProduct(W(repeating: a1[k]), b0)
        c2.addProduct(W(repeating: a2[k]), b0)
        c3.addProduct(W(repeating: a3[k]), b0)
        c4.addProduct(W(repeating: a4[k]), b0)
        c5.addProduct(W(repeating: a5[k]), b0)
      }
      line += bLineStride
      lineOffset += aLineStride
    }
    store16(c0 + d0, c)
    store16(c1 + d1, c + ldc)
    store16(c2 + d2, c + 2 * ldc)
    store16(c3 + d3, c + 3 * ldc)
    store16(c4 + d4, c + 4 * ldc)
    store16(c5 + d5, c + 5 * ldc)
  }
#endif
