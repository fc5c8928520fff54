/// Floats that `gemm_pack` writes for a matrix `[depth, columns]`.
public func gemm_packedCount(depth: Int, columns: Int) -> Int {
  let rest = columns % gemmPanelWidth
  return depth * (columns - rest + (rest == 0 ? 0 : gemmPanelWidth(remaining: rest)))
}

/// Rearranges a matrix `[depth, columns]` into panels of `gemmPanelWidth` columns side by side (fewer in the last, if that
/// holds the rest), one row after the other, filled up with zeros.
///
///     columns 0..15 of row 0, columns 0..15 of row 1, ... , columns 16..31 of row 0, ...
///
/// - Parameters:
///   - b: element (k, n) at `b[k * rowStride + n * columnStride]`.
///   - packed: `gemm_packedCount` floats.
public func gemm_pack(
  _ b: UnsafePointer<Float>, rowStride: Int, columnStride: Int = 1, depth: Int, columns: Int,
  into packed: UnsafeMutablePointer<Float>
) {
  let full = gemmPanelWidth
  var target = packed
  var first = 0
  while first < columns {
    let count = min(full, columns - first)
    let width = gemmPanelWidth(remaining: columns - first)
    for k in 0..<depth {
      let row = b + k * rowStride + first * columnStride
      for n in 0..<count { target[n] = row[n * columnStride] }
      for n in count..<width { target[n] = 0 }
      target += width
    }
    first += full
  }
}
