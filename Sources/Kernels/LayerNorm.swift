/// `y = gamma (x - mean) / sqrt(variance + epsilon) + beta` for each position, over its channels. `y` may be `x`.
///
/// - Parameters:
///   - x: `[positions, channels]`.
///   - statistics: nil, or where the mean and the reciprocal deviation of each position are kept, side by side.
public func layer_norm_forward(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ positions: Int, _ channels: Int,
  gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>, epsilon: Float,
  statistics: UnsafeMutablePointer<Float>?
) {
  for p in 0..<positions {
    let row = x + p * channels
    let target = y + p * channels
    let mean = Float(sum_vector(row, channels) / Double(channels))
    var squares: Float = 0
    for c in 0..<channels { squares += (row[c] - mean) * (row[c] - mean) }
    let factor = 1 / (squares / Float(channels) + epsilon).squareRoot()
    for c in 0..<channels { target[c] = (row[c] - mean) * factor * gamma[c] + beta[c] }
    if let statistics {
      statistics[2 * p] = mean
      statistics[2 * p + 1] = factor
    }
  }
}

/// The gradients of `layer_norm_forward`. `dx` may be `x` or `dy`.
///
/// `g = gamma dy`, `n = (x - mean) / deviation`: `dx = (g - mean(g) - n mean(g n)) / deviation`.
///
/// - Parameters:
///   - statistics: what `layer_norm_forward` has kept.
///   - dx: nil where nobody wants it.
///   - gammaSums: `dy n` is added to it for each channel; `dy` to `betaSums`.
public func layer_norm_backward(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>?, _ positions: Int,
  _ channels: Int, gamma: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
  gammaSums: UnsafeMutablePointer<Double>, betaSums: UnsafeMutablePointer<Double>
) {
  for p in 0..<positions {
    let (row, gradient) = (x + p * channels, dy + p * channels)
    let (mean, factor) = (statistics[2 * p], statistics[2 * p + 1])
    var (sum, product): (Float, Float) = (0, 0)
    for c in 0..<channels {
      let n = (row[c] - mean) * factor
      gammaSums[c] += Double(gradient[c] * n)
      betaSums[c] += Double(gradient[c])
      sum += gradient[c] * gamma[c]
      product += gradient[c] * gamma[c] * n
    }
    guard let dx else { continue }
    let target = dx + p * channels
    let (a, b) = (sum / Float(channels), product / Float(channels))
    for c in 0..<channels {
      let n = (row[c] - mean) * factor
      target[c] = (gradient[c] * gamma[c] - a - n * b) * factor
    }
  }
}
