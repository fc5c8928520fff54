/// `y = gamma (x - mean) / sqrt(variance + epsilon) + beta` for each position, over its channels. `y` may be `x`.
///
/// The variance is the mean of the squared distances from the mean, in a second pass over channels that are in the cache.
///
/// - Parameters:
///   - x: `[positions, channels]`.
///   - statistics: nil, or where the mean and the reciprocal deviation of each position are kept, side by side.
public func layer_norm_forward(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ positions: Int, _ channels: Int,
  gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>, epsilon: Float,
  statistics: UnsafeMutablePointer<Float>?
) {
  let whole = channels / 8 * 8
  let rest = channels - whole
  let share = 1 / Float(channels)
  var row = x
  var target = y
  for position in 0..<positions {
    var (s0, s1) = (Float8(), Float8())
    var c = 0
    while c + 16 <= whole {
      s0 += load8(row + c)
      s1 += load8(row + c + 8)
      c += 16
    }
    if c < whole { s0 += load8(row + c) }
    if rest > 0 { s1 += loadPartial8(row + whole, rest) }
    let mean = sum8(s0 + s1) * share

    let center = Float8(repeating: mean)
    var (q0, q1) = (Float8(), Float8())
    c = 0
    while c + 16 <= whole {
      let d0 = load8(row + c) - center
      let d1 = load8(row + c + 8) - center
      q0.addProduct(d0, d0)
      q1.addProduct(d1, d1)
      c += 16
    }
    if c < whole {
      let d = load8(row + c) - center
      q0.addProduct(d, d)
    }
    var squares = sum8(q0 + q1)
    for i in 0..<rest { squares += (row[whole + i] - mean) * (row[whole + i] - mean) }
    let factor = 1 / (squares * share + epsilon).squareRoot()

    let scale = Float8(repeating: factor)
    c = 0
    while c < whole {
      let d = (load8(row + c) - center) * scale
      store8(load8(beta + c).addingProduct(d, load8(gamma + c)), target + c)
      c += 8
    }
    for i in whole..<channels { target[i] = beta[i].addingProduct((row[i] - mean) * factor, gamma[i]) }
    if let statistics {
      statistics[2 * position] = mean
      statistics[2 * position + 1] = factor
    }
    row += channels
    target += channels
  }
}
