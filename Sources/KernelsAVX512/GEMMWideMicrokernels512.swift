#if arch(x86_64)
  /// `gemm_6x32_avx512` for a panel of 64 columns: two loads for five multiply-adds, where 32 columns need two for three.
  @inline(never)
  public func gemm_6x64_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ block: UnsafePointer<Int>, _ b: UnsafePointer<Float>,
    start: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, relu: Bool
  ) {
    var c00: W, c01: W, c02: W, c03: W
    var c10: W, c11: W, c12: W, c13: W
    var c20: W, c21: W, c22: W, c23: W
    var c30: W, c31: W, c32: W, c33: W
    var c40: W, c41: W, c42: W, c43: W
    var c50: W, c51: W, c52: W, c53: W
    if let start {
      c00 = load16(start)
      c01 = load16(start + 16)
      c02 = load16(start + 32)
      c03 = load16(start + 48)
      (c10, c11, c12, c13) = (c00, c01, c02, c03)
      (c20, c21, c22, c23) = (c00, c01, c02, c03)
      (c30, c31, c32, c33) = (c00, c01, c02, c03)
      (c40, c41, c42, c43) = (c00, c01, c02, c03)
      (c50, c51, c52, c53) = (c00, c01, c02, c03)
    } else {
      var p = c
      (c00, c01, c02, c03) = (load16(p), load16(p + 16), load16(p + 32), load16(p + 48))
      p += ldc
      (c10, c11, c12, c13) = (load16(p), load16(p + 16), load16(p + 32), load16(p + 48))
      p += ldc
      (c20, c21, c22, c23) = (load16(p), load16(p + 16), load16(p + 32), load16(p + 48))
      p += ldc
      (c30, c31, c32, c33) = (load16(p), load16(p + 16), load16(p + 32), load16(p + 48))
      p += ldc
      (c40, c41, c42, c43) = (load16(p), load16(p + 16), load16(p + 32), load16(p + 48))
      p += ldc
      (c50, c51, c52, c53) = (load16(p), load16(p + 16), load16(p + 32), load16(p + 48))
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
          let b2 = load16(b + 32)
          let b3 = load16(b + 48)
          b += 64
          var x = W(repeating: a0[k])
          c00.addProduct(x, b0)
          c01.addProduct(x, b1)
          c02.addProduct(x, b2)
          c03.addProduct(x, b3)
          x = W(repeating: a1[k])
          c10.addProduct(x, b0)
          c11.addProduct(x, b1)
          c12.addProduct(x, b2)
          c13.addProduct(x, b3)
          x = W(repeating: a2[k])
          c20.addProduct(x, b0)
          c21.addProduct(x, b1)
          c22.addProduct(x, b2)
          c23.addProduct(x, b3)
          x = W(repeating: a3[k])
          c30.addProduct(x, b0)
          c31.addProduct(x, b1)
          c32.addProduct(x, b2)
          c33.addProduct(x, b3)
          x = W(repeating: a4[k])
          c40.addProduct(x, b0)
          c41.addProduct(x, b1)
          c42.addProduct(x, b2)
          c43.addProduct(x, b3)
          x = W(repeating: a5[k])
          c50.addProduct(x, b0)
          c51.addProduct(x, b1)
          c52.addProduct(x, b2)
          c53.addProduct(x, b3)
        }
        offset += innerStride
      }
      outerOffset += outerStride
    }
    if relu {
      (c00, c01, c02, c03) = (positive(c00), positive(c01), positive(c02), positive(c03))
      (c10, c11, c12, c13) = (positive(c10), positive(c11), positive(c12), positive(c13))
      (c20, c21, c22, c23) = (positive(c20), positive(c21), positive(c22), positive(c23))
      (c30, c31, c32, c33) = (positive(c30), positive(c31), positive(c32), positive(c33))
      (c40, c41, c42, c43) = (positive(c40), positive(c41), positive(c42), positive(c43))
      (c50, c51, c52, c53) = (positive(c50), positive(c51), positive(c52), positive(c53))
    }
    var c = c
    store16(c00, c)
    store16(c01, c + 16)
    store16(c02, c + 32)
    store16(c03, c + 48)
    c += ldc
    store16(c10, c)
    store16(c11, c + 16)
    store16(c12, c + 32)
    store16(c13, c + 48)
    c += ldc
    store16(c20, c)
    store16(c21, c + 16)
    store16(c22, c + 32)
    store16(c23, c + 48)
    c += ldc
    store16(c30, c)
    store16(c31, c + 16)
    store16(c32, c + 32)
    store16(c33, c + 48)
    c += ldc
    store16(c40, c)
    store16(c41, c + 16)
    store16(c42, c + 32)
    store16(c43, c + 48)
    c += ldc
    store16(c50, c)
    store16(c51, c + 16)
    store16(c52, c + 32)
    store16(c53, c + 48)
  }

  /// `gemm_6x32_avx512` for a panel of 48 columns.
  @inline(never)
  public func gemm_6x48_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ block: UnsafePointer<Int>, _ b: UnsafePointer<Float>,
    start: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, relu: Bool
  ) {
    var c00: W, c01: W, c02: W
    var c10: W, c11: W, c12: W
    var c20: W, c21: W, c22: W
    var c30: W, c31: W, c32: W
    var c40: W, c41: W, c42: W
    var c50: W, c51: W, c52: W
    if let start {
      c00 = load16(start)
      c01 = load16(start + 16)
      c02 = load16(start + 32)
      (c10, c11, c12) = (c00, c01, c02)
      (c20, c21, c22) = (c00, c01, c02)
      (c30, c31, c32) = (c00, c01, c02)
      (c40, c41, c42) = (c00, c01, c02)
      (c50, c51, c52) = (c00, c01, c02)
    } else {
      var p = c
      (c00, c01, c02) = (load16(p), load16(p + 16), load16(p + 32))
      p += ldc
      (c10, c11, c12) = (load16(p), load16(p + 16), load16(p + 32))
      p += ldc
      (c20, c21, c22) = (load16(p), load16(p + 16), load16(p + 32))
      p += ldc
      (c30, c31, c32) = (load16(p), load16(p + 16), load16(p + 32))
      p += ldc
      (c40, c41, c42) = (load16(p), load16(p + 16), load16(p + 32))
      p += ldc
      (c50, c51, c52) = (load16(p), load16(p + 16), load16(p + 32))
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
          let b2 = load16(b + 32)
          b += 48
          var x = W(repeating: a0[k])
          c00.addProduct(x, b0)
          c01.addProduct(x, b1)
          c02.addProduct(x, b2)
          x = W(repeating: a1[k])
          c10.addProduct(x, b0)
          c11.addProduct(x, b1)
          c12.addProduct(x, b2)
          x = W(repeating: a2[k])
          c20.addProduct(x, b0)
          c21.addProduct(x, b1)
          c22.addProduct(x, b2)
          x = W(repeating: a3[k])
          c30.addProduct(x, b0)
          c31.addProduct(x, b1)
          c32.addProduct(x, b2)
          x = W(repeating: a4[k])
          c40.addProduct(x, b0)
          c41.addProduct(x, b1)
          c42.addProduct(x, b2)
          x = W(repeating: a5[k])
          c50.addProduct(x, b0)
          c51.addProduct(x, b1)
          c52.addProduct(x, b2)
        }
        offset += innerStride
      }
      outerOffset += outerStride
    }
    if relu {
      (c00, c01, c02) = (positive(c00), positive(c01), positive(c02))
      (c10, c11, c12) = (positive(c10), positive(c11), positive(c12))
      (c20, c21, c22) = (positive(c20), positive(c21), positive(c22))
      (c30, c31, c32) = (positive(c30), positive(c31), positive(c32))
      (c40, c41, c42) = (positive(c40), positive(c41), positive(c42))
      (c50, c51, c52) = (positive(c50), positive(c51), positive(c52))
    }
    var c = c
    store16(c00, c)
    store16(c01, c + 16)
    store16(c02, c + 32)
    c += ldc
    store16(c10, c)
    store16(c11, c + 16)
    store16(c12, c + 32)
    c += ldc
    store16(c20, c)
    store16(c21, c + 16)
    store16(c22, c + 32)
    c += ldc
    store16(c30, c)
    store16(c31, c + 16)
    store16(c32, c + 32)
    c += ldc
    store16(c40, c)
    store16(c41, c + 16)
    store16(c42, c + 32)
    c += ldc
    store16(c50, c)
    store16(c51, c + 16)
    store16(c52, c + 32)
  }

  /// `gemm_6x32_avx512` for a panel of 24 columns.
  @inline(never)
  public func gemm_6x24_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ block: UnsafePointer<Int>, _ b: UnsafePointer<Float>,
    start: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, relu: Bool
  ) {
    var c00: W, c01: SIMD8<Float>
    var c10: W, c11: SIMD8<Float>
    var c20: W, c21: SIMD8<Float>
    var c30: W, c31: SIMD8<Float>
    var c40: W, c41: SIMD8<Float>
    var c50: W, c51: SIMD8<Float>
    if let start {
      c00 = load16(start)
      c01 = load8(start + 16)
      (c10, c11) = (c00, c01)
      (c20, c21) = (c00, c01)
      (c30, c31) = (c00, c01)
      (c40, c41) = (c00, c01)
      (c50, c51) = (c00, c01)
    } else {
      var p = c
      (c00, c01) = (load16(p), load8(p + 16))
      p += ldc
      (c10, c11) = (load16(p), load8(p + 16))
      p += ldc
      (c20, c21) = (load16(p), load8(p + 16))
      p += ldc
      (c30, c31) = (load16(p), load8(p + 16))
      p += ldc
      (c40, c41) = (load16(p), load8(p + 16))
      p += ldc
      (c50, c51) = (load16(p), load8(p + 16))
    }
    let (outerCount, outerStride, innerCount, innerStride, length) = (block[0], block[1], block[2], block[3], block[4])
    var b = b
    var outerOffset = 0
    for _ in 0..<outerCount {
      var offset = outerOffset
      for _ in 0..<innerCount {
        for k in offset..<(offset + length) {
          let b0 = load16(b)
          let b1 = load8(b + 16)
          b += 24
          var x = W(repeating: a0[k])
          c00.addProduct(x, b0)
          c01.addProduct(x.lowHalf, b1)
          x = W(repeating: a1[k])
          c10.addProduct(x, b0)
          c11.addProduct(x.lowHalf, b1)
          x = W(repeating: a2[k])
          c20.addProduct(x, b0)
          c21.addProduct(x.lowHalf, b1)
          x = W(repeating: a3[k])
          c30.addProduct(x, b0)
          c31.addProduct(x.lowHalf, b1)
          x = W(repeating: a4[k])
          c40.addProduct(x, b0)
          c41.addProduct(x.lowHalf, b1)
          x = W(repeating: a5[k])
          c50.addProduct(x, b0)
          c51.addProduct(x.lowHalf, b1)
        }
        offset += innerStride
      }
      outerOffset += outerStride
    }
    if relu {
      (c00, c01) = (positive(c00), positive(c01))
      (c10, c11) = (positive(c10), positive(c11))
      (c20, c21) = (positive(c20), positive(c21))
      (c30, c31) = (positive(c30), positive(c31))
      (c40, c41) = (positive(c40), positive(c41))
      (c50, c51) = (positive(c50), positive(c51))
    }
    var c = c
    store16(c00, c)
    store8(c01, c + 16)
    c += ldc
    store16(c10, c)
    store8(c11, c + 16)
    c += ldc
    store16(c20, c)
    store8(c21, c + 16)
    c += ldc
    store16(c30, c)
    store8(c31, c + 16)
    c += ldc
    store16(c40, c)
    store8(c41, c + 16)
    c += ldc
    store16(c50, c)
    store8(c51, c + 16)
  }
#endif
