import Kernels
import Tensors

/// The computation of `DepthwiseConv2D`, with its bias and activation.
///
/// Forward runs in tiles of some rows of one picture. The kernel gradient is summed in a fixed number of parts, each over
/// consecutive rows of the batch's output, that are added in order: the same bits for any number of workers.
///
///     persistent: | kernel with its taps reversed |
///     workspace:  | padded rows of worker 0 | padded rows of worker 1 | ... | parts of the kernel and bias gradients |
final class DepthwiseOperation: Operation {
  private let geometry: ConvolutionGeometry
  private let activation: ActivationKernel
  private let hasBias: Bool
  private let isTraining: Bool
  private let needsInputGradient: Bool
  private let maximumBatch: Int
  private let workerCount: Int
  private let workerScratch: Int

  init(_ layer: DepthwiseConv2D, _ request: OperationRequest, activation: Activation?) {
    geometry = layer.geometry(for: request.inputShapes[0])
    self.activation = activation?.kernel ?? .identity
    hasBias = layer.hasBias
    isTraining = request.isTraining
    needsInputGradient = request.isTraining && request.needsInputGradient
    maximumBatch = request.maximumBatch
    workerCount = request.workerCount
    let reverse = geometry.inputGradientGeometry
    workerScratch = aligned(
      max(
        convolution_workspaceCount(geometry, lines: geometry.linesPerDepthwiseTile),
        isTraining ? convolution_workspaceCount(reverse, lines: reverse.linesPerDepthwiseTile) : 0))
  }

  // MARK: memory

  private var hasUnitStride: Bool { geometry.strideHeight == 1 && geometry.strideWidth == 1 }
  private var needsPreActivation: Bool { isTraining && activation != .identity && activation != .relu }

  var backwardReads: BackwardReads { activation == .relu ? [.inputs, .output] : [.inputs] }
  var savedCount: Int { needsPreActivation ? maximumBatch * geometry.outputCount : 0 }
  var persistentCount: Int { needsInputGradient && hasUnitStride ? geometry.kernelCount : 0 }
  var workspaceCount: Int {
    workerCount * workerScratch + (isTraining ? gradientParts(batch: maximumBatch) * partCount : 0)
  }

  /// Floats of one part of the kernel and bias gradients.
  private var partCount: Int { aligned(geometry.kernelCount + geometry.filters) }

  private func gradientParts(batch: Int) -> Int { max(1, min(16, batch * geometry.outputHeight)) }

  func prepare(_ frame: Frame) {
    if persistentCount > 0 { depthwise_flip(geometry, kernel: frame.parameters[0], into: frame.persistent) }
  }

  // MARK: forward

  func forward(_ frame: Frame) {
    convolve(
      geometry, frame, input: frame.inputs[0], kernel: frame.parameters[0], bias: hasBias ? frame.parameters[1] : nil,
      output: frame.output, activation: activation, preActivation: needsPreActivation ? frame.saved : nil)
  }

  /// One convolution over the batch, in tiles.
  private func convolve(
    _ geometry: ConvolutionGeometry, _ frame: Frame, input: UnsafePointer<Float>, kernel: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>, activation: ActivationKernel,
    preActivation: UnsafeMutablePointer<Float>?
  ) {
    let lines = geometry.linesPerDepthwiseTile
    let bands = (geometry.outputHeight + lines - 1) / lines
    let lineCount = geometry.outputWidth * geometry.filters
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    let workerScratch = self.workerScratch
    frame.pool.forEachTile(frame.batch * bands) { tile, worker in
      let (image, first) = (tile / bands, tile % bands * lines)
      let count = min(lines, geometry.outputHeight - first)
      let offset = image * geometry.outputCount + first * lineCount
      let target = (preActivation ?? output) + offset
      depthwise_forward(
        geometry, input: input + image * geometry.inputCount, firstLine: first, lines: count, kernel: kernel,
        bias: bias, output: target, workspace: workspace + worker * workerScratch)
      if activation != .identity { activation_forward(activation, target, output + offset, count * lineCount) }
    }
  }

  // MARK: backward

  func backward(_ frame: Frame) {
    if activation != .identity { activationBackward(frame) }
    if frame.parameterGradients.contains(where: { $0 != nil }) { parameterGradients(frame) }
    guard let inputGradient = frame.inputGradients[0] else { return }
    if hasUnitStride {
      return convolve(
        geometry.inputGradientGeometry, frame, input: frame.outputGradient, kernel: frame.persistent, bias: nil,
        output: inputGradient, activation: .identity, preActivation: nil)
    }
    let geometry = self.geometry
    let outputGradient: UnsafeMutablePointer<Float> = frame.outputGradient
    let kernel = frame.parameters[0]
    frame.pool.forEachTile(frame.batch) { image, _ in
      depthwise_inputGradient(
        geometry, outputGradient: outputGradient + image * geometry.outputCount, kernel: kernel,
        inputGradient: inputGradient + image * geometry.inputCount)
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
    let (partCount, workerScratch, hasBias) = (self.partCount, self.workerScratch, self.hasBias)
    let step = geometry.linesPerDepthwiseTile
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
        depthwise_kernelGradient(
          geometry, input: input + image * geometry.inputCount, outputGradient: outputGradient + line * lineCount,
          firstLine: first, lines: lines, addTo: sums, biasGradient: hasBias ? sums + geometry.kernelCount : nil,
          workspace: workspace + worker * workerScratch)
        line += lines
      }
    }
    if let kernelGradient = frame.parameterGradients[0] {
      sum_partials(partials, parts: parts, stride: partCount, count: geometry.kernelCount, into: kernelGradient)
    }
    if hasBias, let biasGradient = frame.parameterGradients[1] {
      sum_partials(
        partials + geometry.kernelCount, parts: parts, stride: partCount, count: geometry.filters, into: biasGradient)
    }
  }
}

extension ConvolutionGeometry {
  /// Rows of output in a tile of a depthwise convolution: what they read and write is about 256 kB.
  var linesPerDepthwiseTile: Int {
    let line = max(1, inputWidth * inputChannels * strideHeight + outputWidth * filters)
    let wanted = max(1, 65536 / line)
    let tiles = max(1, (outputHeight + wanted - 1) / wanted)
    return max(1, (outputHeight + tiles - 1) / tiles)
  }
}
