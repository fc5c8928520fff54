/// The outline and the modelling of a leaf.
///
/// Half width at the share t of the length: `halfWidth * (1 - t) * (base + swell * t)`.
package struct LeafShape {
  var base: Float
  var swell: Float
  /// How far the tip is bent sideways, in lengths.
  var curve: Float = 0
  /// How much darker (or lighter, below 0) the midrib is.
  var midrib: Float = 0
  /// How much lighter one side is than the other.
  var relief: Float = 0.1

  /// Broadest at the base, drawn out to a point: needles and sporophylls.
  package static let needle = LeafShape(base: 1, swell: 0.6, midrib: 0.18)
  /// Broadest a little below the middle.
  package static let ovate = LeafShape(base: 0.55, swell: 2.4, midrib: 0.14)
}

extension Canvas {
  /// A leaf from its base along a direction of length 1.
  package func leaf(
    _ base: Point, along heading: Point, length: Float, halfWidth: Float, _ shape: LeafShape, _ colour: Colour,
    opacity: Float = 1
  ) {
    let foot = frame.pixel(base)
    let axis = frame.turned(heading)
    let side = across(axis)
    let extent = length * frame.scale
    let half = halfWidth * frame.scale
    guard extent > 0.05 else { return }
    let tip = foot + axis * extent + side * (shape.curve * extent)
    let reach = Point(repeating: half * 1.3 + 1)
    guard let box = bounds(least(foot, tip) - reach, most(foot, tip) + reach) else { return }
    let perLength = 1 / extent
    let bend = shape.curve * extent
    let widest = half * 1.3 + abs(bend) + 0.5
    let isModelled = half > 0.9
    let perHalf = 1 / max(half, 0.01)
    for row in box.top...box.bottom {
      let line = pixels + row * width
      for column in box.left...box.right {
        let offset = Point(Float(column) + 0.5, Float(row) + 0.5) - foot
        let straight = dot(offset, side)
        if abs(straight) > widest { continue }
        let a = dot(offset, axis)
        if a <= -0.5 || a >= extent + 0.5 { continue }
        let ends = min(clamp(a + 0.5), clamp(extent - a + 0.5))
        let t = clamp(a * perLength)
        let b = straight - bend * t * t
        let width = half * (1 - t) * (shape.base + shape.swell * t)
        let coverage = band(b, width) * ends * opacity
        if coverage <= 0.004 { continue }
        var shade: Float = 1
        if isModelled {
          shade += shape.relief * clamp(b * perHalf, -1, 1)
          shade -= shape.midrib * max(0, 1 - abs(b) * perHalf * 4) * (1 - t * 0.6)
        }
        line[column] =
          line[column] * (1 - coverage) + colour * (SIMD4(shade, shade, shade, 1) * coverage)
      }
    }
  }

  /// A filled outline of any form.
  ///
  /// Each row is cut into four, along which coverage is exact.
  package func polygon(_ points: [Point], _ ink: Ink) {
    let corners = points.map { frame.pixel($0) }
    var low = Point(repeating: .greatestFiniteMagnitude)
    var high = -low
    for corner in corners {
      low = least(low, corner)
      high = most(high, corner)
    }
    guard corners.count > 2, let box = bounds(low, high) else { return }
    var coverage = [Float](repeating: 0, count: width + 1)
    var crossings: [Float] = []
    for row in box.top...box.bottom {
      for column in box.left...box.right { coverage[column] = 0 }
      for part in 0..<4 {
        let y = Float(row) + (Float(part) + 0.5) * 0.25
        crossings.removeAll(keepingCapacity: true)
        for i in corners.indices {
          let (a, b) = (corners[i], corners[(i + 1) % corners.count])
          if (a.y <= y) != (b.y <= y) { crossings.append(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)) }
        }
        crossings.sort()
        for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
          let left = clamp(crossings[pair], 0, Float(width))
          let right = clamp(crossings[pair + 1], 0, Float(width))
          for column in Int(left)...Int(right) {
            let share = min(right, Float(column) + 1) - max(left, Float(column))
            if share > 0 { coverage[column] += share * 0.25 }
          }
        }
      }
      for column in box.left...box.right where coverage[column] > 0 {
        mark(pixels + (row * width + column), min(1, coverage[column]), ink)
      }
    }
  }
}
