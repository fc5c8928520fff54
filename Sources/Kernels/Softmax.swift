/// y = exp(x - max) / sum of exp(x - max) for each row of `columns` values. `y` may be `x`.
public func softmax_forward(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
) {
  for row in 0..<rows {
    let x = x + row * columns
    let y = y + row * columns
    var peak = -Float.infinity
    var i = 0
    if columns >= 8 {
      var best = load8(x)
      while i + 8 <= columns {
        best = maximum8(load8(x + i), best)
        i += 8
      }
      for lane in 0..<8 where best[lane] > peak { peak = best[lane] }
    }
    while i < columns {
      if x[i] > peak { peak = x[i] }
      i += 1
    }
    var sums = Float8()
    i = 0
    while i < columns {
      let lanes = min(8, columns - i)
      var e = exp8(loadLanes(x + i, lanes) - Float8(repeating: peak))
      storeLanes(e, y + i, lanes)
      for lane in lanes..<8 { e[lane] = 0 }
      sums += e
      i += lanes
    }
    let scale = 1 / sum8(sums)
    scale_vector(scale, y, columns)
  }
}

/// dx = y (dy - sum of y dy) for each row, where `y` is the output of `softmax_forward`. `dx` may be `dy` or `y`.
public func softmax_backward(
  _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, rows: Int, columns: Int
) {
  for row in 0..<rows {
    let y = y + row * columns
    let dy = dy + row * columns
    let dx = dx + row * columns
    var sums = Float8()
    var i = 0
    while i < columns {
      let lanes = min(8, columns - i)
      sums = sums.addingProduct(loadLanes(y + i, lanes), loadLanes(dy + i, lanes))
      i += lanes
    }
    let sum = Float8(repeating: sum8(sums))
    i = 0
    while i < columns {
      let lanes = min(8, columns - i)
      storeLanes(loadLanes(y + i, lanes) * (loadLanes(dy + i, lanes) - sum), dx + i, lanes)
      i += lanes
    }
  }
}
