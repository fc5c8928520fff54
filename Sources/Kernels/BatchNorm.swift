// Arrays are [positions, channels]. Sums over positions run in float32 over blocks that fit into the first-level cache
// and are then added in float64, so that millions of positions lose no precision.

/// Positions whose values are summed in float32 before they are added in float64.
@inline(__always)
func blockPositions(_ channels: Int) -> Int { max(8, 4096 / channels) }

@inline(__always)
func loadLanes(_ p: UnsafePointer<Float>, _ lanes: Int) -> Float8 { lanes == 8 ? load8(p) : loadPartial8(p, lanes) }

@inline(__always)
func storeLanes(_ value: Float8, _ p: UnsafeMutablePointer<Float>, _ lanes: Int) {
  if lanes == 8 { store8(value, p) } else { storePartial8(value, p, lanes) }
}

@inline(__always)
func addLanes(_ value: Float8, _ sums: UnsafeMutablePointer<Double>, _ lanes: Int) {
  for i in 0..<lanes { sums[i] += Double(value[i]) }
}

/// Adds to `sums` and `squares`, for each channel, the sums of `x - shift` and of its square.
///
/// With a `shift` near the mean the variance that follows from them does not cancel.
public func batch_norm_moments(
  _ x: UnsafePointer<Float>, _ positions: Int, _ channels: Int, shift: UnsafePointer<Float>,
  sums: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>
) {
  let block = blockPositions(channels)
  var start = 0
  while start < positions {
    let n = min(block, positions - start)
    var c = 0
    while c + 16 <= channels {
      momentsOf16(x + start * channels + c, n, channels, shift + c, sums + c, squares + c)
      c += 16
    }
    while c < channels {
      let lanes = min(8, channels - c)
      momentsOfLanes(x + start * channels + c, n, channels, lanes, shift + c, sums + c, squares + c)
      c += lanes
    }
    start += n
  }
}

@inline(__always)
private func momentsOf16(
  _ x: UnsafePointer<Float>, _ positions: Int, _ channels: Int, _ shift: UnsafePointer<Float>,
  _ sums: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>
) {
  let s0 = load8(shift)
  let s1 = load8(shift + 8)
  var a0 = Float8()
  var a1 = Float8()
  var a2 = Float8()
  var a3 = Float8()
  var q0 = Float8()
  var q1 = Float8()
  var q2 = Float8()
  var q3 = Float8()
  var p = x
  for _ in 0..<positions / 2 {
    let v0 = load8(p) - s0
    let v1 = load8(p + 8) - s1
    let v2 = load8(p + channels) - s0
    let v3 = load8(p + channels + 8) - s1
    a0 += v0
    a1 += v1
    a2 += v2
    a3 += v3
    q0 = q0.addingProduct(v0, v0)
    q1 = q1.addingProduct(v1, v1)
    q2 = q2.addingProduct(v2, v2)
    q3 = q3.addingProduct(v3, v3)
    p += 2 * channels
  }
  if positions % 2 == 1 {
    let v0 = load8(p) - s0
    let v1 = load8(p + 8) - s1
    a0 += v0
    a1 += v1
    q0 = q0.addingProduct(v0, v0)
    q1 = q1.addingProduct(v1, v1)
  }
  addLanes(a0 + a2, sums, 8)
  addLanes(a1 + a3, sums + 8, 8)
  addLanes(q0 + q2, squares, 8)
  addLanes(q1 + q3, squares + 8, 8)
}

@inline(__always)
private func momentsOfLanes(
  _ x: UnsafePointer<Float>, _ positions: Int, _ channels: Int, _ lanes: Int, _ shift: UnsafePointer<Float>,
  _ sums: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>
) {
  let s = loadLanes(shift, lanes)
  var a = Float8()
  var q = Float8()
  var p = x
  for _ in 0..<positions {
    let v = loadLanes(p, lanes) - s
    a += v
    q = q.addingProduct(v, v)
    p += channels
  }
  addLanes(a, sums, lanes)
  addLanes(q, squares, lanes)
}

/// y = scale x + shift, then max(0, y) with `relu`. `y` may be `x`.
public func batch_norm_normalise(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ positions: Int, _ channels: Int,
  scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, relu: Bool
) {
  if relu {
    normalise(x, y, positions, channels, scale, shift, true)
  } else {
    normalise(x, y, positions, channels, scale, shift, false)
  }
}

@inline(__always)
private func normalise(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ positions: Int, _ channels: Int,
  _ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>, _ relu: Bool
) {
  let block = blockPositions(channels)
  var start = 0
  while start < positions {
    let n = min(block, positions - start)
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let a = loadLanes(scale + c, lanes)
      let b = loadLanes(shift + c, lanes)
      var offset = start * channels + c
      if lanes == 8 {
        for _ in 0..<n {
          store8(rectified(b.addingProduct(load8(x + offset), a), relu), y + offset)
          offset += channels
        }
      } else {
        for _ in 0..<n {
          storePartial8(rectified(b.addingProduct(loadPartial8(x + offset, lanes), a), relu), y + offset, lanes)
          offset += channels
        }
      }
      c += lanes
    }
    start += n
  }
}

@inline(__always)
func rectified(_ value: Float8, _ relu: Bool) -> Float8 { relu ? maximum8(Float8(), value) : value }

/// The gradient that passes the ReLU behind `value`.
@inline(__always)
func masked(_ gradient: Float8, _ value: Float8, _ relu: Bool) -> Float8 {
  relu ? gradient.replacing(with: Float8(), where: value .<= Float8()) : gradient
}
