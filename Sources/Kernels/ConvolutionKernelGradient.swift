#if arch(x86_64)
  import KernelsAVX512
#endif

/// How many rows of output one step of `convolution_kernelGradient` should take: what it reads of the output gradient
/// stays in the first-level cache, while the sums run long enough to pay for loading and storing them.
public func convolution_linesPerGradientStep(_ geometry: ConvolutionGeometry) -> Int {
  max(1, min(geometry.outputHeight, 4096 / max(1, geometry.outputWidth * geometry.filters)))
}

/// Floats of scratch memory for `convolution_kernelGradient` over `lines` rows.
public func convolution_kernelGradientWorkspaceCount(_ geometry: ConvolutionGeometry, lines: Int) -> Int {
  let rest = geometry.groupFilters % outerPanelWidth
  let width = panelWidth(remaining: rest, full: outerPanelWidth)
  let tail = rest == 0 || (rest == width && width >= 16) ? 0 : lines * geometry.outputWidth * max(16, width)
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
    let full = outerPanelWidth
    for first in stride(from: 0, to: geometry.groupFilters, by: full) {
      let count = min(full, geometry.groupFilters - first)
      let panel = max(16, panelWidth(remaining: count, full: full))
      let column = group * geometry.groupFilters + first
      var gradient = outputGradient + column
      var pixelStride = geometry.filters
      if count < panel {
        // Vectors would reach beyond the array: a copy filled up with zeros.
        copy_columns(gradient, rows: pixels, columns: count, stride: pixelStride, width: panel, into: tail)
        gradient = UnsafePointer(tail)
        pixelStride = panel
      }
      outer_panel(
        matrix, gradient, pixelStride: pixelStride, width: panel, columns: count, isWide: full == 32,
        into: kernelGradient + column, geometry.filters)
    }
  }
}

/// `target[r, 0 ..< width] = source[r, 0 ..< columns], 0 ...`
private func copy_columns(
  _ source: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int, width: Int,
  into target: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    for n in 0..<columns { target[row * width + n] = source[row * stride + n] }
    for n in columns..<width { target[row * width + n] = 0 }
  }
}

/// Where the pixels of an outer product lie: lines of pixels in A and in B.
struct PixelWalk {
  var aPixelStride: Int
  var aLineStride: Int
  var bPixelStride: Int
  var bLineStride: Int
  var lines: Int
  var pixels: Int
}

/// `c[depth, columns] += a^T b` for the columns of one panel of b, `width` of which can be read.
private func outer_panel(
  _ a: SegmentedMatrix, _ b: UnsafePointer<Float>, pixelStride: Int, width: Int, columns: Int, isWide: Bool,
  into c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  withUnsafeTemporaryAllocation(byteCount: 6 * 128, alignment: 64) { raw in
    let edge = raw.baseAddress!.bindMemory(to: Float.self, capacity: 6 * 32)
    let depth = a.depth
    let walk = PixelWalk(
      aPixelStride: a.pixelStride, aLineStride: a.lineStride, bPixelStride: pixelStride,
      bLineStride: pixelStride * a.gridWidth, lines: a.rowCount / a.gridWidth, pixels: a.gridWidth)
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
      let isWhole = rows == 6 && columns == width
      if !isWhole { edge.update(repeating: 0, count: 6 * 32) }
      let sums = isWhole ? target : edge
      let stride = isWhole ? ldc : 32
      #if arch(x86_64)
        if width == 32 {
          withWords(walk) { outer_6x32_avx512(a0, a1, a2, a3, a4, a5, $0, b, sums, stride) }
        } else if isWide {
          withWords(walk) { outer_6x16_avx512(a0, a1, a2, a3, a4, a5, $0, b, sums, stride) }
        } else {
          outer_6x16(a0, a1, a2, a3, a4, a5, walk, b, sums, stride)
        }
      #else
        outer_6x16(a0, a1, a2, a3, a4, a5, walk, b, sums, stride)
      #endif
      if !isWhole {
        for i in 0..<rows { for n in 0..<columns { target[i * ldc + n] += edge[i * 32 + n] } }
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
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ walk: PixelWalk, _ b: UnsafePointer<Float>,
  _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  let (aPixelStride, bPixelStride, pixels) = (walk.aPixelStride, walk.bPixelStride, walk.pixels)
  var (c00, c01) = (load8(c), load8(c + 8))
  var (c10, c11) = (load8(c + ldc), load8(c + ldc + 8))
  var (c20, c21) = (load8(c + 2 * ldc), load8(c + 2 * ldc + 8))
  var (c30, c31) = (load8(c + 3 * ldc), load8(c + 3 * ldc + 8))
  var (c40, c41) = (load8(c + 4 * ldc), load8(c + 4 * ldc + 8))
  var (c50, c51) = (load8(c + 5 * ldc), load8(c + 5 * ldc + 8))
  var line = b
  var lineOffset = 0
  for _ in 0..<walk.lines {
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
    line += walk.bLineStride
    lineOffset += walk.aLineStride
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
