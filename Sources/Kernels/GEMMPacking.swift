/// Columns of a packed panel: panels of 16, and one of 8 at the end where 1 to 8 columns remain.
public let gemmPanelWidth = 16

/// Floats that `gemm_pack` writes for a matrix `[depth, columns]`.
public func gemm_packedCount(depth: Int, columns: Int) -> Int {
  depth * (columns / 16 * 16 + (columns % 16 == 0 ? 0 : columns % 16 <= 8 ? 8 : 16))
}

/// Rearranges a matrix `[depth, columns]` into panels: 16 columns (8 in the last, if 8 hold the rest) side by side, one
/// row after the other, filled up with zeros.
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
  var target = packed
  var first = 0
  while first < columns {
    let count = min(16, columns - first)
    let width = count <= 8 && columns - first <= 8 ? 8 : 16
    for k in 0..<depth {
      let row = b + k * rowStride + first * columnStride
      for n in 0..<count { target[n] = row[n * columnStride] }
      for n in count..<width { target[n] = 0 }
      target += width
    }
    first += 16
  }
}
