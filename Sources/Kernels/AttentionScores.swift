// What attention does with a block of scores `[rows, columns]`, a row for each query and a column for each key. The
// products around it are matrix products.

/// `p = exp(scale s - peak)` in place, with the peak of each row; the rows are not divided by their sums yet.
///
/// - Parameters:
///   - scores: `[rows, columns]`, columns 1 or more.
///   - statistics: gets the peak and the reciprocal sum of each row, side by side.
public func attention_exponentials(
  _ scores: UnsafeMutablePointer<Float>, scale: Float, statistics: UnsafeMutablePointer<Float>, rows: Int, columns: Int
) {
  let factor = Float8(repeating: scale)
  let whole = columns / 8 * 8
  let rest = columns - whole
  for row in 0..<rows {
    let s = scores + row * columns
    var peak = -Float.infinity
    if whole > 0 {
      var (m0, m1) = (load8(s), load8(s))
      var i = 0
      while i + 16 <= whole {
        m0 = maximum8(load8(s + i), m0)
        m1 = maximum8(load8(s + i + 8), m1)
        i += 16
      }
      if i < whole { m0 = maximum8(load8(s + i), m0) }
      m0 = maximum8(m0, m1)
      for lane in 0..<8 where m0[lane] > peak { peak = m0[lane] }
    }
    for i in whole..<columns where s[i] > peak { peak = s[i] }
    peak *= scale

    let offset = Float8(repeating: -peak)
    var (sum0, sum1) = (Float8(), Float8())
    var i = 0
    while i + 16 <= whole {
      let e0 = exp8(offset.addingProduct(load8(s + i), factor))
      let e1 = exp8(offset.addingProduct(load8(s + i + 8), factor))
      store8(e0, s + i)
      store8(e1, s + i + 8)
      sum0 += e0
      sum1 += e1
      i += 16
    }
    if i < whole {
      let e = exp8(offset.addingProduct(load8(s + i), factor))
      store8(e, s + i)
      sum0 += e
    }
    var sum = sum8(sum0 + sum1)
    if rest > 0 {
      let e = exp8(offset.addingProduct(loadPartial8(s + whole, rest), factor))
      storePartial8(e, s + whole, rest)
      for lane in 0..<rest { sum += e[lane] }
    }
    statistics[2 * row] = peak
    statistics[2 * row + 1] = 1 / sum
  }
}

/// `x[r, c] = x[r, c] / sum of row r`, with the reciprocal sums of `attention_exponentials`.
///
/// - Parameter stride: floats from row to row of `x`.
public func attention_divide(
  _ x: UnsafeMutablePointer<Float>, stride: Int, statistics: UnsafePointer<Float>, rows: Int, columns: Int
) {
  for row in 0..<rows { scale_vector(statistics[2 * row + 1], x + row * stride, columns) }
}

/// `p = exp(scale s - peak) / sum` in place, from the statistics that `attention_exponentials` has left.
public func attention_probabilities(
  _ scores: UnsafeMutablePointer<Float>, scale: Float, statistics: UnsafePointer<Float>, rows: Int, columns: Int
) {
  let factor = Float8(repeating: scale)
  let whole = columns / 8 * 8
  for row in 0..<rows {
    let s = scores + row * columns
    let offset = Float8(repeating: -statistics[2 * row])
    let share = Float8(repeating: statistics[2 * row + 1])
    var i = 0
    while i + 16 <= whole {
      store8(exp8(offset.addingProduct(load8(s + i), factor)) * share, s + i)
      store8(exp8(offset.addingProduct(load8(s + i + 8), factor)) * share, s + i + 8)
      i += 16
    }
    if i < whole { store8(exp8(offset.addingProduct(load8(s + i), factor)) * share, s + i) }
    if whole < columns {
      let e = exp8(offset.addingProduct(loadPartial8(s + whole, columns - whole), factor)) * share
      storePartial8(e, s + whole, columns - whole)
    }
  }
}

/// `dots[r] = sum over c of a[r, c] b[r, c]`, for rows `stride` floats apart in both.
public func attention_row_dots(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, stride: Int, into dots: UnsafeMutablePointer<Float>, rows: Int,
  columns: Int
) {
  for row in 0..<rows { dots[row] = Float(dot_vectors(a + row * stride, b + row * stride, columns)) }
}

/// From the gradient of the probabilities to that of the unscaled scores, in place: `dp = scale p (dp - dots)`.
///
/// - Parameter dots: for each row the sum of `p dp`, which is the output's product with its own gradient.
public func attention_score_gradient(
  _ p: UnsafePointer<Float>, _ dp: UnsafeMutablePointer<Float>, dots: UnsafePointer<Float>, scale: Float, rows: Int,
  columns: Int
) {
  let factor = Float8(repeating: scale)
  let whole = columns / 8 * 8
  for row in 0..<rows {
    let p = p + row * columns
    let dp = dp + row * columns
    let dot = Float8(repeating: dots[row])
    var i = 0
    while i + 16 <= whole {
      let d0 = load8(p + i) * factor * (load8(dp + i) - dot)
      let d1 = load8(p + i + 8) * factor * (load8(dp + i + 8) - dot)
      store8(d0, dp + i)
      store8(d1, dp + i + 8)
      i += 16
    }
    if i < whole { store8(load8(p + i) * factor * (load8(dp + i) - dot), dp + i) }
    for i in whole..<columns { dp[i] = p[i] * scale * (dp[i] - dots[row]) }
  }
}
