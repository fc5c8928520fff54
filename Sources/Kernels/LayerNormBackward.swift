// With n = (x - mean) / deviation and g = gamma dy: dx = (g - mean(g) - n mean(g n)) / deviation,
// gamma's gradient is the sum of dy n over positions, beta's the sum of dy.

/// The input gradient of `layer_norm_forward`. `dx` may be `x` or `dy`.
///
/// - Parameter statistics: what `layer_norm_forward` has kept.
public func layer_norm_input_gradient(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ positions: Int,
  _ channels: Int, gamma: UnsafePointer<Float>, statistics: UnsafePointer<Float>
) {
  let whole = channels / 8 * 8
  let share = 1 / Float(channels)
  for position in 0..<positions {
    let (row, gradient) = (x + position * channels, dy + position * channels)
    let target = dx + position * channels
    let (mean, factor) = (statistics[2 * position], statistics[2 * position + 1])
    let center = Float8(repeating: mean)
    var (s, q) = (Float8(), Float8())
    var c = 0
    while c < whole {
      let g = load8(gradient + c) * load8(gamma + c)
      s += g
      q.addProduct(g, load8(row + c) - center)
      c += 8
    }
    var (sum, product) = (sum8(s), sum8(q))
    for i in whole..<channels {
      let g = gradient[i] * gamma[i]
      sum += g
      product += g * (row[i] - mean)
    }
    // mean(g) / deviation, and mean(g n) / deviation^2, to be multiplied with x - mean.
    let offset = sum * share * factor
    let slope = product * share * factor * factor * factor
    let (scale, offset8, slope8) = (Float8(repeating: factor), Float8(repeating: offset), Float8(repeating: slope))
    c = 0
    while c < whole {
      let g = load8(gradient + c) * load8(gamma + c)
      let d = load8(row + c) - center
      store8((g * scale - offset8) - d * slope8, target + c)
      c += 8
    }
    for i in whole..<channels {
      target[i] = (gradient[i] * gamma[i] * factor - offset) - (row[i] - mean) * slope
    }
  }
}

/// Adds `dy n` of all positions to `gammaSums` and `dy` to `betaSums`, for each channel: in float32 over blocks that stay
/// in the first-level cache, then in float64.
public func layer_norm_parameter_sums(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ positions: Int, _ channels: Int,
  statistics: UnsafePointer<Float>, gammaSums: UnsafeMutablePointer<Double>, betaSums: UnsafeMutablePointer<Double>
) {
  let block = blockPositions(channels)
  var start = 0
  while start < positions {
    let count = min(block, positions - start)
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      var (g, b) = (Float8(), Float8())
      var (p, q) = (x + start * channels + c, dy + start * channels + c)
      var s = statistics + 2 * start
      if lanes == 8 {
        for _ in 0..<count {
          let gradient = load8(q)
          g.addProduct((load8(p) - Float8(repeating: s[0])) * Float8(repeating: s[1]), gradient)
          b += gradient
          p += channels
          q += channels
          s += 2
        }
      } else {
        for _ in 0..<count {
          let gradient = loadPartial8(q, lanes)
          g.addProduct((loadPartial8(p, lanes) - Float8(repeating: s[0])) * Float8(repeating: s[1]), gradient)
          b += gradient
          p += channels
          q += channels
          s += 2
        }
      }
      addLanes(g, gammaSums + c, lanes)
      addLanes(b, betaSums + c, lanes)
      c += lanes
    }
    start += count
  }
}
