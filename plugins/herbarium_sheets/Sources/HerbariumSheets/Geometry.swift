/// A place or a direction on the sheet: x to the right, y down, the sheet's height is 1.
package typealias Point = SIMD2<Float>

@inline(__always) func dot(_ a: Point, _ b: Point) -> Float { a.x * b.x + a.y * b.y }

@inline(__always) func length(_ a: Point) -> Float { dot(a, a).squareRoot() }

/// A quarter turn clockwise as seen on the sheet.
@inline(__always) func across(_ a: Point) -> Point { Point(-a.y, a.x) }

/// The standard library's `pointwiseMin` and `pointwiseMax` are calls; these are two instructions.
@inline(__always) func least(_ a: Point, _ b: Point) -> Point { Point(a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y) }

@inline(__always) func most(_ a: Point, _ b: Point) -> Point { Point(a.x > b.x ? a.x : b.x, a.y > b.y ? a.y : b.y) }

@inline(__always) func clamp(_ value: Float, _ low: Float = 0, _ high: Float = 1) -> Float {
  value < low ? low : (value > high ? high : value)
}

@inline(__always) func blend(_ a: Float, _ b: Float, _ share: Float) -> Float { a + (b - a) * share }

/// 0 up to `low`, 1 from `high` on, smooth between.
@inline(__always) func smoothStep(_ low: Float, _ high: Float, _ value: Float) -> Float {
  let t = clamp((value - low) / (high - low))
  return t * t * (3 - 2 * t)
}

/// The direction of an angle in radians, 0 to the right, growing clockwise: (cosine, sine).
///
/// Made of additions and multiplications alone, which are the same on every machine; the system's sine is not.
/// Off by less than 4e-6 for angles within -40 ... 40.
package func direction(_ angle: Float) -> Point {
  // Adding and subtracting 1.5 * 2^23 rounds to the nearest whole number.
  let quarters = (angle * 0.63661977 + 12582912) - 12582912
  let r = (angle - quarters * 1.5707964) + quarters * 4.371139e-8
  let r2 = r * r
  let sine = r * (1 + r2 * (-0.16666667 + r2 * (0.008333331 + r2 * -0.00019840874)))
  let cosine = 1 + r2 * (-0.5 + r2 * (0.041666638 + r2 * (-0.0013888378 + r2 * 2.4760495e-5)))
  switch Int(quarters) & 3 {
  case 0: return Point(cosine, sine)
  case 1: return Point(-sine, cosine)
  case 2: return Point(-cosine, -sine)
  default: return Point(sine, -cosine)
  }
}

/// Radians of an angle in degrees.
@inline(__always) func degrees(_ value: Float) -> Float { value * 0.017453292 }

/// A colour as the screen shows it (gamma-coded), red, green and blue in 0 ... 1; the fourth place is 1.
package typealias Colour = SIMD4<Float>

extension SIMD4<Float> {
  @inline(__always) package init(_ red: Float, _ green: Float, _ blue: Float) { self.init(red, green, blue, 1) }

  /// Lighter or darker, the fourth place left alone.
  @inline(__always) func scaled(_ factor: Float) -> Self { self * SIMD4(factor, factor, factor, 1) }

  @inline(__always) func mixed(with other: Self, _ share: Float) -> Self { self + (other - self) * share }

  var luminance: Float { x * 0.3 + y * 0.59 + z * 0.11 }
}

/// How the sheet lies in the picture.
struct Frame {
  /// Where the sheet's upper left corner falls, in pixels.
  var origin = Point(0, 0)
  /// Pixels a sheet height.
  var scale: Float = 1
  /// The sheet's x direction in the picture.
  var axis = Point(1, 0)

  @inline(__always) func pixel(_ p: Point) -> Point { origin + turned(p) * scale }

  @inline(__always) func turned(_ p: Point) -> Point {
    Point(p.x * axis.x - p.y * axis.y, p.x * axis.y + p.y * axis.x)
  }
}
