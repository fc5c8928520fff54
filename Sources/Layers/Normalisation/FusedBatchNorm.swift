import Foundation
import Kernels
import Tensors

/// Batch normalisation for training, with the ReLU and the 2x2 max pooling behind it if wanted, in as few passes over
/// memory as there can be:
///
///     forward   1  read x: sums of x - s and (x - s)^2 for each channel
///               2  read x, write the (pooled) output
///     backward  1  read dy and the pooled output, which tells x at the winner (or x where it cannot): sum g, g (x - mean)
///               2  read x and dy, find mask and winners again, write dx
///
/// It keeps its input, the output if it is pooled (the next layer mostly keeps that anyway), and four numbers a channel. `dx` may be written over `x`.
///
///     dx = gamma / sd * (g - sum(g) / N - (x - mean) / sd^2 * sum(g (x - mean)) / N)
///
/// where g is dy where the ReLU and the pooling let it through, N the positions of the batch. Rows and columns that
/// the pooling drops have g = 0.
final class FusedBatchNorm: Operation {
  private let layer: BatchNorm
  private let relu: Bool
  private let pools: Bool
  private let height: Int
  private let width: Int
  private let channels: Int
  /// Pooled rows in a tile, and tiles in an image, for the pooled form.
  private let bandRows: Int
  private let bands: Int
  private let maximumTiles: Int

  init(_ layer: BatchNorm, _ request: OperationRequest, relu: Bool, pools: Bool) {
    self.layer = layer
    self.relu = relu
    self.pools = pools
    let shape = request.inputShapes[0]
    channels = shape.channels
    height = pools ? shape[0] : 1
    width = pools ? shape[1] : shape.count / shape.channels
    bandRows = max(1, positionTileSize(channels) / max(1, 2 * width))
    // The last row of an odd height belongs to the last band.
    bands = pools ? max(1, (height / 2 + bandRows - 1) / bandRows) : 0
    let size = positionTileSize(channels)
    maximumTiles = max((height * width * request.maximumBatch + size - 1) / size, bands * request.maximumBatch)
  }

  var backwardReads: BackwardReads { pools ? [.inputs, .output] : .inputs }
  var canRunBackwardInPlace: Bool { !pools }
  var canOverwriteInputWithInputGradient: Bool { true }
  /// Scale, shift, mean and the reciprocal of the standard deviation of each channel.
  var savedCount: Int { 4 * channels }
  /// For each tile two sums a channel in float64; then four rows of numbers a channel.
  var workspaceCount: Int { 4 * channels * maximumTiles + 4 * channels }

  // MARK: - Forward

  func forward(_ frame: Frame) {
    computeStatistics(frame)
    let (channels, width, relu) = (channels, width, relu)
    let x = frame.inputs[0]
    let y = frame.output!
    let scale = UnsafePointer(frame.saved!)
    let shift = scale + channels
    if !pools {
      forEachPositionTile(frame.pool, positions: width * frame.batch, channels: channels) { _, start, count in
        batch_norm_normalise(
          x + start * channels, y + start * channels, count, channels, scale: scale, shift: shift, relu: relu)
      }
      return
    }
    let (inputRow, outputRow) = (width * channels, width / 2 * channels)
    forEachBand(frame) { _, image, rows in
      let x = x + image * height * inputRow
      let y = y + image * (height / 2) * outputRow
      for row in rows {
        let upper = x + 2 * row * inputRow
        batch_norm_pool_forward(
          upper: upper, lower: upper + inputRow, y + row * outputRow, windows: width / 2, channels: channels,
          scale: scale, shift: shift, relu: relu)
      }
    }
  }

  /// Mean and variance of each channel, from sums about a number near the mean; then the running ones.
  private func computeStatistics(_ frame: Frame) {
    let channels = channels
    let total = height * width * frame.batch
    let x = frame.inputs[0]
    let partial = ChannelSums(frame.workspace!, channels: channels)
    let near = frame.saved! + 2 * channels
    sampleMeans(x, positions: total, into: near)
    forEachPositionTile(frame.pool, positions: total, channels: channels) { tile, start, count in
      partial.clear(tile)
      batch_norm_moments(
        x + start * channels, count, channels, shift: near, sums: partial.first(tile), squares: partial.second(tile))
    }
    let size = positionTileSize(channels)
    partial.combine((total + size - 1) / size)

    let (scale, shift) = (frame.saved!, frame.saved! + channels)
    let (mean, reciprocal) = (frame.saved! + 2 * channels, frame.saved! + 3 * channels)
    let keep = Double(layer.momentum)
    let p = frame.parameters
    for c in 0..<channels {
      let offset = partial.first(0)[c] / Double(total)
      let exactMean = Double(near[c]) + offset
      let raw = partial.second(0)[c] / Double(total) - offset * offset
      // Rounding can leave a constant channel a little below zero. Not-a-number must stay.
      let variance = raw < 0 ? 0 : raw
      let inverse = 1 / (variance + Double(layer.epsilon)).squareRoot()
      mean[c] = Float(exactMean)
      reciprocal[c] = Float(inverse)
      scale[c] = Float(Double(p[0][c]) * inverse)
      shift[c] = Float(Double(p[1][c]) - exactMean * Double(p[0][c]) * inverse)
      p[2][c] = Float(keep * Double(p[2][c]) + (1 - keep) * exactMean)
      p[3][c] = Float(keep * Double(p[3][c]) + (1 - keep) * variance)
    }
  }

  /// The mean of each channel over up to 64 positions spread over the batch.
  private func sampleMeans(
    _ x: UnsafePointer<Float>, positions: Int, into means: UnsafeMutablePointer<Float>
  ) {
    let samples = min(64, positions)
    means.update(repeating: 0, count: channels)
    for i in 0..<samples {
      let position = i * positions / samples
      for c in 0..<channels { means[c] += x[position * channels + c] }
    }
    for c in 0..<channels { means[c] /= Float(samples) }
  }

  // MARK: - Backward

  func backward(_ frame: Frame) {
    let channels = channels
    let total = Double(height * width * frame.batch)
    let saved = frame.saved!
    let (scale, reciprocal) = (saved, saved + 3 * channels)
    let offset = frame.workspace! + 4 * channels * maximumTiles
    let slope = offset + channels
    let terms = BatchNormGradientTerms(
      scale: saved, shift: saved + channels, mean: saved + 2 * channels, offset: offset, slope: slope)
    let partial = sumGradients(frame, terms)
    for c in 0..<channels {
      let (sum, product) = (partial.first(0)[c], partial.second(0)[c])
      frame.parameterGradients[0]?[c] = Float(product * Double(reciprocal[c]))
      frame.parameterGradients[1]?[c] = Float(sum)
      offset[c] = Float(Double(scale[c]) * sum / total)
      slope[c] = Float(Double(scale[c]) * Double(reciprocal[c]) * Double(reciprocal[c]) * product / total)
    }
    if let dx = frame.inputGradients[0] { writeInputGradient(frame, dx, terms) }
  }

  private func sumGradients(_ frame: Frame, _ terms: BatchNormGradientTerms) -> ChannelSums {
    let (channels, width, relu) = (channels, width, relu)
    let x = frame.inputs[0]
    let dy = frame.outputGradient!
    let partial = ChannelSums(frame.workspace!, channels: channels)
    if !pools {
      forEachPositionTile(frame.pool, positions: width * frame.batch, channels: channels) { tile, start, count in
        partial.clear(tile)
        batch_norm_gradient_sums(
          x + start * channels, dy + start * channels, count, channels, terms: terms, relu: relu,
          sums: partial.first(tile), products: partial.second(tile))
      }
      let size = positionTileSize(channels)
      partial.combine((width * frame.batch + size - 1) / size)
      return partial
    }
    if outputTellsInput(frame) { return sumGradientsFromOutput(frame) }
    let (inputRow, outputRow) = (width * channels, width / 2 * channels)
    forEachBand(frame) { tile, image, rows in
      partial.clear(tile)
      let x = x + image * height * inputRow
      let dy = dy + image * (height / 2) * outputRow
      for row in rows {
        let upper = x + 2 * row * inputRow
        batch_norm_pool_gradient_sums(
          upper: upper, lower: upper + inputRow, dy + row * outputRow, windows: width / 2, channels: channels,
          terms: terms, relu: relu, sums: partial.first(tile), products: partial.second(tile))
      }
    }
    partial.combine(bands * frame.batch)
    return partial
  }

  /// True when `(y - beta) / scale` gives x - mean with hardly a digit lost in every channel.
  private func outputTellsInput(_ frame: Frame) -> Bool {
    let (gamma, beta) = (frame.parameters[0], frame.parameters[1])
    return (0..<channels).allSatisfy { abs(gamma[$0]) >= 0.02 * abs(beta[$0]) && abs(gamma[$0]) > 1e-6 }
  }

  /// The sums from the pooled output, a quarter of the input: where g is not zero, y = scale x + shift at the winner,
  /// so g (x - mean) = g (y - beta) / scale.
  private func sumGradientsFromOutput(_ frame: Frame) -> ChannelSums {
    let (channels, relu) = (channels, relu)
    let y = frame.output!
    let dy = frame.outputGradient!
    let ones = frame.workspace! + 4 * channels * maximumTiles + 2 * channels
    let zeros = ones + channels
    ones.update(repeating: 1, count: channels)
    zeros.update(repeating: 0, count: channels)
    let terms = BatchNormGradientTerms(
      scale: ones, shift: zeros, mean: frame.parameters[1], offset: zeros, slope: zeros)
    let partial = ChannelSums(frame.workspace!, channels: channels)
    let total = (height / 2) * (width / 2) * frame.batch
    forEachPositionTile(frame.pool, positions: total, channels: channels) { tile, start, count in
      partial.clear(tile)
      batch_norm_gradient_sums(
        y + start * channels, dy + start * channels, count, channels, terms: terms, relu: relu,
        sums: partial.first(tile), products: partial.second(tile))
    }
    let size = positionTileSize(channels)
    partial.combine((total + size - 1) / size)
    for c in 0..<channels { partial.second(0)[c] /= Double(frame.saved![c]) }
    return partial
  }

  private func writeInputGradient(
    _ frame: Frame, _ dx: UnsafeMutablePointer<Float>, _ terms: BatchNormGradientTerms
  ) {
    let (channels, width, height, relu) = (channels, width, height, relu)
    let x = frame.inputs[0]
    let dy = frame.outputGradient!
    if !pools {
      forEachPositionTile(frame.pool, positions: width * frame.batch, channels: channels) { _, start, count in
        batch_norm_input_gradient(
          x + start * channels, dy + start * channels, dx + start * channels, count, channels, terms: terms, relu: relu)
      }
      return
    }
    let (inputRow, outputRow) = (width * channels, width / 2 * channels)
    forEachBand(frame) { _, image, rows in
      let (x, dx) = (x + image * height * inputRow, dx + image * height * inputRow)
      let dy = dy + image * (height / 2) * outputRow
      for row in rows {
        let at = 2 * row * inputRow
        batch_norm_pool_input_gradient(
          upper: x + at, lower: x + at + inputRow, dy + row * outputRow, dxUpper: dx + at, dxLower: dx + at + inputRow,
          windows: width / 2, channels: channels, terms: terms, relu: relu)
        if width % 2 == 1 {
          for end in [at + inputRow - channels, at + 2 * inputRow - channels] {
            batch_norm_dropped_input_gradient(x + end, dx + end, 1, channels, terms: terms)
          }
        }
      }
      if height % 2 == 1, rows.upperBound == height / 2 {
        let at = (height - 1) * inputRow
        batch_norm_dropped_input_gradient(x + at, dx + at, width, channels, terms: terms)
      }
    }
  }

  /// Calls `body(tile, image, pooledRows)` for bands of pooled rows that cover the batch.
  private func forEachBand(_ frame: Frame, _ body: (_ tile: Int, _ image: Int, _ rows: Range<Int>) -> Void) {
    let (bands, bandRows, pooledRows) = (bands, bandRows, height / 2)
    frame.pool.forEachTile(bands * frame.batch) { tile, _ in
      let first = tile % bands * bandRows
      body(tile, tile / bands, first..<min(pooledRows, first + bandRows))
    }
  }
}
