#if arch(x86_64)
  /// `depthwise_8x8` of `Kernels` in 16 channels.
  @inline(never)
  public func depthwise_8x16_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ a6: UnsafePointer<Float>, _ a7: UnsafePointer<Float>,
    _ window: UnsafePointer<Int>, _ kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>, _ stride: Int
  ) {
    var c0 = W()
    if let bias { c0 = load16(bias) }
    var (c1, c2, c3, c4, c5, c6, c7) = (c0, c0, c0, c0, c0, c0, c0)
    let (rows, columns, rowStride, channels) = (window[0], window[1], window[2], window[3])
    var weights = kernel
    var row = 0
    for _ in 0..<rows {
      var k = row
      for _ in 0..<columns {
        let w = load16(weights)
        weights += channels
        c0.addProduct(load16(a0 + k), w)
        c1.addProduct(load16(a1 + k), w)
        c2.addProduct(load16(a2 + k), w)
        c3.addProduct(load16(a3 + k), w)
        c4.addProduct(load16(a4 + k), w)
        c5.addProduct(load16(a5 + k), w)
        c6.addProduct(load16(a6 + k), w)
        c7.addProduct(load16(a7 + k), w)
        k += channels
      }
      row += rowStride
    }
    store16(c0, y)
    store16(c1, y + stride)
    store16(c2, y + 2 * stride)
    store16(c3, y + 3 * stride)
    store16(c4, y + 4 * stride)
    store16(c5, y + 5 * stride)
    store16(c6, y + 6 * stride)
    store16(c7, y + 7 * stride)
  }

  /// `depthwise_9x8` of `Kernels` in 16 channels.
  @inline(never)
  public func depthwise_9x16_avx512(
    _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
    _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ a6: UnsafePointer<Float>, _ a7: UnsafePointer<Float>,
    _ a8: UnsafePointer<Float>, _ walk: UnsafePointer<Int>, _ dy: UnsafePointer<Float>,
    _ sums: UnsafeMutablePointer<Float>
  ) {
    var (c0, c1, c2, c3, c4, c5, c6, c7, c8) = (W(), W(), W(), W(), W(), W(), W(), W(), W())
    let (pixelStride, lineStride, channels) = (walk[0], walk[1], walk[2])
    let (lines, pixels) = (walk[3], walk[4])
    var gradient = dy
    var line = 0
    for _ in 0..<lines {
      var k = line
      for _ in 0..<pixels {
        let g = load16(gradient)
        gradient += channels
        c0.addProduct(load16(a0 + k), g)
        c1.addProduct(load16(a1 + k), g)
        c2.addProduct(load16(a2 + k), g)
        c3.addProduct(load16(a3 + k), g)
        c4.addProduct(load16(a4 + k), g)
        c5.addProduct(load16(a5 + k), g)
        c6.addProduct(load16(a6 + k), g)
        c7.addProduct(load16(a7 + k), g)
        c8.addProduct(load16(a8 + k), g)
        k += pixelStride
      }
      line += lineStride
    }
    store16(c0, sums)
    store16(c1, sums + 16)
    store16(c2, sums + 32)
    store16(c3, sums + 48)
    store16(c4, sums + 64)
    store16(c5, sums + 80)
    store16(c6, sums + 96)
    store16(c7, sums + 112)
    store16(c8, sums + 128)
  }
#endif
