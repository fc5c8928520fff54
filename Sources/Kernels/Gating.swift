// Gates of squeeze-and-excitation over one picture `[positions, channels]`: `t` weighs positions, `g` channels.

/// `sums[c] = sum over p of t[p] x[p, c]`.
public func gate_sums(
  _ x: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, positions: Int,
  channels: Int
) {
  var c = 0
  while c < channels {
    let lanes = min(8, channels - c)
    // Sums of 64 positions, added up: short chains keep the rounding small.
    var total = Float8()
    var start = 0
    while start < positions {
      let end = min(positions, start + 64)
      var sum = Float8()
      for p in start..<end {
        sum = sum.addingProduct(loadLanes(x + p * channels + c, lanes), Float8(repeating: t[p]))
      }
      total += sum
      start = end
    }
    storeLanes(total, sums + c, lanes)
    c += lanes
  }
}

/// `sums[c] = sum over p of t[p] x[p, c] dy[p, c]`.
public func gate_channel_gradient(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ t: UnsafePointer<Float>,
  _ sums: UnsafeMutablePointer<Float>, positions: Int, channels: Int
) {
  var c = 0
  while c < channels {
    let lanes = min(8, channels - c)
    var total = Float8()
    var start = 0
    while start < positions {
      let end = min(positions, start + 64)
      var sum = Float8()
      for p in start..<end {
        let product = loadLanes(x + p * channels + c, lanes) * loadLanes(dy + p * channels + c, lanes)
        sum = sum.addingProduct(product, Float8(repeating: t[p]))
      }
      total += sum
      start = end
    }
    storeLanes(total, sums + c, lanes)
    c += lanes
  }
}

/// `y[p, c] = x[p, c] t[p] g[c] + residual x[p, c]`. `y` may be `x`.
public func gate_forward(
  _ x: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ g: UnsafePointer<Float>, residual: Float,
  _ y: UnsafeMutablePointer<Float>, positions: Int, channels: Int
) {
  let constant = Float8(repeating: residual)
  for p in 0..<positions {
    let (source, target) = (x + p * channels, y + p * channels)
    let weight = Float8(repeating: t[p])
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      storeLanes(
        loadLanes(source + c, lanes) * constant.addingProduct(weight, loadLanes(g + c, lanes)), target + c, lanes)
      c += lanes
    }
  }
}

/// `dt[p] = sum over c of (dy[p, c] g[c] + offset[c]) x[p, c]`.
public func gate_position_gradient(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ g: UnsafePointer<Float>, offset: UnsafePointer<Float>,
  _ dt: UnsafeMutablePointer<Float>, positions: Int, channels: Int
) {
  for p in 0..<positions {
    var sum = Float8()
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let inner = loadLanes(offset + c, lanes).addingProduct(
        loadLanes(dy + p * channels + c, lanes), loadLanes(g + c, lanes))
      sum = sum.addingProduct(inner, loadLanes(x + p * channels + c, lanes))
      c += lanes
    }
    dt[p] = sum8(sum)
  }
}

/// `dx[p, c] = (dy[p, c] g[c] + offset[c]) t[p] + z[p] kernel[c] + residual dy[p, c]`. `dx` may be `dy`.
public func gate_backward(
  _ dy: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ g: UnsafePointer<Float>, offset: UnsafePointer<Float>,
  z: UnsafePointer<Float>, kernel: UnsafePointer<Float>, residual: Float, _ dx: UnsafeMutablePointer<Float>,
  positions: Int, channels: Int
) {
  let constant = Float8(repeating: residual)
  for p in 0..<positions {
    let (source, target) = (dy + p * channels, dx + p * channels)
    let (weight, shift) = (Float8(repeating: t[p]), Float8(repeating: z[p]))
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let gradient = loadLanes(source + c, lanes)
      let inner = loadLanes(offset + c, lanes).addingProduct(gradient, loadLanes(g + c, lanes))
      let outer = (gradient * constant).addingProduct(inner, weight)
      storeLanes(outer.addingProduct(shift, loadLanes(kernel + c, lanes)), target + c, lanes)
      c += lanes
    }
  }
}

/// `gradient[i] = gradient[i] s (1 - s)`, s = value[i] - shift the sigmoid's output.
public func sigmoid_gradient(
  _ value: UnsafePointer<Float>, minus shift: Float, _ gradient: UnsafeMutablePointer<Float>, _ count: Int
) {
  let (one, subtrahend) = (Float8(repeating: 1), Float8(repeating: shift))
  var i = 0
  while i < count {
    let lanes = min(8, count - i)
    let s = loadLanes(value + i, lanes) - subtrahend
    storeLanes(loadLanes(gradient + i, lanes) * (s * (one - s)), gradient + i, lanes)
    i += lanes
  }
}
