/// Columns of A that stay together in one pass, so that a panel of B (16 floats a column) stays in the first-level cache.
private let depthBlock = 416

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
/// - Complexity: 2 x rows x depth x columns floating point operations.
public func gemm_segmented(
  _ a: SegmentedMatrix, packed b: UnsafePointer<Float>, columns: Int, bias: UnsafePointer<Float>?,
  into c: UnsafeMutablePointer<Float>, ldc: Int, relu: Bool
) {
  // A tile that hangs over the edge of C is made here and copied.
  withUnsafeTemporaryAllocation(byteCount: 7 * 64, alignment: 64) { raw in
    let edge = raw.baseAddress!.bindMemory(to: Float.self, capacity: 112)
    let zeros = edge + 96
    for i in 0..<16 { zeros[i] = 0 }
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
          gemm_block(
            a, block, base: a.base + (outer * a.outerStride + inner * a.innerStride + first), depth: depth,
            panelRow: k, b, columns: columns, bias: bias ?? nil, zeros: zeros, edge: edge, c, ldc,
            isFirst: k == 0, relu: relu && k + blockDepth == depth)
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

/// One block of columns of A against all panels of B.
@inline(never)
private func gemm_block(
  _ a: SegmentedMatrix, _ block: SegmentBlock, base: UnsafePointer<Float>, depth: Int, panelRow: Int,
  _ b: UnsafePointer<Float>, columns: Int, bias: UnsafePointer<Float>?, zeros: UnsafePointer<Float>,
  edge: UnsafeMutablePointer<Float>, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, isFirst: Bool, relu: Bool
) {
  let step = a.pixelStride
  let rowCount = a.rowCount
  let gridWidth = a.gridWidth
  var first = 0
  while first < columns {
    let count = min(16, columns - first)
    let isNarrow = count <= 8
    let panel = b + (first * depth + panelRow * (isNarrow ? 8 : 16))
    let start: UnsafePointer<Float>? = isFirst ? bias.map { $0 + first } ?? zeros : nil
    let isWhole = count == (isNarrow ? 8 : 16)
    var line = base
    var column = 0
    var row = 0
    while row < rowCount {
      let rows = min(6, rowCount - row)
      var a0 = line + column * step
      var a1 = a0 + step
      var a2 = a1 + step
      var a3 = a2 + step
      var a4 = a3 + step
      var a5 = a4 + step
      if rows == 6 && column + 6 <= gridWidth {
        column += 6
        if column == gridWidth {
          column = 0
          line += a.lineStride
        }
      } else {
        // The tile runs over the end of a line, or of the matrix: missing rows repeat the last one.
        var p = a0
        for i in 0..<6 {
          switch i {
          case 0: a0 = p
          case 1: a1 = p
          case 2: a2 = p
          case 3: a3 = p
          case 4: a4 = p
          default: a5 = p
          }
          if i + 1 >= rows { continue }
          column += 1
          p += step
          if column == gridWidth {
            column = 0
            line += a.lineStride
            p = line
          }
        }
        column += 1
        if column == gridWidth {
          column = 0
          line += a.lineStride
        }
      }
      let target = c + (row * ldc + first)
      if rows == 6 && isWhole {
        if isNarrow {
          gemm_6x8(a0, a1, a2, a3, a4, a5, block, panel, start: start, target, ldc, relu: relu)
        } else {
          gemm_6x16(a0, a1, a2, a3, a4, a5, block, panel, start: start, target, ldc, relu: relu)
        }
      } else {
        if !isFirst {
          for i in 0..<rows { for n in 0..<count { edge[i * 16 + n] = target[i * ldc + n] } }
        }
        if isNarrow {
          gemm_6x8(a0, a1, a2, a3, a4, a5, block, panel, start: start, edge, 16, relu: relu)
        } else {
          gemm_6x16(a0, a1, a2, a3, a4, a5, block, panel, start: start, edge, 16, relu: relu)
        }
        for i in 0..<rows { for n in 0..<count { target[i * ldc + n] = edge[i * 16 + n] } }
      }
      row += rows
    }
    first += 16
  }
}
