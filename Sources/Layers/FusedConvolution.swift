import Kernels
import Tensors

extension Conv2D {
  /// This layer and what stands behind it as one operation for inference, computed tile by tile.
  ///
  /// `y = pool(activation(batchNorm(conv(x))))`, the normalisation folded into kernel and bias once in `prepare`.
  /// Parameters: the layer's own, then those of the normalisation.
  ///
  /// - Parameter pool: only 2 x 2 windows in steps of 2 without padding can be fused.
  /// - Returns: nil when this combination cannot be fused.
  public func fusedInferenceOperation(
    _ request: OperationRequest, batchNorm: BatchNorm?, activation: Activation?, pool: MaxPool?
  ) -> (any Operation)? {
    if request.isTraining { return nil }
    // A function of its own stands before the normalisation, or before the second function.
    if self.activation != nil && (batchNorm != nil || activation != nil) { return nil }
    if let pool {
      let geometry = geometry(for: request.inputShapes[0])
      if !pool.isTwoByTwo || geometry.outputHeight < 2 || geometry.outputWidth < 2 { return nil }
    }
    return FusedConvolution(
      self, request, batchNorm: batchNorm, activation: activation ?? self.activation, pools: pool != nil)
  }
}

/// Convolution, folded batch normalisation, activation and 2 x 2 pooling at inference.
///
///     persistent: | packed folded kernel | folded bias |
///     workspace:  | padded rows, rows to pool: worker 0 | worker 1 | ...
final class FusedConvolution: Operation {
  private let geometry: ConvolutionGeometry
  private let batchNorm: BatchNorm?
  private let hasBias: Bool
  private let activation: ActivationKernel
  private let pools: Bool
  private let workerCount: Int

  /// Rows of the convolution in a tile; even when they are pooled.
  private let lines: Int
  private let packedCount: Int
  private let paddedCount: Int
  private let poolCount: Int

  init(_ layer: Conv2D, _ request: OperationRequest, batchNorm: BatchNorm?, activation: Activation?, pools: Bool) {
    geometry = layer.geometry(for: request.inputShapes[0])
    self.batchNorm = batchNorm
    hasBias = layer.hasBias
    self.activation = activation?.kernel ?? .identity
    self.pools = pools
    workerCount = request.workerCount
    let wanted = convolution_linesPerTile(geometry)
    lines = pools ? (wanted + 1) / 2 * 2 : wanted
    packedCount = aligned(convolution_packedCount(geometry))
    paddedCount = aligned(convolution_workspaceCount(geometry, lines: lines))
    poolCount = pools ? aligned(lines * geometry.outputWidth * geometry.filters) : 0
  }

  private var biasCount: Int { aligned(geometry.filters + 32) }

  var persistentCount: Int { packedCount + biasCount }

  var workspaceCount: Int {
    // `prepare` folds the kernel there.
    max(workerCount * (paddedCount + poolCount), geometry.kernelCount + 2 * geometry.filters)
  }

  func prepare(_ frame: Frame) {
    let filters = geometry.filters
    let bias = frame.persistent + packedCount
    bias.update(repeating: 0, count: biasCount)
    if hasBias { bias.update(from: frame.parameters[1], count: filters) }
    guard let batchNorm else {
      convolution_pack(geometry, kernel: frame.parameters[0], into: frame.persistent)
      return
    }
    let norm = frame.parameters[(hasBias ? 2 : 1)...].map { $0 }
    let folded: UnsafeMutablePointer<Float> = frame.workspace
    let scale = folded + geometry.kernelCount
    let shift = scale + filters
    batchNorm.inferenceScaleAndShift(
      gamma: norm[0], beta: norm[1], mean: norm[2], variance: norm[3], channels: filters, scale: scale, shift: shift)
    for row in 0..<geometry.weightsPerFilter {
      for f in 0..<filters { folded[row * filters + f] = frame.parameters[0][row * filters + f] * scale[f] }
    }
    for f in 0..<filters { bias[f] = bias[f] * scale[f] + shift[f] }
    convolution_pack(geometry, kernel: folded, into: frame.persistent)
  }

  func forward(_ frame: Frame) {
    let geometry = self.geometry
    let activation = self.activation
    let pools = self.pools
    let lines = self.lines
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
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    let (paddedCount, poolCount) = (self.paddedCount, self.poolCount)
    frame.pool.forEachTile(frame.batch * bands) { tile, worker in
      let (image, band) = (tile / bands, tile % bands)
      let first = band * lines
      let count = min(lines, used - first)
      let padded = workspace + worker * (paddedCount + poolCount)
      let target = pools ? padded + paddedCount : output + (image * outputCount + first * lineCount)
      convolution_forward(
        geometry, input: input + image * geometry.inputCount, firstLine: first, lines: count, packed: packed,
        bias: bias, relu: activation == .relu, output: target, workspace: padded)
      if activation != .identity && activation != .relu {
        activation_forward(activation, target, target, count * lineCount)
      }
      if pools {
        max_pool_forward(
          pool, target, output + (image * outputCount + first / 2 * pooledLineCount), firstRow: 0, endRow: count / 2)
      }
    }
  }

  /// Inference only: there is nothing to go back for.
  func backward(_ frame: Frame) {}
}
