/// The largest value of each window, for the output rows `firstRow ..< endRow` of one picture.
public func max_pool_forward(
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
      let window = x + top * rowStride + left * channels
      let out = y + (row * g.outputWidth + column) * channels
      var c = 0
      while c < channels {
        let lanes = min(8, channels - c)
        var best = loadLanes(window + c, lanes)
        for i in 0..<(bottom - top) {
          for j in 0..<(right - left) {
            best = maximum8(loadLanes(window + i * rowStride + j * channels + c, lanes), best)
          }
        }
        storeLanes(best, out + c, lanes)
        c += lanes
      }
      column += 1
    }
    row += 1
  }
}

/// Adds each output gradient of the rows `firstRow ..< endRow` of one picture to the gradient of the first largest
/// value of its window. `dx` must hold zeros, or the sums so far.
public func max_pool_backward(
  _ g: PoolGeometry, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
  firstRow: Int, endRow: Int
) {
  let channels = g.channels
  let rowStride = g.inputWidth * channels
  var row = firstRow
  while row < endRow {
    let (top, bottom) = g.rows(row)
    var column = 0
    while column < g.outputWidth {
      let (left, right) = g.columns(column)
      let offset = top * rowStride + left * channels
      let gradient = dy + (row * g.outputWidth + column) * channels
      var c = 0
      while c < channels {
        let lanes = min(8, channels - c)
        var best = loadLanes(x + offset + c, lanes)
        // Positions in the window are counted in float: exact, and one kind of register.
        var winner = Float8()
        var position: Float = 0
        for i in 0..<(bottom - top) {
          for j in 0..<(right - left) {
            let value = loadLanes(x + offset + i * rowStride + j * channels + c, lanes)
            let wins = value .> best
            best = best.replacing(with: value, where: wins)
            winner = winner.replacing(with: Float8(repeating: position), where: wins)
            position += 1
          }
        }
        let d = loadLanes(gradient + c, lanes)
        position = 0
        for i in 0..<(bottom - top) {
          for j in 0..<(right - left) {
            let target = dx + offset + i * rowStride + j * channels + c
            let share = Float8().replacing(with: d, where: winner .== Float8(repeating: position))
            storeLanes(loadLanes(target, lanes) + share, target, lanes)
            position += 1
          }
        }
        c += lanes
      }
      column += 1
    }
    row += 1
  }
}
