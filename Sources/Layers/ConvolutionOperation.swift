import Kernels
import Tensors

/// The computation of `Conv2D`, with its bias and activation.
///
/// Forward runs in tiles of some rows of one picture; a tile's activation is applied while it is in the cache. The kernel
/// gradient is summed in a fixed number of parts, each over consecutive rows of the batch's output, that are added in
/// order at the end: the same bits for any number of workers.
///
///     persistent: | packed kernel | bias | kernel packed for the input gradient |
///     workspace:  | scratch of worker 0 | scratch of worker 1 | ... | parts of the kernel and bias gradients |
final class ConvolutionOperation: Operation {
  private let geometry: ConvolutionGeometry
  private let activation: ActivationKernel
  private let hasBias: Bool
  private let isTraining: Bool
  private let reverse: Reverse
  private let maximumBatch: Int
  private let workerCount: Int

  private let packedCount: Int
  private let biasCount: Int
  private let workerScratch: Int

  /// How the input gradient is computed.
  private enum Reverse {
    case none
    /// Stride 1: a convolution with the flipped kernel.
    case convolution(ConvolutionGeometry)
    /// Column rows, added where they came from.
    case columns

    func packedCount(_ geometry: ConvolutionGeometry) -> Int {
      switch self {
      case .none: 0
      case .convolution(let reverse): convolution_packedCount(reverse)
      case .columns: convolution_packedTransposedCount(geometry)
      }
    }

    func scratch(_ geometry: ConvolutionGeometry) -> Int {
      switch self {
      case .none: 0
      case .convolution(let reverse):
        convolution_workspaceCount(reverse, lines: convolution_linesPerTile(reverse))
      case .columns: convolution_inputGradientWorkspaceCount(geometry)
      }
    }
  }

  init(_ layer: Conv2D, _ request: OperationRequest, activation: Activation?) {
    let geometry = layer.geometry(for: request.inputShapes[0])
    self.geometry = geometry
    self.activation = activation?.kernel ?? .identity
    hasBias = layer.hasBias
    isTraining = request.isTraining
    maximumBatch = request.maximumBatch
    workerCount = request.workerCount
    if !request.isTraining || !request.needsInputGradient {
      reverse = .none
    } else if geometry.strideHeight == 1 && geometry.strideWidth == 1 {
      reverse = .convolution(geometry.inputGradientGeometry)
    } else {
      reverse = .columns
    }
    packedCount = aligned(convolution_packedCount(geometry))
    // Kernels read the bias of a whole panel, however many filters it holds.
    biasCount = hasBias ? aligned(geometry.filters + 32) : 0
    let forwardScratch = convolution_workspaceCount(geometry, lines: convolution_linesPerTile(geometry))
    let gradientScratch =
      isTraining
      ? convolution_kernelGradientWorkspaceCount(geometry, lines: convolution_linesPerGradientStep(geometry)) : 0
    workerScratch = aligned(max(forwardScratch, gradientScratch, reverse.scratch(geometry)))
  }

  // MARK: memory

  private var needsPreActivation: Bool { isTraining && activation != .identity && activation != .relu }

  var backwardReads: BackwardReads { activation == .relu ? [.inputs, .output] : [.inputs] }
  var savedCount: Int { needsPreActivation ? maximumBatch * geometry.outputCount : 0 }
  var persistentCount: Int { packedCount + biasCount + reverse.packedCount(geometry) }

  var workspaceCount: Int {
    let parts = isTraining ? gradientParts(batch: maximumBatch) * partCount : 0
    // `prepare` flips the kernel there.
    return max(workerCount * workerScratch + parts, isTraining ? geometry.kernelCount : 0)
  }

  /// Floats of one part of the kernel and bias gradients.
  private var partCount: Int { aligned(geometry.kernelCount + geometry.filters) }

  /// Into how many parts the rows of the output are divided for the kernel gradient. Few, where the kernel is so large
  /// that the parts would cost more memory than they bring.
  private func gradientParts(batch: Int) -> Int {
    let most = max(2, min(16, (4 << 20) / partCount))
    return max(1, min(most, batch * geometry.outputHeight))
  }

  func prepare(_ frame: Frame) {
    convolution_pack(geometry, kernel: frame.parameters[0], into: frame.persistent)
    if hasBias {
      let bias = frame.persistent + packedCount
      bias.update(from: frame.parameters[1], count: geometry.filters)
      (bias + geometry.filters).update(repeating: 0, count: biasCount - geometry.filters)
    }
    let reversed: UnsafeMutablePointer<Float> = frame.persistent + (packedCount + biasCount)
    switch reverse {
    case .none: break
    case .convolution:
      convolution_packFlipped(geometry, kernel: frame.parameters[0], into: reversed, workspace: frame.workspace)
    case .columns: convolution_packTransposed(geometry, kernel: frame.parameters[0], into: reversed)
    }
  }

  // MARK: forward

  func forward(_ frame: Frame) {
    let saved = needsPreActivation ? frame.saved : nil
    let bias: UnsafePointer<Float>? = hasBias ? UnsafePointer(frame.persistent + packedCount) : nil
    convolve(
      geometry, frame, input: frame.inputs[0], packed: frame.persistent, bias: bias, output: frame.output,
      activation: activation, preActivation: saved)
  }

  /// One convolution over the batch, in tiles.
  private func convolve(
    _ geometry: ConvolutionGeometry, _ frame: Frame, input: UnsafePointer<Float>, packed: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>, activation: ActivationKernel,
    preActivation: UnsafeMutablePointer<Float>?
  ) {
    let lines = convolution_linesPerTile(geometry)
    let bands = (geometry.outputHeight + lines - 1) / lines
    let lineCount = geometry.outputWidth * geometry.filters
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    let workerScratch = self.workerScratch
    frame.pool.forEachTile(frame.batch * bands) { tile, worker in
      let (image, band) = (tile / bands, tile % bands)
      let first = band * lines
      let count = min(lines, geometry.outputHeight - first)
      let offset = image * geometry.outputCount + first * lineCount
      let target = (preActivation ?? output) + offset
      convolution_forward(
        geometry, input: input + image * geometry.inputCount, firstLine: first, lines: count, packed: packed,
        bias: bias, relu: activation == .relu, output: target, workspace: workspace + worker * workerScratch)
      if activation != .identity && activation != .relu {
        activation_forward(activation, target, output + offset, count * lineCount)
      }
    }
  }

  // MARK: backward

  func backward(_ frame: Frame) {
    if activation != .identity { activationBackward(frame) }
    if frame.parameterGradients.contains(where: { $0 != nil }) { parameterGradients(frame) }
    guard let inputGradient = frame.inputGradients[0] else { return }
    let packed: UnsafeMutablePointer<Float> = frame.persistent + (packedCount + biasCount)
    switch reverse {
    case .none: break
    case .convolution(let reverse):
      convolve(
        reverse, frame, input: frame.outputGradient, packed: packed, bias: nil, output: inputGradient,
        activation: .identity, preActivation: nil)
    case .columns:
      let geometry = self.geometry
      let workerScratch = self.workerScratch
      let outputGradient: UnsafeMutablePointer<Float> = frame.outputGradient
      let workspace: UnsafeMutablePointer<Float> = frame.workspace
      frame.pool.forEachTile(frame.batch) { image, worker in
        convolution_inputGradient(
          geometry, outputGradient: outputGradient + image * geometry.outputCount, packed: packed,
          inputGradient: inputGradient + image * geometry.inputCount, workspace: workspace + worker * workerScratch)
      }
    }
  }

  /// Turns the gradient of the output into that of what went into the activation, in place.
  private func activationBackward(_ frame: Frame) {
    // relu: the output is positive exactly where its input was.
    let x: UnsafePointer<Float> = UnsafePointer(needsPreActivation ? frame.saved! : frame.output!)
    let gradient: UnsafeMutablePointer<Float> = frame.outputGradient
    let activation = self.activation
    elementTiles(frame.pool, count: frame.batch * geometry.outputCount) { first, count in
      activation_backward(activation, x + first, gradient + first, gradient + first, count)
    }
  }

  private func parameterGradients(_ frame: Frame) {
    let geometry = self.geometry
    let step = convolution_linesPerGradientStep(geometry)
    let partCount = self.partCount
    let workerScratch = self.workerScratch
    let hasBias = self.hasBias
    let totalLines = frame.batch * geometry.outputHeight
    let lineCount = geometry.outputWidth * geometry.filters
    let parts = gradientParts(batch: frame.batch)
    let input = frame.inputs[0]
    let outputGradient: UnsafeMutablePointer<Float> = frame.outputGradient
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    let partials = workspace + workerCount * workerScratch
    frame.pool.forEachTile(parts) { part, worker in
      let sums = partials + part * partCount
      sums.update(repeating: 0, count: partCount)
      var line = part * totalLines / parts
      let end = (part + 1) * totalLines / parts
      while line < end {
        let (image, first) = (line / geometry.outputHeight, line % geometry.outputHeight)
        let lines = min(step, end - line, geometry.outputHeight - first)
        convolution_kernelGradient(
          geometry, input: input + image * geometry.inputCount, outputGradient: outputGradient + line * lineCount,
          firstLine: first, lines: lines, addTo: sums, biasGradient: hasBias ? sums + geometry.kernelCount : nil,
          workspace: workspace + worker * workerScratch)
        line += lines
      }
    }
    if let kernelGradient = frame.parameterGradients[0] {
      elementTiles(frame.pool, count: geometry.kernelCount) { first, count in
        sum_partials(partials + first, parts: parts, stride: partCount, count: count, into: kernelGradient + first)
      }
    }
    if hasBias, let biasGradient = frame.parameterGradients[1] {
      sum_partials(
        partials + geometry.kernelCount, parts: parts, stride: partCount, count: geometry.filters, into: biasGradient)
    }
  }
}

/// Rounded up to whole cache lines of 16 floats.
func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// Calls `body` for consecutive ranges of 0 ..< count, of some 64 kB each.
func elementTiles(_ pool: WorkerPool, count: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
  let size = 16384
  pool.forEachTile((count + size - 1) / size) { tile, _ in
    body(tile * size, min(size, count - tile * size))
  }
}
