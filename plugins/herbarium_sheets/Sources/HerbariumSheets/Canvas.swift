/// What a mark does to the pixels under it: `pixel = pixel * (1 - cover * c) + add * c` for a coverage c.
package struct Ink {
  let cover: SIMD4<Float>
  let add: SIMD4<Float>

  /// Opaque or translucent colour.
  package static func paint(_ colour: Colour, opacity: Float = 1) -> Ink {
    Ink(cover: SIMD4(repeating: opacity), add: colour * opacity)
  }

  /// Multiplies what is there by a colour, and leaves its opacity.
  static func tint(_ colour: Colour, strength: Float = 1) -> Ink {
    let loss = (SIMD4(repeating: 1) - colour) * strength
    return Ink(cover: SIMD4(loss.x, loss.y, loss.z, 0), add: .zero)
  }

  /// Darkens what is there.
  static func shade(_ strength: Float) -> Ink { Ink(cover: SIMD4(strength, strength, strength, 0), add: .zero) }
}

/// Pixels to draw on, with antialiased marks whose places and sizes are given in the frame's units.
///
/// Edges are antialiased by coverage: the share of a pixel-wide window, laid across the edge, that the mark fills. It
/// is exact for straight edges and keeps the ink of marks thinner than a pixel.
///
/// A pixel holds red, green and blue, multiplied by the opacity in its fourth place.
package final class Canvas {
  package let width: Int
  package let height: Int
  /// Row by row; owned by the canvas.
  package let pixels: UnsafeMutablePointer<SIMD4<Float>>
  var frame = Frame()

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = .allocate(capacity: width * height)
    clear()
  }

  deinit { pixels.deallocate() }

  package var count: Int { width * height }

  func clear() { pixels.initialize(repeating: .zero, count: width * height) }

  @inline(__always) func mark(_ pixel: UnsafeMutablePointer<SIMD4<Float>>, _ coverage: Float, _ ink: Ink) {
    pixel.pointee = pixel.pointee * (SIMD4(repeating: 1) - ink.cover * coverage) + ink.add * coverage
  }

  /// The pixels whose middles may lie between two places, or nil where that is off the canvas.
  @inline(__always) func bounds(
    _ low: Point, _ high: Point
  ) -> (left: Int, right: Int, top: Int, bottom: Int)? {
    // Written so that a value that is not a number draws nothing.
    guard high.x > 0, high.y > 0, low.x < Float(width), low.y < Float(height) else { return nil }
    return (
      Int(max(0, low.x)), Int(min(Float(width) - 1, high.x)), Int(max(0, low.y)), Int(min(Float(height) - 1, high.y))
    )
  }

  /// How much of a pixel-wide window at `distance` from a line's middle a line of that half width fills.
  @inline(__always) func band(_ distance: Float, _ halfWidth: Float) -> Float {
    clamp(distance + halfWidth + 0.5) - clamp(distance - halfWidth + 0.5)
  }

  /// A line that tapers from one half width to the other, with round ends unless `isFlat`.
  package func stroke(from a: Point, to b: Point, _ radii: (Float, Float), _ ink: Ink, isFlat: Bool = false) {
    line(frame.pixel(a), frame.pixel(b), (radii.0 * frame.scale, radii.1 * frame.scale), isFlat: isFlat) {
      distance, radius, pixel in
      mark(pixel, band(distance, radius), ink)
    }
  }

  /// A line that is strongest in its middle and fades to its edges; its ends are flat.
  func glow(from a: Point, to b: Point, _ radius: Float, _ ink: Ink) {
    let reach = max(radius * frame.scale, 0.5)
    let weight = min(1, radius * frame.scale / reach)
    line(frame.pixel(a), frame.pixel(b), (reach, reach), isFlat: true) { distance, radius, pixel in
      let share = 1 - distance * distance / (radius * radius)
      if share > 0 { mark(pixel, share * weight, ink) }
    }
  }

  /// Calls `body` with the distance from the line's middle and the half width there, in pixels.
  @inline(__always) private func line(
    _ a: Point, _ b: Point, _ radii: (Float, Float), isFlat: Bool,
    _ body: (Float, Float, UnsafeMutablePointer<SIMD4<Float>>) -> Void
  ) {
    let reach = Point(repeating: max(radii.0, radii.1) + 1)
    guard let box = bounds(least(a, b) - reach, most(a, b) + reach) else { return }
    let along = b - a
    let extent = max(1e-6, length(along))
    let unit = extent > 1e-6 ? along / extent : Point(1, 0)
    // The columns that a row can touch: the line's own, and what its width adds there.
    let isSteep = abs(unit.y) > 0.1
    let slope = isSteep ? unit.x / unit.y : 0
    let spread = isSteep ? reach.x / abs(unit.y) : 0
    for row in box.top...box.bottom {
      let y = Float(row) + 0.5
      var (left, right) = (box.left, box.right)
      if isSteep {
        let middle = a.x + (y - a.y) * slope
        left = max(left, Int(max(0, middle - spread)))
        right = min(right, Int(max(-1, middle + spread)))
      }
      guard left <= right else { continue }
      for column in left...right {
        let offset = Point(Float(column) + 0.5, y) - a
        let s = dot(offset, unit)
        let t = clamp(s, 0, extent)
        let radius = radii.0 + (radii.1 - radii.0) * (t / extent)
        let side = offset.x * unit.y - offset.y * unit.x
        let pixel = pixels + (row * width + column)
        if s == t {
          body(abs(side), radius, pixel)
        } else if !isFlat {
          let beyond = s - t
          body((side * side + beyond * beyond).squareRoot(), radius, pixel)
        }
      }
    }
  }

  /// A round spot; `softness` 0 has a sharp edge, 1 fades from the middle on.
  package func disc(_ centre: Point, _ radius: Float, _ ink: Ink, softness: Float = 0) {
    let c = frame.pixel(centre)
    let r = radius * frame.scale
    let reach = Point(repeating: r + 1)
    guard let box = bounds(c - reach, c + reach) else { return }
    // A spot smaller than a pixel is drawn a pixel wide and as much paler; the antialiased edge adds to small ones.
    let drawn = max(r, 0.5)
    let weight = softness > 0 ? (r / drawn) * (r / drawn) : (r < 1.5 ? r * r / (drawn * drawn + 0.083) : 1)
    let fade = max(1, softness * drawn)
    for row in box.top...box.bottom {
      for column in box.left...box.right {
        let distance = length(Point(Float(column) + 0.5, Float(row) + 0.5) - c)
        let coverage = clamp((drawn - distance) / fade + (softness > 0 ? 0 : 0.5))
        if coverage > 0 { mark(pixels + (row * width + column), coverage * weight, ink) }
      }
    }
  }

  /// A rectangle about `centre`, turned by `angle`.
  package func rectangle(_ centre: Point, half: Point, angle: Float = 0, _ ink: Ink) {
    let c = frame.pixel(centre)
    let axis = frame.turned(direction(angle))
    let h = half * frame.scale
    let reach = Point(abs(axis.x) * h.x + abs(axis.y) * h.y + 1, abs(axis.y) * h.x + abs(axis.x) * h.y + 1)
    guard let box = bounds(c - reach, c + reach) else { return }
    for row in box.top...box.bottom {
      for column in box.left...box.right {
        let offset = Point(Float(column) + 0.5, Float(row) + 0.5) - c
        let x = dot(offset, axis)
        let y = offset.y * axis.x - offset.x * axis.y
        let coverage = band(abs(x), h.x) * band(abs(y), h.y)
        if coverage > 0 { mark(pixels + (row * width + column), coverage, ink) }
      }
    }
  }
}
