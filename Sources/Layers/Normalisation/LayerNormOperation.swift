import Kernels
import Tensors

/// The computation of `LayerNorm`.
///
///     saved:      | mean and reciprocal deviation of each position |
///     persistent: | gamma | beta |
///     workspace:  | for each tile the sums of the gamma and beta gradients, float64 |
final class LayerNormOperation: Operation {
  private let layer: LayerNorm
  private let channels: Int
  /// Positions of one example.
  private let positions: Int
  private let maximumBatch: Int
  private let isTraining: Bool

  init(_ layer: LayerNorm, _ request: OperationRequest) {
    self.layer = layer
    let shape = request.inputShapes[0]
    channels = shape.channels
    positions = shape.count / shape.channels
    maximumBatch = request.maximumBatch
    isTraining = request.isTraining
  }

  var backwardReads: BackwardReads { .inputs }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }
  var savedCount: Int { isTraining ? 2 * positions * maximumBatch : 0 }
  var persistentCount: Int { 2 * aligned(channels) }
  var workspaceCount: Int { isTraining ? 4 * channels * tiles(maximumBatch) : 0 }

  private func tiles(_ batch: Int) -> Int {
    let size = positionTileSize(channels)
    return (positions * batch + size - 1) / size
  }

  func prepare(_ frame: Frame) {
    layer.writeFactors(frame.parameters[...], channels: channels, into: frame.persistent)
  }

  func forward(_ frame: Frame) {
    let (channels, layer) = (channels, layer)
    let x = frame.inputs[0]
    let y: UnsafeMutablePointer<Float> = frame.output
    let factors: UnsafeMutablePointer<Float> = frame.persistent
    let saved = isTraining ? frame.saved : nil
    forEachPositionTile(frame.pool, positions: positions * frame.batch, channels: channels) { _, start, count in
      layer.normalise(
        x + start * channels, y + start * channels, positions: count, channels: channels, factors: factors,
        statistics: saved.map { $0 + 2 * start })
    }
  }

  func backward(_ frame: Frame) {
    let channels = channels
    let total = positions * frame.batch
    let x = frame.inputs[0]
    let dy: UnsafeMutablePointer<Float> = frame.outputGradient
    let gamma: UnsafeMutablePointer<Float> = frame.persistent
    let saved: UnsafeMutablePointer<Float> = frame.saved
    let dx = frame.inputGradients[0]
    let learns = frame.parameterGradients.contains { $0 != nil }
    let partial = ChannelSums(frame.workspace!, channels: channels)
    forEachPositionTile(frame.pool, positions: total, channels: channels) { tile, start, count in
      let (x, dy, statistics) = (x + start * channels, dy + start * channels, saved + 2 * start)
      // First the sums: `dx` may be written over what they read.
      if learns {
        partial.clear(tile)
        layer_norm_parameter_sums(
          x, dy, count, channels, statistics: statistics, gammaSums: partial.first(tile),
          betaSums: partial.second(tile))
      }
      if let dx {
        layer_norm_input_gradient(
          x, dy, dx + start * channels, count, channels, gamma: gamma, statistics: statistics)
      }
    }
    if !learns { return }
    partial.combine(tiles(frame.batch))
    var gradients = frame.parameterGradients[...]
    if layer.hasGamma, let gradient = gradients.removeFirst() {
      for c in 0..<channels { gradient[c] = Float(partial.first(0)[c]) }
    }
    if layer.hasBeta, let gradient = gradients.removeFirst() {
      for c in 0..<channels { gradient[c] = Float(partial.second(0)[c]) }
    }
  }
}
