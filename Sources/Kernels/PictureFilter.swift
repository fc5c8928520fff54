/// Sums of values at equal distances: `y[i] = sum over k < taps of weights[k] * x[i + k * spacing]`.
///
/// One direction of a separable filter over rows of pixels: along them with a spacing of 3, between them with the floats
/// of a row.
///
/// - Parameters:
///   - x: `count + (taps - 1) * spacing` values.
///   - y: `count` values, not in `x`.
public func weighted_sum(
  _ x: UnsafePointer<Float>, spacing: Int, _ weights: UnsafePointer<Float>, _ taps: Int,
  _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 32 <= count {
    var s0 = Float8()
    var s1 = Float8()
    var s2 = Float8()
    var s3 = Float8()
    var from = x + i
    for k in 0..<taps {
      let weight = Float8(repeating: weights[k])
      s0 = s0.addingProduct(weight, load8(from))
      s1 = s1.addingProduct(weight, load8(from + 8))
      s2 = s2.addingProduct(weight, load8(from + 16))
      s3 = s3.addingProduct(weight, load8(from + 24))
      from += spacing
    }
    store8(s0, y + i)
    store8(s1, y + i + 8)
    store8(s2, y + i + 16)
    store8(s3, y + i + 24)
    i += 32
  }
  while i < count {
    let lanes = min(8, count - i)
    var sum = Float8()
    for k in 0..<taps {
      sum = sum.addingProduct(Float8(repeating: weights[k]), loadLanes(x + i + k * spacing, lanes))
    }
    storeLanes(sum, y + i, lanes)
    i += lanes
  }
}

/// From where a pixel of a moved picture comes: the pixel at column x, row y from column `xx * x + xy * y + x0`, row
/// `yx * x + yy * y + y0`.
public struct PixelMap {
  public var xx: Float
  public var xy: Float
  public var x0: Float
  public var yx: Float
  public var yy: Float
  public var y0: Float

  public init(xx: Float = 1, xy: Float = 0, x0: Float = 0, yx: Float = 0, yy: Float = 1, y0: Float = 0) {
    self.xx = xx
    self.xy = xy
    self.x0 = x0
    self.yx = yx
    self.yy = yy
    self.y0 = y0
  }
}

/// Samples a picture `[height, width, 3]` at other places, bilinearly.
///
/// - Parameters:
///   - source: one float longer than its pixels, which are loaded as four floats.
///   - fill: what surrounds the picture, red, green and blue; nil: its outermost pixels, repeated.
///   - destination: as many pixels, not in `source`.
public func sample_pixels_rgb(
  _ source: UnsafePointer<Float>, width: Int, height: Int, _ map: PixelMap, fill: SIMD4<Float>?,
  _ destination: UnsafeMutablePointer<Float>
) {
  let around = fill ?? SIMD4()
  let repeats = fill == nil
  let (right, bottom) = (Float(width - 1), Float(height - 1))
  for y in 0..<height {
    for x in 0..<width {
      var column = map.xx * Float(x) + map.xy * Float(y) + map.x0
      var row = map.yx * Float(x) + map.yy * Float(y) + map.y0
      let target = destination + 3 * (y * width + x)
      if repeats {
        column = min(right, max(0, column))
        row = min(bottom, max(0, row))
      } else if !(column > -1 && row > -1 && column < right + 1 && row < bottom + 1) {
        storePixel(around, target)
        continue
      }
      // From -1 to the last column and row.
      let left = Int(column.rounded(.down))
      let top = Int(row.rounded(.down))
      let across = SIMD4(repeating: column - Float(left))
      let down = SIMD4(repeating: row - Float(top))
      let pixel = source + 3 * (top * width + left)
      let isInside = left >= 0 && top >= 0 && left + 1 < width && top + 1 < height
      if isInside {
        let upper = lerpPixel(loadPixel(pixel), loadPixel(pixel + 3), across)
        let lower = lerpPixel(loadPixel(pixel + 3 * width), loadPixel(pixel + 3 * width + 3), across)
        storePixel(lerpPixel(upper, lower, down), target)
        continue
      }
      let hasLeft = left >= 0
      let hasTop = top >= 0
      // The far neighbours of the last pixels have no weight where pixels are repeated.
      let hasRight = left + 1 < width
      let hasBottom = top + 1 < height
      let a = hasLeft && hasTop ? loadPixel(pixel) : around
      let b = hasRight && hasTop ? loadPixel(pixel + 3) : around
      let c = hasLeft && hasBottom ? loadPixel(pixel + 3 * width) : around
      let d = hasRight && hasBottom ? loadPixel(pixel + 3 * width + 3) : around
      storePixel(lerpPixel(lerpPixel(a, b, across), lerpPixel(c, d, across), down), target)
    }
  }
}

@inline(__always)
private func loadPixel(_ p: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(__always)
private func storePixel(_ value: SIMD4<Float>, _ p: UnsafeMutablePointer<Float>) {
  p[0] = value[0]
  p[1] = value[1]
  p[2] = value[2]
}

@inline(__always)
private func lerpPixel(_ a: SIMD4<Float>, _ b: SIMD4<Float>, _ t: SIMD4<Float>) -> SIMD4<Float> { a + (b - a) * t }
