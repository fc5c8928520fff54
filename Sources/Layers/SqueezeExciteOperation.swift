import Kernels
import Tensors

/// The computation of `SqueezeExcite`.
///
/// All modes are `y = x t g + r x` with a factor t for each position and g for each channel: t is 1 without a spatial
/// gate, `s` or, in mode `both`, `s + 1`; g is 1 without a channel gate; r is 1 in mode `both`, else 0.
final class SqueezeExciteOperation: Operation {
  private let positions: Int
  private let channels: Int
  /// Units of the hidden layer; 0 without a channel gate.
  private let units: Int
  private let hasSpatialGate: Bool
  private let residual: Float
  private let activation: ActivationKernel
  private let batch: Int
  private let isTraining: Bool

  init(_ layer: SqueezeExcite, _ request: OperationRequest) {
    let shape = request.inputShapes[0]
    positions = shape[0] * shape[1]
    channels = shape[2]
    units = layer.mode == .spatial ? 0 : channels / layer.ratio
    hasSpatialGate = layer.mode != .channels
    residual = layer.mode == .both ? 1 : 0
    activation = layer.activation.kernel
    batch = request.maximumBatch
    isTraining = request.isTraining
    blas_useOneThread()
  }

  /// What `backward` needs of `forward`, an array after the other, each with `batch` rows.
  private struct Gates {
    let t, g, mean, preActivation, hidden: UnsafeMutablePointer<Float>
  }

  private var gateCount: Int { batch * (positions + 2 * channels + 2 * units) }
  var savedCount: Int { isTraining ? gateCount : 0 }
  /// Backward: gradients of the gates, of the mean and of the hidden layer, the spatial kernel's by example, and zeros.
  var workspaceCount: Int { isTraining ? batch * (positions + 3 * channels + units) + channels : gateCount }
  var backwardReads: BackwardReads { .inputs }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  private func gates(_ frame: Frame) -> Gates {
    let t = (isTraining ? frame.saved : frame.workspace)!
    let g = t + batch * positions
    let mean = g + batch * channels
    let preActivation = mean + batch * channels
    return Gates(t: t, g: g, mean: mean, preActivation: preActivation, hidden: preActivation + batch * units)
  }

  func forward(_ frame: Frame) {
    let (positions, channels, residual) = (positions, channels, residual)
    let hasChannelGate = units > 0
    let gates = gates(frame)
    let (x, y) = (frame.inputs[0], frame.output!)
    let kernel = hasSpatialGate ? frame.parameters[0] : nil
    frame.pool.forEachTile(frame.batch) { example, _ in
      let image = x + example * positions * channels
      let t = gates.t + example * positions
      if let kernel {
        for p in 0..<positions { t[p] = Float(dot_vectors(image + p * channels, kernel, channels)) }
        activation_forward(.sigmoid, t, t, positions)
        if residual != 0 { rescale_forward(t, scale: 1, offset: residual, t, positions) }
      } else {
        t.update(repeating: 1, count: positions)
      }
      if hasChannelGate {
        let mean = gates.mean + example * channels
        gate_sums(image, t, mean, positions: positions, channels: channels)
        scale_vector(1 / Float(positions), mean, channels)
      }
    }
    if hasChannelGate {
      computeChannelGates(frame, gates)
    } else {
      gates.g.update(repeating: 1, count: frame.batch * channels)
    }
    frame.pool.forEachTile(frame.batch) { example, _ in
      let offset = example * positions * channels
      gate_forward(
        x + offset, gates.t + example * positions, gates.g + example * channels, residual: residual, y + offset,
        positions: positions, channels: channels)
    }
  }

  /// g = sigmoid(activation(mean squeeze) excite)
  private func computeChannelGates(_ frame: Frame, _ gates: Gates) {
    let (squeeze, excite) = channelParameters(frame)
    // OpenBLAS sums in another order for another number of rows: at inference it always gets as many, so that a picture's
    // bits do not depend on how many others there are.
    let batch = isTraining ? frame.batch : self.batch
    gemm_blas(
      m: batch, n: units, k: channels, gates.mean, lda: channels, squeeze, ldb: units, into: gates.preActivation,
      ldc: units)
    activation_forward(activation, gates.preActivation, gates.hidden, batch * units)
    gemm_blas(
      m: batch, n: channels, k: units, gates.hidden, lda: units, excite, ldb: channels, into: gates.g, ldc: channels)
    activation_forward(.sigmoid, gates.g, gates.g, batch * channels)
  }

  private func channelParameters(_ frame: Frame) -> (
    squeeze: UnsafeMutablePointer<Float>, excite: UnsafeMutablePointer<Float>
  ) {
    let first = hasSpatialGate ? 1 : 0
    return (frame.parameters[first], frame.parameters[first + 1])
  }

  // MARK: backward

  func backward(_ frame: Frame) {
    let (positions, channels, residual) = (positions, channels, residual)
    let hasChannelGate = units > 0
    let gates = gates(frame)
    let (x, dy) = (frame.inputs[0], frame.outputGradient!)
    let z = frame.workspace!
    let offset = z + batch * positions
    let kernelPartials = offset + batch * channels
    let channelGradient = kernelPartials + batch * channels
    let hiddenGradient = channelGradient + batch * channels
    let noKernel = hiddenGradient + batch * units

    if hasChannelGate {
      frame.pool.forEachTile(frame.batch) { example, _ in
        let start = example * positions * channels
        gate_channel_gradient(
          x + start, dy + start, gates.t + example * positions, channelGradient + example * channels,
          positions: positions, channels: channels)
      }
      channelGateBackward(frame, gates, channelGradient, hiddenGradient, meanGradient: offset)
    } else {
      offset.update(repeating: 0, count: frame.batch * channels)
    }

    let hasSpatialGate = hasSpatialGate
    noKernel.update(repeating: 0, count: channels)
    let kernel = hasSpatialGate ? frame.parameters[0] : noKernel
    let dx = frame.inputGradients[0]
    frame.pool.forEachTile(frame.batch) { example, _ in
      let start = example * positions * channels
      let t = gates.t + example * positions
      let g = gates.g + example * channels
      let z = z + example * positions
      let offset = offset + example * channels
      if hasSpatialGate {
        gate_position_gradient(
          x + start, dy + start, g, offset: offset, z, positions: positions, channels: channels)
        sigmoid_gradient(t, minus: residual, z, positions)
        gate_sums(x + start, z, kernelPartials + example * channels, positions: positions, channels: channels)
      } else {
        z.update(repeating: 0, count: positions)
      }
      if let dx {
        gate_backward(
          dy + start, t, g, offset: offset, z: z, kernel: kernel, residual: residual, dx + start, positions: positions,
          channels: channels)
      }
    }
    if hasSpatialGate, let kernelGradient = frame.parameterGradients[0] {
      sum_partials(kernelPartials, parts: frame.batch, stride: channels, count: channels, into: kernelGradient)
    }
  }

  /// From the gradient of g to those of the kernels and of the mean; the latter divided by the positions.
  private func channelGateBackward(
    _ frame: Frame, _ gates: Gates, _ channelGradient: UnsafeMutablePointer<Float>,
    _ hiddenGradient: UnsafeMutablePointer<Float>, meanGradient: UnsafeMutablePointer<Float>
  ) {
    let (squeeze, excite) = channelParameters(frame)
    let batch = frame.batch
    let first = hasSpatialGate ? 1 : 0
    sigmoid_gradient(gates.g, minus: 0, channelGradient, batch * channels)
    if let exciteGradient = frame.parameterGradients[first + 1] {
      gemm_blas(
        transposeA: true, m: units, n: channels, k: batch, gates.hidden, lda: units, channelGradient, ldb: channels,
        into: exciteGradient, ldc: channels)
    }
    gemm_blas(
      transposeB: true, m: batch, n: units, k: channels, channelGradient, lda: channels, excite, ldb: channels,
      into: hiddenGradient, ldc: units)
    activation_backward(activation, gates.preActivation, hiddenGradient, hiddenGradient, batch * units)
    if let squeezeGradient = frame.parameterGradients[first] {
      gemm_blas(
        transposeA: true, m: channels, n: units, k: batch, gates.mean, lda: channels, hiddenGradient, ldb: units,
        into: squeezeGradient, ldc: units)
    }
    gemm_blas(
      transposeB: true, m: batch, n: channels, k: units, hiddenGradient, lda: units, squeeze, ldb: units,
      into: meanGradient, ldc: channels)
    scale_vector(1 / Float(positions), meanGradient, batch * channels)
  }
}
