// The innermost loops of depthwise convolution. They validate nothing. What to hold them to: one load for each
// multiply-add and one more for the weights; no call, no spill and no scalar arithmetic in the loop (`objdump -d`).

/// Eight neighbouring outputs of a depthwise convolution in 8 channels: `y[i] = bias + sum over taps of a_i[tap] kernel[tap]`.
///
/// - Parameters:
///   - a0: where the window of the first output starts; the others likewise.
///   - window: rows and columns of the window, floats from row to row of the picture, and channels.
///   - kernel: `[rows, columns, channels]`, at the first of the 8 channels; `bias` likewise, nil adds nothing.
///   - y: where the first output goes, `stride` floats from one to the next.
@inline(never)
func depthwise_8x8(
  _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ a6: UnsafePointer<Float>, _ a7: UnsafePointer<Float>,
  _ window: UnsafePointer<Int>, _ kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
  _ y: UnsafeMutablePointer<Float>, _ stride: Int
) {
  var c0 = V()
  if let bias { c0 = load8(bias) }
  var (c1, c2, c3, c4, c5, c6, c7) = (c0, c0, c0, c0, c0, c0, c0)
  let (rows, columns, rowStride, channels) = (window[0], window[1], window[2], window[3])
  var weights = kernel
  var row = 0
  for _ in 0..<rows {
    var k = row
    for _ in 0..<columns {
      let w = load8(weights)
      weights += channels
      c0.addProduct(load8(a0 + k), w)
      c1.addProduct(load8(a1 + k), w)
      c2.addProduct(load8(a2 + k), w)
      c3.addProduct(load8(a3 + k), w)
      c4.addProduct(load8(a4 + k), w)
      c5.addProduct(load8(a5 + k), w)
      c6.addProduct(load8(a6 + k), w)
      c7.addProduct(load8(a7 + k), w)
      k += channels
    }
    row += rowStride
  }
  store8(c0, y)
  store8(c1, y + stride)
  store8(c2, y + 2 * stride)
  store8(c3, y + 3 * stride)
  store8(c4, y + 4 * stride)
  store8(c5, y + 5 * stride)
  store8(c6, y + 6 * stride)
  store8(c7, y + 7 * stride)
}

/// Nine taps of the kernel gradient in 8 channels: `sums[t] = sum over pixels of a_t[pixel] dy[pixel]`.
///
/// - Parameters:
///   - a0: what the first tap sees at the first pixel; the others likewise.
///   - walk: floats from pixel to pixel and from line to line of the picture, channels of `dy`, lines, pixels of a line.
///   - dy: the output gradient at the first of the 8 channels; lines follow each other without a gap.
///   - sums: 9 rows of 8 floats, 16 floats apart.
@inline(never)
func depthwise_9x8(
  _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ a6: UnsafePointer<Float>, _ a7: UnsafePointer<Float>,
  _ a8: UnsafePointer<Float>, _ walk: UnsafePointer<Int>, _ dy: UnsafePointer<Float>,
  _ sums: UnsafeMutablePointer<Float>
) {
  var (c0, c1, c2, c3, c4, c5, c6, c7, c8) = (V(), V(), V(), V(), V(), V(), V(), V(), V())
  let (pixelStride, lineStride, channels) = (walk[0], walk[1], walk[2])
  let (lines, pixels) = (walk[3], walk[4])
  var gradient = dy
  var line = 0
  for _ in 0..<lines {
    var k = line
    for _ in 0..<pixels {
      let g = load8(gradient)
      gradient += channels
      c0.addProduct(load8(a0 + k), g)
      c1.addProduct(load8(a1 + k), g)
      c2.addProduct(load8(a2 + k), g)
      c3.addProduct(load8(a3 + k), g)
      c4.addProduct(load8(a4 + k), g)
      c5.addProduct(load8(a5 + k), g)
      c6.addProduct(load8(a6 + k), g)
      c7.addProduct(load8(a7 + k), g)
      c8.addProduct(load8(a8 + k), g)
      k += pixelStride
    }
    line += lineStride
  }
  store8(c0, sums)
  store8(c1, sums + 16)
  store8(c2, sums + 32)
  store8(c3, sums + 48)
  store8(c4, sums + 64)
  store8(c5, sums + 80)
  store8(c6, sums + 96)
  store8(c7, sums + 112)
  store8(c8, sums + 128)
}
