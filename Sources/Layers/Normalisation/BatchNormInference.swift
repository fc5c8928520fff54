import Kernels
import Tensors

/// Batch normalisation by the running statistics: a factor and a summand a channel.
///
/// Its backward serves frozen layers, which are used so while the others train.
final class BatchNormInference: Operation {
  private let layer: BatchNorm
  private let channels: Int
  /// Positions of one example.
  private let positions: Int
  private let maximumTiles: Int

  init(_ layer: BatchNorm, _ request: OperationRequest) {
    self.layer = layer
    let shape = request.inputShapes[0]
    channels = shape.channels
    positions = shape.count / channels
    let size = positionTileSize(channels)
    maximumTiles = (positions * request.maximumBatch + size - 1) / size
  }

  var backwardReads: BackwardReads { .inputs }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }
  /// Scale, shift and a row of zeros.
  var persistentCount: Int { 3 * channels }
  /// For each tile two sums a channel, in float64.
  var workspaceCount: Int { 4 * channels * maximumTiles }

  func prepare(_ frame: Frame) {
    let p = frame.parameters
    layer.inferenceScaleAndShift(
      gamma: p[0], beta: p[1], mean: p[2], variance: p[3], channels: channels, scale: frame.persistent!,
      shift: frame.persistent! + channels)
    (frame.persistent! + 2 * channels).update(repeating: 0, count: channels)
  }

  func forward(_ frame: Frame) {
    let channels = channels
    let scale = frame.persistent!
    let x = frame.inputs[0]
    let y = frame.output!
    forEachPositionTile(frame.pool, positions: positions * frame.batch, channels: channels) { _, start, count in
      batch_norm_normalise(
        x + start * channels, y + start * channels, count, channels, scale: scale, shift: scale + channels, relu: false)
    }
  }

  func backward(_ frame: Frame) {
    let channels = channels
    let total = positions * frame.batch
    let x = frame.inputs[0]
    let dy = frame.outputGradient!
    let zeros = frame.persistent! + 2 * channels
    let terms = BatchNormGradientTerms(
      scale: frame.persistent!, shift: frame.persistent! + channels, mean: frame.parameters[2], offset: zeros,
      slope: zeros)
    if frame.parameterGradients[0] != nil || frame.parameterGradients[1] != nil {
      let partial = ChannelSums(frame.workspace!, channels: channels)
      forEachPositionTile(frame.pool, positions: total, channels: channels) { tile, start, count in
        partial.clear(tile)
        batch_norm_gradient_sums(
          x + start * channels, dy + start * channels, count, channels, terms: terms, relu: false,
          sums: partial.first(tile), products: partial.second(tile))
      }
      let size = positionTileSize(channels)
      partial.combine((total + size - 1) / size)
      for c in 0..<channels {
        let deviation = (Double(frame.parameters[3][c]) + Double(layer.epsilon)).squareRoot()
        frame.parameterGradients[0]?[c] = Float(partial.second(0)[c] / deviation)
        frame.parameterGradients[1]?[c] = Float(partial.first(0)[c])
      }
    }
    guard let dx = frame.inputGradients[0] else { return }
    forEachPositionTile(frame.pool, positions: total, channels: channels) { _, start, count in
      batch_norm_input_gradient(
        x + start * channels, dy + start * channels, dx + start * channels, count, channels, terms: terms, relu: false)
    }
  }
}

/// Two float64 sums a channel for each tile, laid over float32 scratch memory.
struct ChannelSums: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Double>
  private let channels: Int

  /// - Parameter memory: `4 * channels` floats a tile, aligned to 8 bytes.
  init(_ memory: UnsafeMutablePointer<Float>, channels: Int) {
    base = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Double.self)
    self.channels = channels
  }

  func first(_ tile: Int) -> UnsafeMutablePointer<Double> { base + 2 * tile * channels }
  func second(_ tile: Int) -> UnsafeMutablePointer<Double> { base + (2 * tile + 1) * channels }

  func clear(_ tile: Int) { first(tile).update(repeating: 0, count: 2 * channels) }

  /// Adds the sums of the tiles behind the first to the first, in order.
  func combine(_ tiles: Int) {
    for tile in 1..<max(1, tiles) {
      for c in 0..<2 * channels { base[c] += base[2 * tile * channels + c] }
    }
  }
}
