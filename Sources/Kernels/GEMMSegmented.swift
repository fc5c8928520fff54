/// Floats of a panel of B that are used for all rows before the next: they stay in the first-level cache.
private let panelBlock = 6656

/// `c = activation(bias + a b)` for rows read where they lie.
///
/// Deterministic: the order of additions depends on the shapes alone.
///
/// - Parameters:
///   - a: `[rows, depth]`; a few hundred rows that fit into the second-level cache are best.
///   - b: `[depth, columns]` as `gemm_pack` lays it out.
///   - bias: `columns` floats, readable up to the next multiple of 16; nil adds nothing.
///   - c: `[rows, columns]`, `ldc` floats from row to row. Nothing outside is touched.
///   - relu: whether max(0, .) is applied at the end.
///   - accumulates: adds to what `c` holds, in place of the bias.
/// - Complexity: 2 x rows x depth x columns floating point operations.
public func gemm_segmented(
  _ a: SegmentedMatrix, packed b: UnsafePointer<Float>, columns: Int, bias: UnsafePointer<Float>?,
  into c: UnsafeMutablePointer<Float>, ldc: Int, relu: Bool, accumulates: Bool = false
) {
  // A tile that hangs over the edge of C is made here and copied.
  withUnsafeTemporaryAllocation(byteCount: 7 * 256, alignment: 64) { raw in
    let edge = raw.baseAddress!.bindMemory(to: Float.self, capacity: 7 * 64)
    let zeros = edge + 6 * 64
    for i in 0..<64 { zeros[i] = 0 }
    let full = gemmPanelWidth
    let depthBlock = panelBlock / gemmPanelWidth(remaining: columns)
    let outerStep = max(1, min(a.outerCount, depthBlock / max(1, a.innerCount * a.length)))
    let innerStep = outerStep > 1 ? a.innerCount : max(1, min(a.innerCount, depthBlock / max(1, a.length)))
    let lengthStep = innerStep > 1 || outerStep > 1 ? a.length : evenStep(a.length, depthBlock)
    let depth = a.depth
    var k = 0
    var block = SegmentBlock(
      outerCount: 0, outerStride: a.outerStride, innerCount: 0, innerStride: a.innerStride, length: 0)
    for outer in stride(from: 0, to: a.outerCount, by: outerStep) {
      block.outerCount = min(outerStep, a.outerCount - outer)
      for inner in stride(from: 0, to: a.innerCount, by: innerStep) {
        block.innerCount = min(innerStep, a.innerCount - inner)
        for first in stride(from: 0, to: a.length, by: lengthStep) {
          block.length = min(lengthStep, a.length - first)
          let blockDepth = block.outerCount * block.innerCount * block.length
          let base = a.base + (outer * a.outerStride + inner * a.innerStride + first)
          let isFirst = k == 0 && !accumulates
          let isLast = k + blockDepth == depth
          var column = 0
          while column < columns {
            let width = gemmPanelWidth(remaining: columns - column)
            let panel = GEMMPanel(
              width: width, columns: min(width, columns - column), rows: b + (column * depth + k * width),
              start: isFirst ? bias.map { $0 + column } ?? UnsafePointer(zeros) : nil, relu: relu && isLast,
              isWide: full == 64)
            multiply(a, block, base: base, panel, c + column, ldc, edge: edge)
            column += full
          }
          k += blockDepth
        }
      }
    }
  }
}

/// Equal steps of at most `limit`, so that the last is not a sliver.
private func evenStep(_ count: Int, _ limit: Int) -> Int {
  let steps = (count + limit - 1) / limit
  return max(1, (count + steps - 1) / max(1, steps))
}

/// Some columns of B, packed, and what is done before and after the product.
struct GEMMPanel {
  /// As packed: 8, 16, 24, 32, 48 or 64, of which `columns` are real.
  var width: Int
  var columns: Int
  var rows: UnsafePointer<Float>
  /// What each row of C starts with; nil: what C holds.
  var start: UnsafePointer<Float>?
  var relu: Bool
  /// Whether panels are made for 512-bit vectors.
  var isWide: Bool
}

/// All rows of A, in one block of columns, times one panel.
@inline(never)
private func multiply(
  _ a: SegmentedMatrix, _ block: SegmentBlock, base: UnsafePointer<Float>, _ panel: GEMMPanel,
  _ c: UnsafeMutablePointer<Float>, _ ldc: Int, edge: UnsafeMutablePointer<Float>
) {
  let step = a.pixelStride
  let rowCount = a.rowCount
  let gridWidth = a.gridWidth
  let isWhole = panel.columns == panel.width
  let takesTwelve = panel.isWide && panel.width == 16 && isWhole
  var line = base
  var column = 0
  var row = 0
  while row < rowCount {
    let a0 = line + column * step
    var a1 = a0 + step
    var a2 = a1 + step
    var a3 = a2 + step
    var a4 = a3 + step
    var a5 = a4 + step
    let target = c + row * ldc
    let rows: Int
    if takesTwelve && column + 12 <= gridWidth {
      rows = 12
      column += 12
    } else {
      rows = min(6, rowCount - row)
      if column + 6 <= gridWidth && rows == 6 {
        column += 6
      } else {
        // The tile runs over the end of a line, or of the matrix: missing rows repeat the last one.
        var p = a0
        for i in 1..<6 {
          if i < rows {
            column += 1
            p += step
            if column == gridWidth {
              column = 0
              line += a.lineStride
              p = line
            }
          }
          switch i {
          case 1: a1 = p
          case 2: a2 = p
          case 3: a3 = p
          case 4: a4 = p
          default: a5 = p
          }
        }
        column += 1
      }
    }
    if column == gridWidth {
      column = 0
      line += a.lineStride
    }
    if rows == 12 {
      gemm_12x16(a0, a1, a2, a3, a4, a5, next: 6 * step, block, panel, target, ldc)
    } else if rows == 6 && isWhole {
      gemm_6(a0, a1, a2, a3, a4, a5, block, panel, target, ldc)
    } else {
      if panel.start == nil {
        for i in 0..<rows { for n in 0..<panel.columns { edge[i * 64 + n] = target[i * ldc + n] } }
      }
      gemm_6(a0, a1, a2, a3, a4, a5, block, panel, edge, 64)
      for i in 0..<rows { for n in 0..<panel.columns { target[i * ldc + n] = edge[i * 64 + n] } }
    }
    row += rows
  }
}
