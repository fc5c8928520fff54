/// The numbers of each channel that the backward kernels of batch normalisation read.
public struct BatchNormGradientTerms {
  /// gamma / standard deviation
  public var scale: UnsafePointer<Float>
  /// beta - mean * scale
  public var shift: UnsafePointer<Float>
  public var mean: UnsafePointer<Float>
  /// scale / positions * sum of g; only read by the input gradient.
  public var offset: UnsafePointer<Float>
  /// scale / positions / variance * sum of g (x - mean); only read by the input gradient.
  public var slope: UnsafePointer<Float>

  public init(
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    offset: UnsafePointer<Float>, slope: UnsafePointer<Float>
  ) {
    self.scale = scale
    self.shift = shift
    self.mean = mean
    self.offset = offset
    self.slope = slope
  }
}

/// Adds to `sums` and `products`, for each channel, the sums of g and of g (x - mean), where g is `dy`, zero where
/// `relu` holds it back.
public func batch_norm_gradient_sums(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ positions: Int, _ channels: Int,
  terms: BatchNormGradientTerms, relu: Bool, sums: UnsafeMutablePointer<Double>,
  products: UnsafeMutablePointer<Double>
) {
  if relu {
    gradientSums(x, dy, positions, channels, terms, true, sums, products)
  } else {
    gradientSums(x, dy, positions, channels, terms, false, sums, products)
  }
}

@inline(__always)
private func gradientSums(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ positions: Int, _ channels: Int,
  _ terms: BatchNormGradientTerms, _ relu: Bool, _ sums: UnsafeMutablePointer<Double>,
  _ products: UnsafeMutablePointer<Double>
) {
  let block = blockPositions(channels)
  var start = 0
  while start < positions {
    let n = min(block, positions - start)
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let scale = loadLanes(terms.scale + c, lanes)
      let shift = loadLanes(terms.shift + c, lanes)
      let mean = loadLanes(terms.mean + c, lanes)
      var a0 = Float8()
      var a1 = Float8()
      var q0 = Float8()
      var q1 = Float8()
      var i = start * channels + c
      if lanes == 8 {
        for _ in 0..<n / 2 {
          let v0 = load8(x + i)
          let v1 = load8(x + i + channels)
          let g0 = masked(load8(dy + i), shift.addingProduct(v0, scale), relu)
          let g1 = masked(load8(dy + i + channels), shift.addingProduct(v1, scale), relu)
          a0 += g0
          a1 += g1
          q0 = q0.addingProduct(g0, v0 - mean)
          q1 = q1.addingProduct(g1, v1 - mean)
          i += 2 * channels
        }
      }
      let rest = lanes == 8 ? n % 2 : n
      for _ in 0..<rest {
        let v = loadLanes(x + i, lanes)
        let g = masked(loadLanes(dy + i, lanes), shift.addingProduct(v, scale), relu)
        a0 += g
        q0 = q0.addingProduct(g, v - mean)
        i += channels
      }
      addLanes(a0 + a1, sums + c, lanes)
      addLanes(q0 + q1, products + c, lanes)
      c += lanes
    }
    start += n
  }
}

/// dx = scale g - offset - slope (x - mean). `dx` may be `x` or `dy`.
public func batch_norm_input_gradient(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ positions: Int,
  _ channels: Int, terms: BatchNormGradientTerms, relu: Bool
) {
  if relu {
    inputGradient(x, dy, dx, positions, channels, terms, true)
  } else {
    inputGradient(x, dy, dx, positions, channels, terms, false)
  }
}

@inline(__always)
private func inputGradient(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ positions: Int,
  _ channels: Int, _ terms: BatchNormGradientTerms, _ relu: Bool
) {
  let block = blockPositions(channels)
  var start = 0
  while start < positions {
    let n = min(block, positions - start)
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let t = ChannelTerms(terms, c, lanes)
      var i = start * channels + c
      if lanes == 8 {
        for _ in 0..<n {
          let v = load8(x + i)
          let g = masked(load8(dy + i), t.normalised(v), relu)
          store8(t.inputGradient(v, g), dx + i)
          i += channels
        }
      } else {
        for _ in 0..<n {
          let v = loadPartial8(x + i, lanes)
          let g = masked(loadPartial8(dy + i, lanes), t.normalised(v), relu)
          storePartial8(t.inputGradient(v, g), dx + i, lanes)
          i += channels
        }
      }
      c += lanes
    }
    start += n
  }
}

/// `BatchNormGradientTerms` of up to eight channels, in registers.
struct ChannelTerms {
  let scale, shift, mean, offset, slope: Float8

  @inline(__always)
  init(_ terms: BatchNormGradientTerms, _ channel: Int, _ lanes: Int) {
    scale = loadLanes(terms.scale + channel, lanes)
    shift = loadLanes(terms.shift + channel, lanes)
    mean = loadLanes(terms.mean + channel, lanes)
    offset = loadLanes(terms.offset + channel, lanes)
    slope = loadLanes(terms.slope + channel, lanes)
  }

  @inline(__always)
  func normalised(_ x: Float8) -> Float8 { shift.addingProduct(x, scale) }

  /// What reaches the input of the normalisation when `g` reaches its output.
  @inline(__always)
  func inputGradient(_ x: Float8, _ g: Float8) -> Float8 {
    (Float8() - offset).addingProduct(scale, g) - slope * (x - mean)
  }
}

/// dx = -offset - slope (x - mean), for positions whose output nobody sees. `dx` may be `x`.
public func batch_norm_dropped_input_gradient(
  _ x: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ positions: Int, _ channels: Int,
  terms: BatchNormGradientTerms
) {
  for p in 0..<positions {
    var c = 0
    while c < channels {
      let lanes = min(8, channels - c)
      let t = ChannelTerms(terms, c, lanes)
      let at = p * channels + c
      storeLanes(t.inputGradient(loadLanes(x + at, lanes), Float8()), dx + at, lanes)
      c += lanes
    }
  }
}
