#if arch(x86_64)
  /// Six neighbouring outputs of a depthwise convolution with a window 7 wide and a step of one pixel, in twice 16
  /// channels. Each input is loaded once for a row of the window, and used for up to 6 outputs.
  ///
  /// - Parameters:
  ///   - x: where the window of the first output starts.
  ///   - window: rows and columns of the window, floats from row to row of the picture, and channels.
  ///   - second: floats from the first 16 channels to the others.
  @inline(never)
  public func depthwise_6x7_avx512(
    _ x: UnsafePointer<Float>, _ window: UnsafePointer<Int>, _ kernel: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, second: Int,
    _ y: UnsafeMutablePointer<Float>
  ) {
    var (c0, d0) = (W(), W())
    if let bias { (c0, d0) = (load16(bias), load16(bias + second)) }
    var (c1, c2, c3, c4, c5) = (c0, c0, c0, c0, c0)
    var (d1, d2, d3, d4, d5) = (d0, d0, d0, d0, d0)
    let (rows, rowStride, channels) = (window[0], window[2], window[3])
    var line = x
    var weights = kernel
    for _ in 0..<rows {
      let (w0, v0) = (load16(weights), load16(weights + second))
      weights += channels
      let (w1, v1) = (load16(weights), load16(weights + second))
      weights += channels
      let (w2, v2) = (load16(weights), load16(weights + second))
      weights += channels
      let (w3, v3) = (load16(weights), load16(weights + second))
      weights += channels
      let (w4, v4) = (load16(weights), load16(weights + second))
      weights += channels
      let (w5, v5) = (load16(weights), load16(weights + second))
      weights += channels
      let (w6, v6) = (load16(weights), load16(weights + second))
      weights += channels
      var p = line
      var a = load16(p)
      var b = load16(p + second)
      p += channels
      c0.addProduct(a, w0)
      d0.addProduct(b, v0)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c1.addProduct(a, w0)
      d1.addProduct(b, v0)
      c0.addProduct(a, w1)
      d0.addProduct(b, v1)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c2.addProduct(a, w0)
      d2.addProduct(b, v0)
      c1.addProduct(a, w1)
      d1.addProduct(b, v1)
      c0.addProduct(a, w2)
      d0.addProduct(b, v2)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c3.addProduct(a, w0)
      d3.addProduct(b, v0)
      c2.addProduct(a, w1)
      d2.addProduct(b, v1)
      c1.addProduct(a, w2)
      d1.addProduct(b, v2)
      c0.addProduct(a, w3)
      d0.addProduct(b, v3)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c4.addProduct(a, w0)
      d4.addProduct(b, v0)
      c3.addProduct(a, w1)
      d3.addProduct(b, v1)
      c2.addProduct(a, w2)
      d2.addProduct(b, v2)
      c1.addProduct(a, w3)
      d1.addProduct(b, v3)
      c0.addProduct(a, w4)
      d0.addProduct(b, v4)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c5.addProduct(a, w0)
      d5.addProduct(b, v0)
      c4.addProduct(a, w1)
      d4.addProduct(b, v1)
      c3.addProduct(a, w2)
      d3.addProduct(b, v2)
      c2.addProduct(a, w3)
      d2.addProduct(b, v3)
      c1.addProduct(a, w4)
      d1.addProduct(b, v4)
      c0.addProduct(a, w5)
      d0.addProduct(b, v5)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c5.addProduct(a, w1)
      d5.addProduct(b, v1)
      c4.addProduct(a, w2)
      d4.addProduct(b, v2)
      c3.addProduct(a, w3)
      d3.addProduct(b, v3)
      c2.addProduct(a, w4)
      d2.addProduct(b, v4)
      c1.addProduct(a, w5)
      d1.addProduct(b, v5)
      c0.addProduct(a, w6)
      d0.addProduct(b, v6)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c5.addProduct(a, w2)
      d5.addProduct(b, v2)
      c4.addProduct(a, w3)
      d4.addProduct(b, v3)
      c3.addProduct(a, w4)
      d3.addProduct(b, v4)
      c2.addProduct(a, w5)
      d2.addProduct(b, v5)
      c1.addProduct(a, w6)
      d1.addProduct(b, v6)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c5.addProduct(a, w3)
      d5.addProduct(b, v3)
      c4.addProduct(a, w4)
      d4.addProduct(b, v4)
      c3.addProduct(a, w5)
      d3.addProduct(b, v5)
      c2.addProduct(a, w6)
      d2.addProduct(b, v6)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c5.addProduct(a, w4)
      d5.addProduct(b, v4)
      c4.addProduct(a, w5)
      d4.addProduct(b, v5)
      c3.addProduct(a, w6)
      d3.addProduct(b, v6)
      a = load16(p)
      b = load16(p + second)
      p += channels
      c5.addProduct(a, w5)
      d5.addProduct(b, v5)
      c4.addProduct(a, w6)
      d4.addProduct(b, v6)
      a = load16(p)
      b = load16(p + second)
      c5.addProduct(a, w6)
      d5.addProduct(b, v6)
      line += rowStride
    }
    var target = y
    store16(c0, target)
    store16(d0, target + second)
    target += channels
    store16(c1, target)
    store16(d1, target + second)
    target += channels
    store16(c2, target)
    store16(d2, target + second)
    target += channels
    store16(c3, target)
    store16(d3, target + second)
    target += channels
    store16(c4, target)
    store16(d4, target + second)
    target += channels
    store16(c5, target)
    store16(d5, target + second)
  }
#endif
