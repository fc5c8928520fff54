#if arch(x86_64)
  import KernelsAVX512
#endif

// With stride 1 the input gradient is `depthwise_forward` over `ConvolutionGeometry.inputGradientGeometry` with the
// kernel of `depthwise_flip`.

/// The kernel `[taps, channels]` with its taps in reverse order.
public func depthwise_flip(
  _ geometry: ConvolutionGeometry, kernel: UnsafePointer<Float>, into flipped: UnsafeMutablePointer<Float>
) {
  let (taps, channels) = (geometry.kernelHeight * geometry.kernelWidth, geometry.inputChannels)
  for tap in 0..<taps {
    (flipped + tap * channels).update(from: kernel + (taps - 1 - tap) * channels, count: channels)
  }
}

/// The input gradient of one picture, any stride: each output's gradient is added to what its window saw.
///
/// - Parameters:
///   - outputGradient: `[outputHeight, outputWidth, channels]`.
///   - inputGradient: `[inputHeight, inputWidth, channels]`, all of which is written.
public func depthwise_inputGradient(
  _ geometry: ConvolutionGeometry, outputGradient: UnsafePointer<Float>, kernel: UnsafePointer<Float>,
  inputGradient: UnsafeMutablePointer<Float>
) {
  let channels = geometry.inputChannels
  inputGradient.update(repeating: 0, count: geometry.inputCount)
  for line in 0..<geometry.outputHeight {
    for column in 0..<geometry.outputWidth {
      let gradient = outputGradient + (line * geometry.outputWidth + column) * channels
      for row in 0..<geometry.kernelHeight {
        let y = line * geometry.strideHeight + row - geometry.padTop
        if y < 0 || y >= geometry.inputHeight { continue }
        for tap in 0..<geometry.kernelWidth {
          let x = column * geometry.strideWidth + tap - geometry.padLeft
          if x < 0 || x >= geometry.inputWidth { continue }
          add_product(
            gradient, kernel + (row * geometry.kernelWidth + tap) * channels,
            addTo: inputGradient + (y * geometry.inputWidth + x) * channels, channels)
        }
      }
    }
  }
}

/// y += a b
private func add_product(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, addTo y: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 8 <= count {
    store8(load8(y + i).addingProduct(load8(a + i), load8(b + i)), y + i)
    i += 8
  }
  while i < count {
    y[i] += a[i] * b[i]
    i += 1
  }
}

/// Adds what some rows of one picture's output contribute to the kernel's and the bias's gradient.
///
/// - Parameters:
///   - input: one picture, `[inputHeight, inputWidth, channels]`.
///   - outputGradient: where row `firstLine` starts, `[lines, outputWidth, channels]`.
///   - sums: `[kernelHeight, kernelWidth, channels]`; it is added to.
///   - biasGradient: a number for each channel, added to; nil where nobody wants it.
///   - workspace: `convolution_workspaceCount` floats that no other thread uses.
public func depthwise_kernelGradient(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, firstLine: Int,
  lines: Int, addTo sums: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
  workspace: UnsafeMutablePointer<Float>
) {
  let (base, width) = windows(geometry, input, firstLine: firstLine, lines: lines, workspace)
  let channels = geometry.inputChannels
  if let biasGradient {
    sum_rows(outputGradient, rows: lines * geometry.outputWidth, columns: channels, addTo: biasGradient)
  }
  let walk = DepthwiseWalk(
    pixelStride: geometry.strideWidth * channels, lineStride: geometry.strideHeight * width * channels,
    channels: channels, lines: lines, pixels: geometry.outputWidth)
  let window = DepthwiseWindow(
    rows: geometry.kernelHeight, columns: geometry.kernelWidth, rowStride: width * channels, channels: channels)
  let lanes = depthwiseLanes(channels)
  if lanes == 1 { return kernelGradientScalar(base, walk, window, outputGradient, sums) }
  withUnsafeTemporaryAllocation(byteCount: 9 * 64, alignment: 64) { raw in
    let tile = raw.baseAddress!.bindMemory(to: Float.self, capacity: 9 * 16)
    let taps = window.rows * window.columns
    var next = 0
    while next < channels {
      let c = min(next, channels - lanes)
      for tap in stride(from: 0, to: taps, by: 9) {
        kernelGradientTile(base + c, walk, window, firstTap: tap, outputGradient + c, tile, isWide: lanes == 16)
        // Channels that the vector before this one has added already stay out.
        for t in tap..<min(taps, tap + 9) {
          for lane in (next - c)..<lanes { sums[t * channels + c + lane] += tile[(t - tap) * 16 + lane] }
        }
      }
      next += lanes
    }
  }
}

/// How the kernel gradient runs over the picture, as the plain numbers that microkernels take.
private struct DepthwiseWalk {
  var pixelStride: Int
  var lineStride: Int
  var channels: Int
  var lines: Int
  var pixels: Int
}

/// Nine taps from `firstTap` on; behind the last, that one again.
@inline(__always)
private func kernelGradientTile(
  _ x: UnsafePointer<Float>, _ walk: DepthwiseWalk, _ window: DepthwiseWindow, firstTap: Int,
  _ gradient: UnsafePointer<Float>, _ tile: UnsafeMutablePointer<Float>, isWide: Bool
) {
  let last = window.rows * window.columns - 1
  @inline(__always)
  func start(_ number: Int) -> UnsafePointer<Float> {
    let tap = min(last, firstTap + number)
    return x + (tap / window.columns * window.rowStride + tap % window.columns * window.channels)
  }
  let (a0, a1, a2, a3, a4) = (start(0), start(1), start(2), start(3), start(4))
  let (a5, a6, a7, a8) = (start(5), start(6), start(7), start(8))
  withWords(walk) { walk in
    #if arch(x86_64)
      if isWide { return depthwise_9x16_avx512(a0, a1, a2, a3, a4, a5, a6, a7, a8, walk, gradient, tile) }
    #endif
    depthwise_9x8(a0, a1, a2, a3, a4, a5, a6, a7, a8, walk, gradient, tile)
  }
}

/// Fewer than 8 channels, one number after the other.
private func kernelGradientScalar(
  _ x: UnsafePointer<Float>, _ walk: DepthwiseWalk, _ window: DepthwiseWindow, _ gradient: UnsafePointer<Float>,
  _ sums: UnsafeMutablePointer<Float>
) {
  let channels = walk.channels
  for row in 0..<window.rows {
    for column in 0..<window.columns {
      for c in 0..<channels {
        var sum: Float = 0
        for line in 0..<walk.lines {
          var p = x + (line * walk.lineStride + row * window.rowStride + column * channels + c)
          var g = gradient + (line * walk.pixels * channels + c)
          for _ in 0..<walk.pixels {
            sum += p.pointee * g.pointee
            p += walk.pixelStride
            g += channels
          }
        }
        sums[(row * window.columns + column) * channels + c] += sum
      }
    }
  }
}
