/// How many rows of output one step of `convolution_kernelGradient` should take: what it reads of the output gradient
/// stays in the first-level cache, while the sums run long enough to pay for loading and storing them.
public func convolution_linesPerGradientStep(_ geometry: ConvolutionGeometry) -> Int {
  max(1, min(geometry.outputHeight, 4096 / max(1, geometry.outputWidth * geometry.filters)))
}

/// Floats of scratch memory for `convolution_kernelGradient` over `lines` rows.
public func convolution_kernelGradientWorkspaceCount(_ geometry: ConvolutionGeometry, lines: Int) -> Int {
  let tail = geometry.groupFilters % 16 == 0 ? 0 : lines * geometry.outputWidth * 16
  return convolution_workspaceCount(geometry, lines: lines) + tail
}

/// Adds what some rows of one picture contribute to the kernel gradient and the bias gradient.
///
/// `dw[kh, kw, c, f] += sum over oh, ow of x[window of (oh, ow) at kh, kw, c] * dy[oh, ow, f]`
///
/// - Parameters:
///   - input: one picture, `[inputHeight, inputWidth, inputChannels]`.
///   - outputGradient: where row `firstLine` starts, `[lines, outputWidth, filters]`.
///   - lines: `convolution_linesPerGradientStep` at most, for speed.
///   - kernelGradient: `[kernelHeight, kernelWidth, inputChannels / groups, filters]`.
///   - biasGradient: `[filters]`, or nil.
///   - workspace: `convolution_kernelGradientWorkspaceCount` floats that no other thread uses.
public func convolution_kernelGradient(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, firstLine: Int,
  lines: Int, addTo kernelGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
  workspace: UnsafeMutablePointer<Float>
) {
  let pixels = lines * geometry.outputWidth
  if let biasGradient { sum_rows(outputGradient, rows: pixels, columns: geometry.filters, addTo: biasGradient) }
  let (base, width) = windows(geometry, input, firstLine: firstLine, lines: lines, workspace)
  let tail = workspace + convolution_workspaceCount(geometry, lines: lines)
  for group in 0..<geometry.groups {
    let matrix = SegmentedMatrix(
      windows: geometry, base: base + group * geometry.groupInputChannels, inputWidth: width, lines: lines)
    for first in stride(from: 0, to: geometry.groupFilters, by: 16) {
      let count = min(16, geometry.groupFilters - first)
      let column = group * geometry.groupFilters + first
      var gradient = outputGradient + column
      var pixelStride = geometry.filters
      if count < 16 {
        // Fewer than 16 columns: a copy filled up with zeros, because the vectors would reach beyond the array.
        copy_columns(gradient, rows: pixels, columns: count, stride: pixelStride, into: tail)
        gradient = UnsafePointer(tail)
        pixelStride = 16
      }
      outer_panel(
        matrix, gradient, pixelStride: pixelStride, columns: count, into: kernelGradient + column, geometry.filters)
    }
  }
}

/// `target[r, 0 ..< 16] = source[r, 0 ..< columns], 0 ...`
private func copy_columns(
  _ source: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int, into target: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    for n in 0..<columns { target[row * 16 + n] = source[row * stride + n] }
    for n in columns..<16 { target[row * 16 + n] = 0 }
  }
}

/// `c[depth, columns] += a^T b` for 16 or fewer columns of b.
private func outer_panel(
  _ a: SegmentedMatrix, _ b: UnsafePointer<Float>, pixelStride: Int, columns: Int,
  into c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  withUnsafeTemporaryAllocation(byteCount: 6 * 64, alignment: 64) { raw in
    let edge = raw.baseAddress!.bindMemory(to: Float.self, capacity: 96)
    let depth = a.depth
    let lines = a.rowCount / a.gridWidth
    let lineStride = pixelStride * a.gridWidth
    var next = ColumnCursor(a)
    var row = 0
    while row < depth {
      let rows = min(6, depth - row)
      let a0 = next.pointer
      if rows > 1 { next.advance() }
      let a1 = next.pointer
      if rows > 2 { next.advance() }
      let a2 = next.pointer
      if rows > 3 { next.advance() }
      let a3 = next.pointer
      if rows > 4 { next.advance() }
      let a4 = next.pointer
      if rows > 5 { next.advance() }
      let a5 = next.pointer
      next.advance()
      let target = c + row * ldc
      if rows == 6 && columns == 16 {
        outer_6x16(
          a0, a1, a2, a3, a4, a5, a.pixelStride, a.lineStride, b, pixelStride, lineStride, lines, a.gridWidth,
          target, ldc)
      } else {
        edge.update(repeating: 0, count: 96)
        outer_6x16(
          a0, a1, a2, a3, a4, a5, a.pixelStride, a.lineStride, b, pixelStride, lineStride, lines, a.gridWidth,
          edge, 16)
        for i in 0..<rows { for n in 0..<columns { target[i * ldc + n] += edge[i * 16 + n] } }
      }
      row += rows
    }
  }
}

/// Walks along the columns of a segmented matrix.
private struct ColumnCursor {
  var pointer: UnsafePointer<Float>
  private let matrix: SegmentedMatrix
  private var left: Int
  private var inner = 0
  private var outer = 0

  init(_ matrix: SegmentedMatrix) {
    self.matrix = matrix
    pointer = matrix.base
    left = matrix.length
  }

  @inline(__always)
  mutating func advance() {
    pointer += 1
    left -= 1
    if left == 0 {
      left = matrix.length
      inner += 1
      if inner == matrix.innerCount {
        inner = 0
        outer += 1
      }
      pointer = matrix.base + (outer * matrix.outerStride + inner * matrix.innerStride)
    }
  }
}

/// `c[6, 16] += sum over lines and pixels of a[line, pixel][6] outer b[line, pixel][16]`, both read in place.
@inline(never)
private func outer_6x16(
  _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ aPixelStride: Int, _ aLineStride: Int,
  _ b: UnsafePointer<Float>, _ bPixelStride: Int, _ bLineStride: Int, _ lines: Int, _ pixels: Int,
  _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  var (c00, c01) = (load8(c), load8(c + 8))
  var (c10, c11) = (load8(c + ldc), load8(c + ldc + 8))
  var (c20, c21) = (load8(c + 2 * ldc), load8(c + 2 * ldc + 8))
  var (c30, c31) = (load8(c + 3 * ldc), load8(c + 3 * ldc + 8))
  var (c40, c41) = (load8(c + 4 * ldc), load8(c + 4 * ldc + 8))
  var (c50, c51) = (load8(c + 5 * ldc), load8(c + 5 * ldc + 8))
  var line = b
  var lineOffset = 0
  for _ in 0..<lines {
    var p = line
    var k = lineOffset
    for _ in 0..<pixels {
      let b0 = load8(p)
      let b1 = load8(p + 8)
      p += bPixelStride
      var x = V(repeating: a0[k])
      c00.addProduct(x, b0)
      c01.addProduct(x, b1)
      x = V(repeating: a1[k])
      c10.addProduct(x, b0)
      c11.addProduct(x, b1)
      x = V(repeating: a2[k])
      c20.addProduct(x, b0)
      c21.addProduct(x, b1)
      x = V(repeating: a3[k])
      c30.addProduct(x, b0)
      c31.addProduct(x, b1)
      x = V(repeating: a4[k])
      c40.addProduct(x, b0)
      c41.addProduct(x, b1)
      x = V(repeating: a5[k])
      c50.addProduct(x, b0)
      c51.addProduct(x, b1)
      k += aPixelStride
    }
    line += bLineStride
    lineOffset += aLineStride
  }
  var c = c
  store8(c00, c)
  store8(c01, c + 8)
  c += ldc
  store8(c10, c)
  store8(c11, c + 8)
  c += ldc
  store8(c20, c)
  store8(c21, c + 8)
  c += ldc
  store8(c30, c)
  store8(c31, c + 8)
  c += ldc
  store8(c40, c)
  store8(c41, c + 8)
  c += ldc
  store8(c50, c)
  store8(c51, c + 8)
}
