/// The mean of each window's positions that lie in the picture, for the output rows `firstRow ..< endRow`.
public func average_pool_forward(
  _ g: PoolGeometry, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, firstRow: Int, endRow: Int
) {
  let channels = g.channels
  let rowStride = g.inputWidth * channels
  var row = firstRow
  while row < endRow {
    let (top, bottom) = g.rows(row)
    var column = 0
    while column < g.outputWidth {
      let (left, right) = g.columns(column)
      let scale = 1 / Float((bottom - top) * (right - left))
      let window = x + top * rowStride + left * channels
      let out = y + (row * g.outputWidth + column) * channels
      var c = 0
      while c < channels {
        let lanes = min(8, channels - c)
        var sum = Float8()
        for i in 0..<(bottom - top) {
          for j in 0..<(right - left) { sum += loadLanes(window + i * rowStride + j * channels + c, lanes) }
        }
        storeLanes(sum * scale, out + c, lanes)
        c += lanes
      }
      column += 1
    }
    row += 1
  }
}

/// Adds each output gradient of the rows `firstRow ..< endRow` in equal shares to its window's positions. `dx` must
/// hold zeros, or the sums so far.
public func average_pool_backward(
  _ g: PoolGeometry, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, firstRow: Int, endRow: Int
) {
  let channels = g.channels
  let rowStride = g.inputWidth * channels
  var row = firstRow
  while row < endRow {
    let (top, bottom) = g.rows(row)
    var column = 0
    while column < g.outputWidth {
      let (left, right) = g.columns(column)
      let scale = 1 / Float((bottom - top) * (right - left))
      let window = dx + top * rowStride + left * channels
      let gradient = dy + (row * g.outputWidth + column) * channels
      var c = 0
      while c < channels {
        let lanes = min(8, channels - c)
        let share = loadLanes(gradient + c, lanes) * scale
        for i in 0..<(bottom - top) {
          for j in 0..<(right - left) {
            let target = window + i * rowStride + j * channels + c
            storeLanes(loadLanes(target, lanes) + share, target, lanes)
          }
        }
        c += lanes
      }
      column += 1
    }
    row += 1
  }
}

/// The mean of each channel over all positions: `x` is `[positions, channels]`.
public func global_average_pool_forward(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, positions: Int, channels: Int
) {
  let scale = 1 / Float(positions)
  var c = 0
  while c < channels {
    let lanes = min(8, channels - c)
    // Sums of rows of 64 positions, added up: short chains keep the rounding small.
    var total = Float8()
    var start = 0
    while start < positions {
      let end = min(positions, start + 64)
      var even = Float8()
      var odd = Float8()
      var p = start
      while p + 1 < end {
        even += loadLanes(x + p * channels + c, lanes)
        odd += loadLanes(x + (p + 1) * channels + c, lanes)
        p += 2
      }
      if p < end { even += loadLanes(x + p * channels + c, lanes) }
      total += even + odd
      start = end
    }
    storeLanes(total * scale, y + c, lanes)
    c += lanes
  }
}

/// Gives each position its equal share of the gradient of the mean.
public func global_average_pool_backward(
  _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, positions: Int, channels: Int
) {
  let scale = 1 / Float(positions)
  for p in 0..<positions {
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      storeLanes(loadLanes(dy + c, lanes) * scale, dx + p * channels + c, lanes)
      c += lanes
    }
  }
}
