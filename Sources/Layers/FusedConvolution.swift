import Kernels
import Tensors

extension Conv2D {
  /// This layer with what stands before and behind it as one operation for inference, computed tile by tile.
  ///
  /// `y = pool(outputNorm(activation(batchNorm(conv(inputNorm(rescale(x)))))))`; rescaling and batch normalisation are
  /// folded into kernel and bias once in `prepare`. Parameters: those of the layers in this order.
  ///
  /// - Parameters:
  ///   - rescale: only before a convolution without padding, which would be rescaled with the picture.
  ///   - pool: only 2 x 2 windows in steps of 2 without padding can be fused.
  /// - Returns: nil when this combination cannot be fused.
  public func fusedInferenceOperation(
    _ request: OperationRequest, rescale: Rescale? = nil, inputNorm: LayerNorm? = nil, batchNorm: BatchNorm? = nil,
    activation: Activation? = nil, outputNorm: LayerNorm? = nil, pool: MaxPool? = nil
  ) -> (any Operation)? {
    if request.isTraining { return nil }
    // A function of its own stands before the normalisation, or before the second function.
    if self.activation != nil && (batchNorm != nil || activation != nil) { return nil }
    let geometry = geometry(for: request.inputShapes[0])
    if rescale != nil && (geometry.isPadded || inputNorm != nil) { return nil }
    if let pool {
      let isTooSmall = geometry.outputHeight < 2 || geometry.outputWidth < 2
      if !pool.isTwoByTwo || isTooSmall || outputNorm != nil { return nil }
    }
    let stages = FusedConvolution.Stages(
      rescale: rescale, inputNorm: inputNorm, batchNorm: batchNorm,
      activation: (activation ?? self.activation)?.kernel ?? .identity, outputNorm: outputNorm, pools: pool != nil)
    return FusedConvolution(geometry, hasBias: hasBias, stages, workerCount: request.workerCount)
  }
}

/// Convolution at inference with its neighbours: layer normalisation before it; folded rescaling and batch normalisation,
/// activation, layer normalisation or 2 x 2 pooling behind it.
///
///     persistent: | packed folded kernel | folded bias | gamma, beta before | gamma, beta behind |
///     workspace:  | normalised rows, padded rows, rows to pool: worker 0 | worker 1 | ...
final class FusedConvolution: Operation {
  struct Stages {
    var rescale: Rescale?
    var inputNorm: LayerNorm?
    var batchNorm: BatchNorm?
    var activation: ActivationKernel
    var outputNorm: LayerNorm?
    var pools: Bool
  }

  private let geometry: ConvolutionGeometry
  private let hasBias: Bool
  private let stages: Stages
  private let workerCount: Int

  /// Rows of the convolution in a tile; even when they are pooled.
  private let lines: Int
  private let packedCount: Int
  private let biasCount: Int
  private let inputFactorCount: Int
  private let normalisedCount: Int
  private let paddedCount: Int
  private let poolCount: Int

  init(_ geometry: ConvolutionGeometry, hasBias: Bool, _ stages: Stages, workerCount: Int) {
    self.geometry = geometry
    self.hasBias = hasBias
    self.stages = stages
    self.workerCount = workerCount
    let wanted = convolution_linesPerTile(geometry)
    lines = stages.pools ? (wanted + 1) / 2 * 2 : wanted
    packedCount = aligned(convolution_packedCount(geometry))
    biasCount = aligned(geometry.filters + 32)
    inputFactorCount = stages.inputNorm == nil ? 0 : 2 * aligned(geometry.inputChannels)
    let height = (lines - 1) * geometry.strideHeight + geometry.windowHeight
    normalisedCount =
      stages.inputNorm == nil ? 0 : aligned(height * geometry.inputWidth * geometry.inputChannels)
    paddedCount = aligned(convolution_workspaceCount(geometry, lines: lines))
    poolCount = stages.pools ? aligned(lines * geometry.outputWidth * geometry.filters) : 0
  }

  var persistentCount: Int {
    packedCount + biasCount + inputFactorCount + (stages.outputNorm == nil ? 0 : 2 * aligned(geometry.filters))
  }

  private var scratchCount: Int { normalisedCount + paddedCount + poolCount }

  var workspaceCount: Int {
    // `prepare` folds the kernel there.
    max(workerCount * scratchCount, geometry.kernelCount + 2 * geometry.filters)
  }

  // MARK: prepare

  func prepare(_ frame: Frame) {
    var parameters = frame.parameters[...]
    let bias: UnsafeMutablePointer<Float> = frame.persistent + packedCount
    let inputFactors = bias + biasCount
    if let norm = stages.inputNorm {
      norm.writeFactors(parameters, channels: geometry.inputChannels, into: inputFactors)
      parameters = parameters.dropFirst(norm.parameterCount)
    }
    let kernel = parameters.removeFirst()
    bias.update(repeating: 0, count: biasCount)
    if hasBias { bias.update(from: parameters.removeFirst(), count: geometry.filters) }
    if stages.rescale == nil && stages.batchNorm == nil {
      convolution_pack(geometry, kernel: kernel, into: frame.persistent)
    } else {
      let folded: UnsafeMutablePointer<Float> = frame.workspace
      folded.update(from: kernel, count: geometry.kernelCount)
      if let rescale = stages.rescale { fold(rescale, into: folded, bias: bias) }
      if let norm = stages.batchNorm {
        fold(norm, Array(parameters.prefix(4)), into: folded, bias: bias)
        parameters = parameters.dropFirst(4)
      }
      convolution_pack(geometry, kernel: folded, into: frame.persistent)
    }
    if let norm = stages.outputNorm {
      norm.writeFactors(parameters, channels: geometry.filters, into: inputFactors + inputFactorCount)
    }
  }

  /// `w (scale x + offset) = (scale w) x + offset w`, with constants for all channels or for each.
  private func fold(
    _ rescale: Rescale, into kernel: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>
  ) {
    let (scale, offset) = (rescale.scale, rescale.offset)
    for f in 0..<geometry.filters {
      let firstChannel = f / geometry.groupFilters * geometry.groupInputChannels
      var sum = 0.0
      for row in 0..<geometry.weightsPerFilter {
        let index = row * geometry.filters + f
        let channel = firstChannel + row % geometry.groupInputChannels
        sum += Double(offset[offset.count == 1 ? 0 : channel]) * Double(kernel[index])
        kernel[index] *= scale[scale.count == 1 ? 0 : channel]
      }
      bias[f] += Float(sum)
    }
  }

  private func fold(
    _ norm: BatchNorm, _ parameters: [UnsafeMutablePointer<Float>], into kernel: UnsafeMutablePointer<Float>,
    bias: UnsafeMutablePointer<Float>
  ) {
    let filters = geometry.filters
    let scale = kernel + geometry.kernelCount
    let shift = scale + filters
    norm.inferenceScaleAndShift(
      gamma: parameters[0], beta: parameters[1], mean: parameters[2], variance: parameters[3], channels: filters,
      scale: scale, shift: shift)
    for row in 0..<geometry.weightsPerFilter {
      for f in 0..<filters { kernel[row * filters + f] *= scale[f] }
    }
    for f in 0..<filters { bias[f] = bias[f] * scale[f] + shift[f] }
  }

  // MARK: forward

  func forward(_ frame: Frame) {
    let (geometry, stages, lines) = (self.geometry, self.stages, self.lines)
    let activation = stages.activation
    let pools = stages.pools
    let lineCount = geometry.outputWidth * geometry.filters
    let used = pools ? geometry.outputHeight / 2 * 2 : geometry.outputHeight
    let bands = (used + lines - 1) / lines
    let pool = PoolGeometry(
      inputHeight: pools ? lines : 2, inputWidth: max(2, geometry.outputWidth), channels: geometry.filters,
      window: (2, 2), stride: (2, 2), same: false)
    let pooledLineCount = geometry.outputWidth / 2 * geometry.filters
    let outputCount = pools ? geometry.outputHeight / 2 * pooledLineCount : geometry.outputCount
    let input = frame.inputs[0]
    let output: UnsafeMutablePointer<Float> = frame.output
    let packed: UnsafePointer<Float> = UnsafePointer(frame.persistent)
    let bias = packed + packedCount
    let outputFactors = bias + biasCount + inputFactorCount
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    let (normalisedCount, paddedCount, scratchCount) = (self.normalisedCount, self.paddedCount, self.scratchCount)
    frame.pool.forEachTile(frame.batch * bands) { tile, worker in
      let (image, band) = (tile / bands, tile % bands)
      let first = band * lines
      let count = min(lines, used - first)
      let normalised = workspace + worker * scratchCount
      let padded = normalised + normalisedCount
      let target = pools ? padded + paddedCount : output + (image * outputCount + first * lineCount)
      let picture = input + image * geometry.inputCount
      convolution_forward(
        geometry,
        input: normalise(picture, firstLine: first, lines: count, factors: bias + biasCount, into: normalised),
        firstLine: first, lines: count, packed: packed, bias: bias, relu: activation == .relu, output: target,
        workspace: padded)
      if activation != .identity && activation != .relu {
        activation_forward(activation, target, target, count * lineCount)
      }
      stages.outputNorm?.normalise(
        target, target, positions: count * geometry.outputWidth, channels: geometry.filters, factors: outputFactors)
      if pools {
        max_pool_forward(
          pool, target, output + (image * outputCount + first / 2 * pooledLineCount), firstRow: 0, endRow: count / 2)
      }
    }
  }

  /// The picture with the rows normalised that the windows of some rows of output see; only these may be read.
  private func normalise(
    _ picture: UnsafePointer<Float>, firstLine: Int, lines: Int, factors: UnsafePointer<Float>,
    into rows: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    guard let norm = stages.inputNorm else { return picture }
    let first = firstLine * geometry.strideHeight - geometry.padTop
    let end = min(geometry.inputHeight, first + (lines - 1) * geometry.strideHeight + geometry.windowHeight)
    let start = min(max(0, first), end)
    let rowCount = geometry.inputWidth * geometry.inputChannels
    norm.normalise(
      picture + start * rowCount, rows, positions: (end - start) * geometry.inputWidth,
      channels: geometry.inputChannels, factors: factors)
    return UnsafePointer(rows - start * rowCount)
  }

  /// Inference only: there is nothing to go back for.
  func backward(_ frame: Frame) {}
}
