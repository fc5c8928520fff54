// Convolution as a matrix product over windows that are read where they lie: no column matrix is ever made.

/// Floats of a kernel packed by `convolution_pack`.
public func convolution_packedCount(_ geometry: ConvolutionGeometry) -> Int {
  geometry.groups * gemm_packedCount(depth: geometry.weightsPerFilter, columns: geometry.groupFilters)
}

/// Packs a kernel `[kernelHeight, kernelWidth, inputChannels / groups, filters]` for `convolution_forward`.
public func convolution_pack(
  _ geometry: ConvolutionGeometry, kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>
) {
  let count = gemm_packedCount(depth: geometry.weightsPerFilter, columns: geometry.groupFilters)
  for group in 0..<geometry.groups {
    gemm_pack(
      kernel + group * geometry.groupFilters, rowStride: geometry.filters, depth: geometry.weightsPerFilter,
      columns: geometry.groupFilters, into: packed + group * count)
  }
}

/// Packs the kernel of `geometry`, flipped and with its channel axes swapped, for a `convolution_forward` of
/// `geometry.inputGradientGeometry`.
///
/// - Parameters:
///   - packed: `convolution_packedCount(geometry.inputGradientGeometry)` floats.
///   - workspace: `geometry.kernelCount` floats.
public func convolution_packFlipped(
  _ geometry: ConvolutionGeometry, kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>,
  workspace: UnsafeMutablePointer<Float>
) {
  let taps = geometry.kernelHeight * geometry.kernelWidth
  let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupFilters)
  let count = gemm_packedCount(depth: taps * outputs, columns: inputs)
  for group in 0..<geometry.groups {
    for tap in 0..<taps {
      let source = kernel + ((taps - 1 - tap) * inputs * geometry.filters + group * outputs)
      let target = workspace + tap * inputs * outputs
      for input in 0..<inputs {
        for output in 0..<outputs { target[output * inputs + input] = source[input * geometry.filters + output] }
      }
    }
    gemm_pack(workspace, rowStride: inputs, depth: taps * outputs, columns: inputs, into: packed + group * count)
  }
}

/// How many rows of output one call of `convolution_forward` should compute: some hundred pixels, so that what they
/// read and write stays in the second-level cache, in about equal parts of the picture.
public func convolution_linesPerTile(_ geometry: ConvolutionGeometry) -> Int {
  var wanted = max(1, (384 + geometry.outputWidth / 2) / max(1, geometry.outputWidth))
  if geometry.isPadded {
    // Neighbouring tiles copy the rows that both see: higher tiles copy less, while the copy stays in the cache.
    let row = max(1, paddedWidth(geometry) * geometry.inputChannels * geometry.strideHeight)
    wanted = max(wanted, min(3 * (geometry.windowHeight - 1), 80_000 / row - geometry.windowHeight))
  }
  let tiles = max(1, (geometry.outputHeight + wanted - 1) / wanted)
  return max(1, (geometry.outputHeight + tiles - 1) / tiles)
}

/// Floats of scratch memory for a call of `convolution_forward` or `convolution_kernelGradient` with `lines` rows.
public func convolution_workspaceCount(_ geometry: ConvolutionGeometry, lines: Int) -> Int {
  if !geometry.isPadded { return 0 }
  let height = (lines - 1) * geometry.strideHeight + geometry.windowHeight
  return height * paddedWidth(geometry) * geometry.inputChannels
}

private func paddedWidth(_ geometry: ConvolutionGeometry) -> Int {
  (geometry.outputWidth - 1) * geometry.strideWidth + geometry.windowWidth
}

/// `y = activation(bias + x * w)` for some rows of one picture's output.
///
/// - Parameters:
///   - input: one picture, `[inputHeight, inputWidth, inputChannels]`.
///   - firstLine: the first row of output to compute; `lines` rows are.
///   - packed: the kernel as `convolution_pack` lays it out.
///   - bias: `filters` floats, and 16 more behind them that can be read; nil adds nothing.
///   - output: where row `firstLine` starts, `[lines, outputWidth, filters]`.
///   - workspace: `convolution_workspaceCount` floats that no other thread uses.
public func convolution_forward(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Float>, firstLine: Int, lines: Int,
  packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?, relu: Bool, output: UnsafeMutablePointer<Float>,
  workspace: UnsafeMutablePointer<Float>
) {
  let (base, width) = windows(geometry, input, firstLine: firstLine, lines: lines, workspace)
  let count = gemm_packedCount(depth: geometry.weightsPerFilter, columns: geometry.groupFilters)
  for group in 0..<geometry.groups {
    let matrix = SegmentedMatrix(
      windows: geometry, base: base + group * geometry.groupInputChannels, inputWidth: width, lines: lines)
    gemm_segmented(
      matrix, packed: packed + group * count, columns: geometry.groupFilters,
      bias: bias.map { $0 + group * geometry.groupFilters }, into: output + group * geometry.groupFilters,
      ldc: geometry.filters, relu: relu)
  }
}

/// Where the windows of some rows of output start, and how many pixels a row of what they read has: the picture itself,
/// or a padded copy of the rows in the workspace.
func windows(
  _ geometry: ConvolutionGeometry, _ input: UnsafePointer<Float>, firstLine: Int, lines: Int,
  _ workspace: UnsafeMutablePointer<Float>
) -> (base: UnsafePointer<Float>, width: Int) {
  let first = firstLine * geometry.strideHeight - geometry.padTop
  let channels = geometry.inputChannels
  if !geometry.isPadded { return (input + first * geometry.inputWidth * channels, geometry.inputWidth) }
  let width = paddedWidth(geometry)
  let height = (lines - 1) * geometry.strideHeight + geometry.windowHeight
  let before = min(geometry.padLeft, width) * channels
  let inside = max(0, min(geometry.inputWidth, width - geometry.padLeft)) * channels
  let after = width * channels - before - inside
  for line in 0..<height {
    let target = workspace + line * width * channels
    let source = first + line
    if source < 0 || source >= geometry.inputHeight {
      target.update(repeating: 0, count: width * channels)
    } else {
      target.update(repeating: 0, count: before)
      (target + before).update(from: input + source * geometry.inputWidth * channels, count: inside)
      (target + before + inside).update(repeating: 0, count: after)
    }
  }
  return (UnsafePointer(workspace), width)
}
