import Images
import Tensors

/// A colour in linear-ish 0 ... 1; no colour management is attempted.
struct Colour {
  var rgb: SIMD3<Float>

  init(_ red: Float, _ green: Float, _ blue: Float) { rgb = SIMD3(red, green, blue) }
  init(_ rgb: SIMD3<Float>) { self.rgb = rgb }

  func mixed(with other: Colour, _ share: Float) -> Colour { Colour(rgb + (other.rgb - rgb) * share) }
  func scaled(_ factor: Float) -> Colour { Colour(rgb * factor) }
}

/// Pixels to draw on, and a mask of what belongs to the plant.
struct Canvas {
  let width: Int
  let height: Int
  var pixels: [SIMD3<Float>]
  /// How much of each pixel the plant covers, 0 ... 1.
  var plant: [Float]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = Array(repeating: SIMD3(repeating: 1), count: width * height)
    plant = Array(repeating: 0, count: width * height)
  }

  /// A line with round ends that tapers from one radius to the other, its edge antialiased.
  mutating func line(
    from a: SIMD2<Float>, to b: SIMD2<Float>, radii: (Float, Float), colour: Colour, isPlant: Bool = true
  ) {
    let reach = max(radii.0, radii.1) + 1
    forEachPixel(from: pointwiseMin(a, b) - reach, to: pointwiseMax(a, b) + reach) { canvas, point, index in
      let along = b - a
      let length = max(1e-6, (along * along).sum())
      let t = min(1, max(0, ((point - a) * along).sum() / length))
      let offset = point - a - along * t
      let distance = (offset * offset).sum().squareRoot()
      canvas.cover(index, radii.0 + (radii.1 - radii.0) * t - distance + 0.5, colour, isPlant: isPlant)
    }
  }

  /// A leaf: pointed at both ends, with a darker midrib.
  mutating func leaf(at base: SIMD2<Float>, direction: SIMD2<Float>, length: Float, width: Float, colour: Colour) {
    let across = SIMD2(-direction.y, direction.x)
    let reach = SIMD2<Float>(repeating: length + 1)
    forEachPixel(from: base - reach, to: base + reach) { canvas, point, index in
      let offset = point - base
      let t = (offset * direction).sum() / length
      if t <= 0 || t >= 1 { return }
      let side = (offset * across).sum()
      // Broadest a little below the middle.
      let halfWidth = width * 2.6 * t * (1 - t) * (1.25 - 0.5 * t)
      let isMidrib = abs(side) < max(0.4, width * 0.08)
      let shade = isMidrib ? colour.scaled(0.78) : colour.scaled(1 + 0.08 * side / max(1, width))
      canvas.cover(index, halfWidth - abs(side) + 0.5, shade, isPlant: true)
    }
  }

  /// A filled rectangle with sharp corners.
  mutating func rectangle(from low: SIMD2<Float>, to high: SIMD2<Float>, colour: Colour, opacity: Float = 1) {
    forEachPixel(from: low, to: high) { canvas, point, index in
      let inside = min(min(point.x - low.x, high.x - point.x), min(point.y - low.y, high.y - point.y))
      canvas.cover(index, min(1, inside + 0.5) * opacity, colour, isPlant: false)
    }
  }

  /// Mixes a colour into a pixel; a coverage below 0 or above 1 counts as these.
  private mutating func cover(_ index: Int, _ coverage: Float, _ colour: Colour, isPlant: Bool) {
    let share = min(1, max(0, coverage))
    if share == 0 { return }
    pixels[index] += (colour.rgb - pixels[index]) * share
    if isPlant { plant[index] = max(plant[index], share) }
  }

  private mutating func forEachPixel(
    from low: SIMD2<Float>, to high: SIMD2<Float>, _ body: (inout Canvas, SIMD2<Float>, Int) -> Void
  ) {
    let left = max(0, Int(max(0, low.x)))
    let top = max(0, Int(max(0, low.y)))
    let right = min(width - 1, Int(max(-1, high.x.rounded(.up))))
    let bottom = min(height - 1, Int(max(-1, high.y.rounded(.up))))
    if left > right || top > bottom { return }
    for y in top...bottom {
      for x in left...right { body(&self, SIMD2(Float(x) + 0.5, Float(y) + 0.5), y * width + x) }
    }
  }

  /// As 8-bit pixels.
  var picture: Picture {
    Picture(
      width: width, height: height,
      pixels: pixels.flatMap { colour in
        (0..<3).map { UInt8(min(255, max(0, colour[$0] * 255 + 0.5))) }
      })
  }
}

/// Smooth noise in 0 ... 1: random values on a lattice, blended between.
struct ValueNoise {
  private let key: RandomKey
  private let scale: Float

  /// - Parameter scale: the distance of the lattice's points, in pixels.
  init(key: RandomKey, scale: Float) {
    self.key = key
    self.scale = scale
  }

  func value(x: Float, y: Float) -> Float {
    let u = x / scale
    let v = y / scale
    let column = u.rounded(.down)
    let row = v.rounded(.down)
    let s = smooth(u - column)
    let t = smooth(v - row)
    let (i, j) = (Int(column), Int(row))
    let top = corner(i, j) + (corner(i + 1, j) - corner(i, j)) * s
    let bottom = corner(i, j + 1) + (corner(i + 1, j + 1) - corner(i, j + 1)) * s
    return top + (bottom - top) * t
  }

  private func corner(_ i: Int, _ j: Int) -> Float {
    Float(key.deriving(i).deriving(j).bits >> 40) * 0x1p-24
  }

  private func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}

/// Three box filters in a row, which come close to a Gaussian.
func blurred(_ values: [Float], width: Int, height: Int, radius: Int) -> [Float] {
  var result = values
  for _ in 0..<3 {
    result = boxFiltered(result, lines: height, length: width, lineStride: width, step: 1, radius: radius)
    result = boxFiltered(result, lines: width, length: height, lineStride: 1, step: width, radius: radius)
  }
  return result
}

private func boxFiltered(
  _ values: [Float], lines: Int, length: Int, lineStride: Int, step: Int, radius: Int
) -> [Float] {
  var result = values
  for line in 0..<lines {
    let start = line * lineStride
    var sum: Float = 0
    for i in -radius...radius { sum += values[start + min(length - 1, max(0, i)) * step] }
    for i in 0..<length {
      result[start + i * step] = sum / Float(2 * radius + 1)
      sum += values[start + min(length - 1, i + radius + 1) * step] - values[start + max(0, i - radius) * step]
    }
  }
  return result
}
