// Batch normalisation, ReLU and 2x2 max pooling in one pass. Each call works on one row of windows:
//
//     upper:  x[0] x[1] | x[2] x[3] | ...      one picture row, [width, channels]
//     lower:  x[0] x[1] | x[2] x[3] | ...      the next one
//     y:        y[0]    |   y[1]    | ...      [windows, channels]
//
// The winner of a window is the first largest normalised value in row-major order.

/// Windows whose inputs (2 x 2 positions each) fill about half of the first-level cache.
@inline(__always)
private func blockWindows(_ channels: Int) -> Int { max(4, 1024 / channels) }

/// y = max over each window of (scale x + shift), then max(0, y) with `relu`.
public func batch_norm_pool_forward(
  upper: UnsafePointer<Float>, lower: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, windows: Int,
  channels: Int, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, relu: Bool
) {
  let block = blockWindows(channels)
  var start = 0
  while start < windows {
    let n = min(block, windows - start)
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let a = loadLanes(scale + c, lanes)
      let b = loadLanes(shift + c, lanes)
      var u = upper + 2 * start * channels + c
      var l = lower + 2 * start * channels + c
      var o = y + start * channels + c
      if lanes == 8 {
        for _ in 0..<n {
          let m0 = maximum8(b.addingProduct(load8(u), a), b.addingProduct(load8(u + channels), a))
          let m1 = maximum8(b.addingProduct(load8(l), a), b.addingProduct(load8(l + channels), a))
          store8(rectified(maximum8(m0, m1), relu), o)
          u += 2 * channels
          l += 2 * channels
          o += channels
        }
      } else {
        for _ in 0..<n {
          let w = Window(upper: u, lower: l, channels, lanes, a, b)
          storePartial8(rectified(w.maximum, relu), o, lanes)
          u += 2 * channels
          l += 2 * channels
          o += channels
        }
      }
      c += lanes
    }
    start += n
  }
}

/// Adds to `sums` and `products`, for each channel, the sums of g and of g (x - mean) over the windows, where g is `dy`
/// at the winner, unless `relu` holds it back.
public func batch_norm_pool_gradient_sums(
  upper: UnsafePointer<Float>, lower: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, windows: Int, channels: Int,
  terms: BatchNormGradientTerms, relu: Bool, sums: UnsafeMutablePointer<Double>,
  products: UnsafeMutablePointer<Double>
) {
  let block = blockWindows(channels)
  var start = 0
  while start < windows {
    let n = min(block, windows - start)
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      if lanes == 8 {
        poolSums(
          upper + 2 * start * channels + c, lower + 2 * start * channels + c, dy + start * channels + c, n, channels, 8,
          ChannelTerms(terms, c, 8), relu, sums + c, products + c)
      } else {
        poolSums(
          upper + 2 * start * channels + c, lower + 2 * start * channels + c, dy + start * channels + c, n, channels,
          lanes, ChannelTerms(terms, c, lanes), relu, sums + c, products + c)
      }
      c += lanes
    }
    start += n
  }
}

@inline(__always)
private func poolSums(
  _ upper: UnsafePointer<Float>, _ lower: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ windows: Int,
  _ channels: Int, _ lanes: Int, _ t: ChannelTerms, _ relu: Bool, _ sums: UnsafeMutablePointer<Double>,
  _ products: UnsafeMutablePointer<Double>
) {
  var u = upper
  var l = lower
  var d = dy
  var a = Float8()
  var q = Float8()
  // Without a ReLU everything passes.
  let floor = Float8(repeating: relu ? 0 : -.infinity)
  for _ in 0..<windows {
    let w = Window(upper: u, lower: l, channels, lanes, t.scale, t.shift)
    let g = loadLanes(d, lanes).replacing(with: Float8(), where: w.maximum .<= floor)
    a += g
    q = q.addingProduct(g, w.winner - t.mean)
    u += 2 * channels
    l += 2 * channels
    d += channels
  }
  addLanes(a, sums, lanes)
  addLanes(q, products, lanes)
}

/// dx = scale g - offset - slope (x - mean) for all four positions of each window. `dxUpper` and `dxLower` may be
/// `upper` and `lower`.
public func batch_norm_pool_input_gradient(
  upper: UnsafePointer<Float>, lower: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  dxUpper: UnsafeMutablePointer<Float>, dxLower: UnsafeMutablePointer<Float>, windows: Int, channels: Int,
  terms: BatchNormGradientTerms, relu: Bool
) {
  let block = blockWindows(channels)
  var start = 0
  while start < windows {
    let n = min(block, windows - start)
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let at = 2 * start * channels + c
      if lanes == 8 {
        poolInputGradient(
          upper + at, lower + at, dy + start * channels + c, dxUpper + at, dxLower + at, n, channels, 8,
          ChannelTerms(terms, c, 8), relu)
      } else {
        poolInputGradient(
          upper + at, lower + at, dy + start * channels + c, dxUpper + at, dxLower + at, n, channels, lanes,
          ChannelTerms(terms, c, lanes), relu)
      }
      c += lanes
    }
    start += n
  }
}

@inline(__always)
private func poolInputGradient(
  _ upper: UnsafePointer<Float>, _ lower: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dxUpper: UnsafeMutablePointer<Float>, _ dxLower: UnsafeMutablePointer<Float>, _ windows: Int, _ channels: Int,
  _ lanes: Int, _ t: ChannelTerms, _ relu: Bool
) {
  let floor = Float8(repeating: relu ? 0 : -.infinity)
  let zero = Float8()
  var at = 0
  var d = dy
  for _ in 0..<windows {
    let w = Window(upper: upper + at, lower: lower + at, channels, lanes, t.scale, t.shift)
    let g = loadLanes(d, lanes).replacing(with: zero, where: w.maximum .<= floor)
    let m = w.maximum
    // Each takes the gradient if it is the maximum, and leaves nothing to those behind it.
    let is0 = w.n0 .== m
    let g0 = zero.replacing(with: g, where: is0)
    let rest1 = g.replacing(with: zero, where: is0)
    let is1 = w.n1 .== m
    let g1 = zero.replacing(with: rest1, where: is1)
    let rest2 = rest1.replacing(with: zero, where: is1)
    let is2 = w.n2 .== m
    let g2 = zero.replacing(with: rest2, where: is2)
    let g3 = rest2.replacing(with: zero, where: is2)
    storeLanes(t.inputGradient(w.x0, g0), dxUpper + at, lanes)
    storeLanes(t.inputGradient(w.x1, g1), dxUpper + at + channels, lanes)
    storeLanes(t.inputGradient(w.x2, g2), dxLower + at, lanes)
    storeLanes(t.inputGradient(w.x3, g3), dxLower + at + channels, lanes)
    at += 2 * channels
    d += channels
  }
}

/// The four positions of one window, before and after normalisation.
private struct Window {
  let x0, x1, x2, x3: Float8
  let n0, n1, n2, n3: Float8

  @inline(__always)
  init(
    upper: UnsafePointer<Float>, lower: UnsafePointer<Float>, _ channels: Int, _ lanes: Int, _ scale: Float8,
    _ shift: Float8
  ) {
    x0 = loadLanes(upper, lanes)
    x1 = loadLanes(upper + channels, lanes)
    x2 = loadLanes(lower, lanes)
    x3 = loadLanes(lower + channels, lanes)
    n0 = shift.addingProduct(x0, scale)
    n1 = shift.addingProduct(x1, scale)
    n2 = shift.addingProduct(x2, scale)
    n3 = shift.addingProduct(x3, scale)
  }

  @inline(__always)
  var maximum: Float8 { maximum8(maximum8(n0, n1), maximum8(n2, n3)) }

  /// The input at the first largest normalised value.
  @inline(__always)
  var winner: Float8 {
    let m01 = maximum8(n0, n1)
    let x01 = x0.replacing(with: x1, where: n1 .> n0)
    let m23 = maximum8(n2, n3)
    let x23 = x2.replacing(with: x3, where: n3 .> n2)
    return x01.replacing(with: x23, where: m23 .> m01)
  }
}
