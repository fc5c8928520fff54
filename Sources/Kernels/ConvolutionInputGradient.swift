// Input gradients of convolutions with a stride. With stride 1, `convolution_forward` over
// `ConvolutionGeometry.inputGradientGeometry` and `convolution_packFlipped` does it.

extension ConvolutionGeometry {
  /// True when the windows lie side by side without gaps or overlaps, so that each input belongs to one window at most.
  public var isPatchwise: Bool {
    groups == 1 && !isPadded && strideHeight == kernelHeight && strideWidth == kernelWidth && dilationHeight == 1
      && dilationWidth == 1
  }
}

/// Floats of a kernel packed by `convolution_packTransposed`.
public func convolution_packedTransposedCount(_ geometry: ConvolutionGeometry) -> Int {
  let columns = geometry.kernelWidth * geometry.groupInputChannels
  return geometry.groups * geometry.kernelHeight * gemm_packedCount(depth: geometry.groupFilters, columns: columns)
}

/// Packs the transposed kernel for `convolution_inputGradient`: for each group and kernel row, `[filters of the group,
/// kernelWidth * channels of the group]`.
public func convolution_packTransposed(
  _ geometry: ConvolutionGeometry, kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>
) {
  let columns = geometry.kernelWidth * geometry.groupInputChannels
  let count = gemm_packedCount(depth: geometry.groupFilters, columns: columns)
  for group in 0..<geometry.groups {
    for row in 0..<geometry.kernelHeight {
      gemm_pack(
        kernel + (row * columns * geometry.filters + group * geometry.groupFilters), rowStride: 1,
        columnStride: geometry.filters, depth: geometry.groupFilters, columns: columns,
        into: packed + (group * geometry.kernelHeight + row) * count)
    }
  }
}

/// Floats of scratch memory for `convolution_inputGradient`.
public func convolution_inputGradientWorkspaceCount(_ geometry: ConvolutionGeometry) -> Int {
  geometry.isPatchwise ? 0 : geometry.outputWidth * geometry.kernelWidth * geometry.groupInputChannels
}

/// The input gradient of one picture, any stride, dilation and groups.
///
/// - Parameters:
///   - outputGradient: `[outputHeight, outputWidth, filters]`.
///   - packed: the kernel as `convolution_packTransposed` lays it out.
///   - inputGradient: `[inputHeight, inputWidth, inputChannels]`, all of which is written.
///   - workspace: `convolution_inputGradientWorkspaceCount` floats that no other thread uses.
public func convolution_inputGradient(
  _ geometry: ConvolutionGeometry, outputGradient: UnsafePointer<Float>, packed: UnsafePointer<Float>,
  inputGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
) {
  let rowCount = geometry.inputWidth * geometry.inputChannels
  let columns = geometry.kernelWidth * geometry.groupInputChannels
  let count = gemm_packedCount(depth: geometry.groupFilters, columns: columns)
  if geometry.isPatchwise {
    let covered = geometry.outputWidth * columns
    for line in 0..<geometry.inputHeight {
      let target = inputGradient + line * rowCount
      let (output, row) = (line / geometry.kernelHeight, line % geometry.kernelHeight)
      if output >= geometry.outputHeight {
        target.update(repeating: 0, count: rowCount)
        continue
      }
      let matrix = gradientRow(geometry, outputGradient, line: output, group: 0)
      gemm_segmented(
        matrix, packed: packed + row * count, columns: columns, bias: nil, into: target, ldc: columns, relu: false)
      (target + covered).update(repeating: 0, count: rowCount - covered)
    }
    return
  }
  inputGradient.update(repeating: 0, count: geometry.inputCount)
  for output in 0..<geometry.outputHeight {
    for row in 0..<geometry.kernelHeight {
      let line = output * geometry.strideHeight + row * geometry.dilationHeight - geometry.padTop
      if line < 0 || line >= geometry.inputHeight { continue }
      for group in 0..<geometry.groups {
        let matrix = gradientRow(geometry, outputGradient, line: output, group: group)
        gemm_segmented(
          matrix, packed: packed + (group * geometry.kernelHeight + row) * count, columns: columns, bias: nil,
          into: workspace, ldc: columns, relu: false)
        scatter(
          geometry, workspace, into: inputGradient + (line * rowCount + group * geometry.groupInputChannels))
      }
    }
  }
}

/// One row of the output gradient, of one group, as a matrix `[outputWidth, filters of the group]`.
private func gradientRow(
  _ geometry: ConvolutionGeometry, _ outputGradient: UnsafePointer<Float>, line: Int, group: Int
) -> SegmentedMatrix {
  SegmentedMatrix(
    rows: outputGradient + (line * geometry.outputWidth * geometry.filters + group * geometry.groupFilters),
    rowCount: geometry.outputWidth, depth: geometry.groupFilters, stride: geometry.filters)
}

/// Adds columns `[outputWidth, kernelWidth, channels of the group]` to the pixels of one row that they came from.
private func scatter(
  _ geometry: ConvolutionGeometry, _ columns: UnsafePointer<Float>, into line: UnsafeMutablePointer<Float>
) {
  let channels = geometry.groupInputChannels
  for output in 0..<geometry.outputWidth {
    for tap in 0..<geometry.kernelWidth {
      let pixel = output * geometry.strideWidth + tap * geometry.dilationWidth - geometry.padLeft
      if pixel < 0 || pixel >= geometry.inputWidth { continue }
      let source = columns + (output * geometry.kernelWidth + tap) * channels
      let target = line + pixel * geometry.inputChannels
      for c in 0..<channels { target[c] += source[c] }
    }
  }
}
