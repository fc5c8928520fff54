#if arch(x86_64)
  import KernelsAVX512
#endif

// Depthwise convolution: a `ConvolutionGeometry` with as many groups as channels and filters, a kernel
// `[kernelHeight, kernelWidth, channels]`. Channels lie side by side, so a vector holds neighbouring channels of one
// pixel, and a tile of eight pixels shares each vector of weights.
//
//     pixel 0   | c0 ... c15 | c16 ... c31 |      the last vector of a pixel overlaps the one before it when the
//     pixel 1   | c0 ... c15 | c16 ... c31 |      channels are no multiple: it computes the same numbers again

/// Channels that one call of a microkernel computes; fewer channels than 8 go one by one.
@inline(__always)
func depthwiseLanes(_ channels: Int) -> Int { usesWideVectors && channels >= 16 ? 16 : channels >= 8 ? 8 : 1 }

/// Some rows of one picture's output.
///
/// - Parameters:
///   - input: one picture, `[inputHeight, inputWidth, channels]`.
///   - firstLine: the first row of output to compute; `lines` rows are.
///   - kernel: `[kernelHeight, kernelWidth, channels]`.
///   - bias: a number for each channel; nil adds nothing.
///   - output: where row `firstLine` starts, `[lines, outputWidth, channels]`.
///   - workspace: `convolution_workspaceCount` floats that no other thread uses.
public func depthwise_forward(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Float>, firstLine: Int, lines: Int,
  kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>,
  workspace: UnsafeMutablePointer<Float>
) {
  let (base, width) = windows(geometry, input, firstLine: firstLine, lines: lines, workspace)
  let channels = geometry.inputChannels
  let grid = PixelGrid(
    width: geometry.outputWidth, pixelStride: geometry.strideWidth * channels,
    lineStride: geometry.strideHeight * width * channels)
  let window = DepthwiseWindow(
    rows: geometry.kernelHeight, columns: geometry.kernelWidth, rowStride: width * channels, channels: channels)
  let count = lines * geometry.outputWidth
  let lanes = depthwiseLanes(channels)
  if lanes == 1 { return depthwiseScalar(base, grid, window, count, kernel, bias, output) }
  var next = 0
  #if arch(x86_64)
    if lanes == 16 && slides(geometry) {
      // Two vectors of channels at a time, which may overlap; what is left goes the general way.
      while channels - next > 16 {
        let second = min(16, channels - next - 16)
        depthwiseLines(
          base + next, grid, window, lines: lines, kernel + next, bias.map { $0 + next }, second: second, output + next)
        next += 16 + second
      }
    }
  #endif
  while next < channels {
    let c = min(next, channels - lanes)
    depthwiseChannels(
      base + c, grid, window, count, kernel + c, bias.map { $0 + c }, output + c, isWide: lanes == 16)
    next += lanes
  }
}

/// Where the windows of consecutive outputs start.
struct PixelGrid {
  var width: Int
  var pixelStride: Int
  var lineStride: Int
}

/// The window of a depthwise convolution, as the plain numbers that microkernels take.
struct DepthwiseWindow {
  var rows: Int
  var columns: Int
  var rowStride: Int
  var channels: Int
}

#if arch(x86_64)
  /// Whether the microkernels that slide along a line serve: six outputs of one line at a time, not too many of which
  /// overlap those before.
  private func slides(_ geometry: ConvolutionGeometry) -> Bool {
    let width = geometry.outputWidth
    return geometry.strideWidth == 1 && [3, 5, 7].contains(geometry.kernelWidth) && width >= 6
      && (width + 5) / 6 * 60 <= 13 * width
  }

  /// All outputs in twice 16 channels, in tiles of six of one line; the last of a line overlaps the one before.
  private func depthwiseLines(
    _ x: UnsafePointer<Float>, _ grid: PixelGrid, _ window: DepthwiseWindow, lines: Int,
    _ kernel: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, second: Int, _ y: UnsafeMutablePointer<Float>
  ) {
    withWords(window) { words in
      for line in 0..<lines {
        let source = x + line * grid.lineStride
        let target = y + line * grid.width * window.channels
        var next = 0
        while next < grid.width {
          let column = min(next, grid.width - 6)
          let (from, to) = (source + column * window.channels, target + column * window.channels)
          switch window.columns {
          case 3: depthwise_6x3_avx512(from, words, kernel, bias: bias, second: second, to)
          case 5: depthwise_6x5_avx512(from, words, kernel, bias: bias, second: second, to)
          default: depthwise_6x7_avx512(from, words, kernel, bias: bias, second: second, to)
          }
          next += 6
        }
      }
    }
  }
#endif

/// All outputs in 8 or 16 channels, in tiles of eight that run over the ends of lines.
private func depthwiseChannels(
  _ x: UnsafePointer<Float>, _ grid: PixelGrid, _ window: DepthwiseWindow, _ count: Int,
  _ kernel: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, isWide: Bool
) {
  if count < 8 {
    return withUnsafeTemporaryAllocation(byteCount: 8 * 64, alignment: 64) { raw in
      let tile = raw.baseAddress!.bindMemory(to: Float.self, capacity: 8 * 16)
      let lanes = isWide ? 16 : 8
      depthwiseTile(x, grid, first: 0, last: count - 1, window, kernel, bias, tile, 16, isWide: isWide)
      for i in 0..<count { (y + i * window.channels).update(from: tile + i * 16, count: lanes) }
    }
  }
  var first = 0
  while first < count {
    let start = min(first, count - 8)
    depthwiseTile(
      x, grid, first: start, last: count - 1, window, kernel, bias, y + start * window.channels, window.channels,
      isWide: isWide)
    first += 8
  }
}

/// Eight outputs from `first` on; behind `last`, that one again.
@inline(__always)
private func depthwiseTile(
  _ x: UnsafePointer<Float>, _ grid: PixelGrid, first: Int, last: Int, _ window: DepthwiseWindow,
  _ kernel: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, _ stride: Int,
  isWide: Bool
) {
  var column = first % grid.width
  var line = x + first / grid.width * grid.lineStride
  var pixel = line + column * grid.pixelStride
  var left = last - first
  /// The window of the next output.
  @inline(__always)
  func advance() -> UnsafePointer<Float> {
    let result = pixel
    if left > 0 {
      left -= 1
      column += 1
      pixel += grid.pixelStride
      if column == grid.width {
        column = 0
        line += grid.lineStride
        pixel = line
      }
    }
    return result
  }
  let (a0, a1, a2, a3) = (advance(), advance(), advance(), advance())
  let (a4, a5, a6, a7) = (advance(), advance(), advance(), advance())
  withWords(window) { window in
    #if arch(x86_64)
      if isWide {
        return depthwise_8x16_avx512(a0, a1, a2, a3, a4, a5, a6, a7, window, kernel, bias: bias, y, stride)
      }
    #endif
    depthwise_8x8(a0, a1, a2, a3, a4, a5, a6, a7, window, kernel, bias: bias, y, stride)
  }
}

/// Fewer than 8 channels, one number after the other.
private func depthwiseScalar(
  _ x: UnsafePointer<Float>, _ grid: PixelGrid, _ window: DepthwiseWindow, _ count: Int,
  _ kernel: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>
) {
  let channels = window.channels
  for i in 0..<count {
    let pixel = x + (i / grid.width * grid.lineStride + i % grid.width * grid.pixelStride)
    for c in 0..<channels {
      var sum = bias.map { $0[c] } ?? 0
      for row in 0..<window.rows {
        for column in 0..<window.columns {
          sum +=
            pixel[row * window.rowStride + column * channels + c]
            * kernel[(row * window.columns + column) * channels + c]
        }
      }
      y[i * channels + c] = sum
    }
  }
}
