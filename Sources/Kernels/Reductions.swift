/// `sums[n] += sum over r of x[r, n]`, for `x` `[rows, columns]`.
///
/// Rows are added in order within four interleaved sums, so the result depends on the shape alone.
public func sum_rows(
  _ x: UnsafePointer<Float>, rows: Int, columns: Int, addTo sums: UnsafeMutablePointer<Float>
) {
  var n = 0
  while n + 8 <= columns {
    var (s0, s1, s2, s3) = (V(), V(), V(), V())
    var p = x + n
    var r = 0
    while r + 4 <= rows {
      s0 += load8(p)
      s1 += load8(p + columns)
      s2 += load8(p + 2 * columns)
      s3 += load8(p + 3 * columns)
      p += 4 * columns
      r += 4
    }
    while r < rows {
      s0 += load8(p)
      p += columns
      r += 1
    }
    store8(load8(sums + n) + ((s0 + s1) + (s2 + s3)), sums + n)
    n += 8
  }
  while n < columns {
    var sum: Float = 0
    for r in 0..<rows { sum += x[r * columns + n] }
    sums[n] += sum
    n += 1
  }
}

/// `y[i] = sum over p of partials[p * stride + i]`, in the order of `p`, for `count` elements.
public func sum_partials(
  _ partials: UnsafePointer<Float>, parts: Int, stride: Int, count: Int, into y: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i + 8 <= count {
    var sum = load8(partials + i)
    for p in 1..<max(1, parts) { sum += load8(partials + (p * stride + i)) }
    store8(sum, y + i)
    i += 8
  }
  while i < count {
    var sum = partials[i]
    for p in 1..<max(1, parts) { sum += partials[p * stride + i] }
    y[i] = sum
    i += 1
  }
}
