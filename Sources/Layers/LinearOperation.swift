import Kernels
import Tensors

/// The computation of `Linear`, with its bias and activation.
///
/// With the batches of training a large kernel is read from memory faster than anything else can be done with it, so it
/// is read where it lies, once each for the output, the input gradient and the kernel gradient. Forward divides the
/// features into parts whose products are added in order; the same bits for any number of workers.
final class LinearOperation: Operation {
  private let features: Int
  private let units: Int
  private let hasBias: Bool
  private let activation: ActivationKernel
  private let isTraining: Bool
  private let maximumBatch: Int
  /// Parts of the features in `forward`.
  private let parts: Int

  init(_ layer: Linear, _ request: OperationRequest, activation: Activation?) {
    features = request.inputShapes[0][0]
    units = layer.units
    hasBias = layer.hasBias
    self.activation = activation?.kernel ?? .identity
    isTraining = request.isTraining
    maximumBatch = request.maximumBatch
    // A part is worth a call when it holds some 64 000 weights.
    parts = max(1, min(32, features / 128, features * units >> 16))
    blas_useOneThread()
  }

  private var needsPreActivation: Bool { isTraining && activation != .identity && activation != .relu }

  var backwardReads: BackwardReads { activation == .relu ? [.inputs, .output] : [.inputs] }
  var savedCount: Int { needsPreActivation ? maximumBatch * units : 0 }
  var workspaceCount: Int { parts * maximumBatch * units + (isTraining ? 0 : maximumBatch * features) }

  // MARK: forward

  func forward(_ frame: Frame) {
    let (features, units, parts, batch) = (self.features, self.units, self.parts, frame.batch)
    // OpenBLAS sums in another order for another number of rows. Inference always multiplies as many, so that what a
    // picture's logits are does not depend on how many others are in its batch.
    let rows = isTraining ? batch : maximumBatch
    let partCount = rows * units
    let kernel = frame.parameters[0]
    let partials: UnsafeMutablePointer<Float> = frame.workspace
    let input = rows == batch ? frame.inputs[0] : padded(frame, behind: partials + parts * partCount)
    let columnTiles = parts > 1 ? 1 : max(1, min(32, features * units >> 16, units / 64))
    frame.pool.forEachTile(parts * columnTiles) { tile, _ in
      let (part, columnTile) = (tile / columnTiles, tile % columnTiles)
      let (first, end) = (part * features / parts, (part + 1) * features / parts)
      let (column, columnEnd) = (columnTile * units / columnTiles, (columnTile + 1) * units / columnTiles)
      gemm_blas(
        m: rows, n: columnEnd - column, k: end - first, input + first, lda: features,
        kernel + (first * units + column), ldb: units, into: partials + (part * partCount + column), ldc: units)
    }
    let bias = hasBias ? frame.parameters[1] : nil
    let output: UnsafeMutablePointer<Float> = frame.output
    let target = needsPreActivation ? frame.saved! : output
    let activation = self.activation
    frame.pool.forEachTile(batch) { row, _ in
      let offset = row * units
      sum_partials(partials + offset, parts: parts, stride: partCount, count: units, into: target + offset)
      if let bias { sum_rows(bias, rows: 1, columns: units, addTo: target + offset) }
      if activation != .identity { activation_forward(activation, target + offset, output + offset, units) }
    }
  }

  /// The input with rows of zeros behind it, up to the largest batch.
  private func padded(_ frame: Frame, behind target: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
    let count = frame.batch * features
    target.update(from: frame.inputs[0], count: count)
    (target + count).update(repeating: 0, count: maximumBatch * features - count)
    return UnsafePointer(target)
  }

  // MARK: backward

  func backward(_ frame: Frame) {
    let (features, units, batch) = (self.features, self.units, frame.batch)
    let gradient: UnsafeMutablePointer<Float> = frame.outputGradient
    if activation != .identity {
      // relu: the output is positive exactly where its input was.
      let x: UnsafePointer<Float> = UnsafePointer(needsPreActivation ? frame.saved! : frame.output!)
      activation_backward(activation, x, gradient, gradient, batch * units)
    }
    if hasBias, let biasGradient = frame.parameterGradients[1] {
      biasGradient.update(repeating: 0, count: units)
      sum_rows(gradient, rows: batch, columns: units, addTo: biasGradient)
    }
    let tiles = max(1, min(256, features * units >> 16, features / 16))
    if let kernelGradient = frame.parameterGradients[0] {
      let input = frame.inputs[0]
      frame.pool.forEachTile(tiles) { tile, _ in
        let (first, end) = (tile * features / tiles, (tile + 1) * features / tiles)
        gemm_blas(
          transposeA: true, m: end - first, n: units, k: batch, input + first, lda: features, gradient, ldb: units,
          into: kernelGradient + first * units, ldc: units)
      }
    }
    if let inputGradient = frame.inputGradients[0] {
      let kernel = frame.parameters[0]
      frame.pool.forEachTile(tiles) { tile, _ in
        let (first, end) = (tile * features / tiles, (tile + 1) * features / tiles)
        gemm_blas(
          transposeB: true, m: batch, n: end - first, k: units, gradient, lda: units, kernel + first * units,
          ldb: units, into: inputGradient + first, ldc: features)
      }
    }
  }
}
