// Resampling of pictures, a row at a time. Rows of pixels are `[width, 3]`; a scratch row of floats has one float more
// than its pixels need, because a pixel is loaded as four floats of which the last is not used.

/// `destination[i] = source[i]`.
public func expand_u8(_ source: UnsafePointer<UInt8>, _ destination: UnsafeMutablePointer<Float>, _ count: Int) {
  for i in 0..<count { destination[i] = Float(source[i]) }
}

/// `destination[i] = source[i]` for whole numbers of 0 to 255.
public func narrow_u8(_ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<UInt8>, _ count: Int) {
  for i in 0..<count { destination[i] = UInt8(truncatingIfNeeded: Int32(source[i])) }
}

/// `x[i] = scale * x[i] + offset`.
public func scale_offset(_ x: UnsafeMutablePointer<Float>, _ scale: Float, _ offset: Float, _ count: Int) {
  for i in 0..<count { x[i] = scale * x[i] + offset }
}

/// Rounds to the nearest whole number (halves to even) within 0 to 255.
public func round_pixels(_ x: UnsafeMutablePointer<Float>, _ count: Int) {
  // Adding 1.5 * 2^23 leaves no bits for a fraction.
  let magic: Float = 12_582_912
  for i in 0..<count {
    let clamped = x[i] < 0 ? 0 : (x[i] > 255 ? 255 : x[i])
    x[i] = (clamped + magic) - magic
  }
}

/// `x[i]` within low and high.
public func clamp_values(_ x: UnsafeMutablePointer<Float>, _ low: Float, _ high: Float, _ count: Int) {
  for i in 0..<count {
    let value = x[i]
    x[i] = value < low ? low : (value > high ? high : value)
  }
}

/// Interpolates between pixels of a row: `destination[x] = a + (b - a) * t[x]`, `a = source[lower[x]]`,
/// `b = source[upper[x]]`, for x in 0 ..< width.
///
/// `source` and `destination` are scratch rows.
public func lerp_columns_rgb(
  _ source: UnsafePointer<Float>, _ lower: UnsafePointer<Int32>, _ upper: UnsafePointer<Int32>,
  _ t: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Float>, _ width: Int
) {
  for x in 0..<width {
    let a = UnsafeRawPointer(source + 3 * Int(lower[x])).loadUnaligned(as: SIMD4<Float>.self)
    let b = UnsafeRawPointer(source + 3 * Int(upper[x])).loadUnaligned(as: SIMD4<Float>.self)
    UnsafeMutableRawPointer(destination + 3 * x).storeBytes(of: a + (b - a) * t[x], as: SIMD4<Float>.self)
  }
}

/// `destination[i] = top[i] + (bottom[i] - top[i]) * t`.
public func lerp_rows(
  _ top: UnsafePointer<Float>, _ bottom: UnsafePointer<Float>, _ t: Float,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  for i in 0..<count { destination[i] = top[i] + (bottom[i] - top[i]) * t }
}

/// `sum[i] = weight * source[i]` when it is the first row, otherwise `sum[i] += weight * source[i]`.
public func accumulate_row_u8(
  _ source: UnsafePointer<UInt8>, _ weight: Float, _ sum: UnsafeMutablePointer<Float>, _ count: Int, isFirst: Bool
) {
  if isFirst {
    for i in 0..<count { sum[i] = weight * Float(source[i]) }
  } else {
    for i in 0..<count { sum[i] += weight * Float(source[i]) }
  }
}

/// Weighted sums over neighbouring pixels of a row:
/// `destination[x] = sum over k < taps of weights[x * taps + k] * source[starts[x] + k]`, for x in 0 ..< width.
///
/// The same number of taps everywhere, so that the loop's end is foreseen: `source` has `taps` pixels of zeros behind
/// its own. `destination` holds exactly `width * 3` floats.
public func filter_columns_rgb(
  _ source: UnsafePointer<Float>, _ starts: UnsafePointer<Int32>, _ weights: UnsafePointer<Float>, _ taps: Int,
  _ destination: UnsafeMutablePointer<Float>, _ width: Int
) {
  for x in 0..<width {
    var pixel = UnsafeRawPointer(source + 3 * Int(starts[x]))
    let w = weights + x * taps
    var even = SIMD4<Float>(repeating: 0)
    var odd = SIMD4<Float>(repeating: 0)
    var k = 0
    while k + 2 <= taps {
      even.addProduct(pixel.loadUnaligned(as: SIMD4<Float>.self), SIMD4(repeating: w[k]))
      odd.addProduct((pixel + 12).loadUnaligned(as: SIMD4<Float>.self), SIMD4(repeating: w[k + 1]))
      pixel += 24
      k += 2
    }
    if k < taps { even.addProduct(pixel.loadUnaligned(as: SIMD4<Float>.self), SIMD4(repeating: w[k])) }
    let sum = even + odd
    if x + 1 < width {
      UnsafeMutableRawPointer(destination + 3 * x).storeBytes(of: sum, as: SIMD4<Float>.self)
    } else {
      destination[3 * x] = sum[0]
      destination[3 * x + 1] = sum[1]
      destination[3 * x + 2] = sum[2]
    }
  }
}

/// Reorders the pixels of `[height, width, 3]` bytes: output pixel (x, y) is the one at
/// `origin + x * stepX + y * stepY`, counted in pixels from `source`.
public func reorder_pixels_u8(
  _ source: UnsafePointer<UInt8>, _ destination: UnsafeMutablePointer<UInt8>, width: Int, height: Int, origin: Int,
  stepX: Int, stepY: Int
) {
  // In squares, so that a transposed walk finds its lines in the cache again.
  let side = 32
  var blockY = 0
  while blockY < height {
    var blockX = 0
    while blockX < width {
      let endX = min(width, blockX + side)
      for y in blockY..<min(height, blockY + side) {
        var from = source + 3 * (origin + blockX * stepX + y * stepY)
        var to = destination + 3 * (y * width + blockX)
        for _ in blockX..<endX {
          to[0] = from[0]
          to[1] = from[1]
          to[2] = from[2]
          to += 3
          from += 3 * stepX
        }
      }
      blockX = endX
    }
    blockY += side
  }
}

/// RGBA to RGB over white, in place: the first `count * 3` bytes become the picture.
public func composite_on_white_u8(_ pixels: UnsafeMutablePointer<UInt8>, _ count: Int, premultiplied: Bool) {
  for i in 0..<count {
    let alpha = Int32(pixels[4 * i + 3])
    for c in 0..<3 {
      let colour = Int32(pixels[4 * i + c])
      let own = premultiplied ? colour * 255 : colour * alpha
      let value = (own + (255 - alpha) * 255 + 127) / 255
      pixels[3 * i + c] = UInt8(truncatingIfNeeded: value > 255 ? 255 : value)
    }
  }
}

/// CMYK to RGB, in place: the first `count * 3` bytes become the picture. `inverted`: 255 is no ink, as Adobe stores it.
public func cmyk_to_rgb_u8(_ pixels: UnsafeMutablePointer<UInt8>, _ count: Int, inverted: Bool) {
  let flip: Int32 = inverted ? 0 : 255
  for i in 0..<count {
    let k = Int32(pixels[4 * i + 3]) ^ flip
    for c in 0..<3 {
      let ink = Int32(pixels[4 * i + c]) ^ flip
      pixels[3 * i + c] = UInt8(truncatingIfNeeded: (ink * k + 127) / 255)
    }
  }
}
