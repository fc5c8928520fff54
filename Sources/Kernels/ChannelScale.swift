/// `y[p, c] = x[p, c] scale[c]`. `y` may be `x`.
public func scale_channels(
  _ x: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, positions: Int,
  channels: Int
) {
  for p in 0..<positions { multiply_vectors(x + p * channels, scale, y + p * channels, channels) }
}

/// `y[p, c] = x[p, c] + row[c]`. `y` may be `x`.
public func add_to_rows(
  _ x: UnsafePointer<Float>, _ row: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, positions: Int,
  channels: Int
) {
  for p in 0..<positions { add_vectors(x + p * channels, row, y + p * channels, channels) }
}

/// `sums[c] = sum over p of a[p, c] b[p, c]`.
///
/// Blocks of 64 positions are summed in float32 and then added up: short chains keep the rounding small.
public func sum_products(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, positions: Int,
  channels: Int
) {
  var c = 0
  while c < channels {
    let lanes = min(8, channels - c)
    var total = Float8()
    var start = 0
    while start < positions {
      let end = min(positions, start + 64)
      var even = Float8()
      var odd = Float8()
      var p = start
      while p + 1 < end {
        let (i, j) = (p * channels + c, (p + 1) * channels + c)
        even = even.addingProduct(loadLanes(a + i, lanes), loadLanes(b + i, lanes))
        odd = odd.addingProduct(loadLanes(a + j, lanes), loadLanes(b + j, lanes))
        p += 2
      }
      if p < end {
        let i = p * channels + c
        even = even.addingProduct(loadLanes(a + i, lanes), loadLanes(b + i, lanes))
      }
      total += even + odd
      start = end
    }
    storeLanes(total, sums + c, lanes)
    c += lanes
  }
}
