/// What every drawn plant has: colours, wear, and how it was pressed.
struct Habit {
  /// Leaves, from the oldest to the youngest.
  var old: Colour
  var young: Colour
  var stem: Colour
  var strobilus: Colour
  var root: Colour
  /// The share of leaves lost.
  var loss: Float
  /// How much the leaves' tones differ.
  var mottle: Float
  /// How dark an overlap's shadow on the plant itself is.
  var overlap: Float

  /// A colour of leaves at a share of the way from an axis's base to its tip.
  @inline(__always) func leaf(_ share: Float, _ random: inout RandomSource) -> Colour {
    old.mixed(with: young, share).scaled(1 + mottle * (random.unit() - 0.5))
  }
}

/// A place on an axis.
struct Station {
  let point: Point
  let heading: Point
  /// Length from the base.
  let at: Float
}

extension Axis {
  /// The places `spacing` apart along the axis, from the base to the tip, the first after `start`.
  func stations(start: Float, spacing: Float, into stations: inout [Station]) {
    stations.removeAll(keepingCapacity: true)
    var next = start
    var walked: Float = 0
    for i in 1..<points.count {
      let along = points[i] - points[i - 1]
      let step = length(along)
      if step < 1e-7 { continue }
      let heading = along / step
      while next <= walked + step {
        stations.append(Station(point: points[i - 1] + heading * (next - walked), heading: heading, at: next))
        next += spacing
      }
      walked += step
    }
  }
}

extension Canvas {
  /// A stem along an axis that tapers from one half width to the other.
  func stem(_ axis: Axis, _ radii: (Float, Float), _ colour: Colour) {
    let last = Float(axis.points.count - 1)
    for i in 1..<axis.points.count {
      let near = blend(radii.0, radii.1, Float(i - 1) / last)
      let far = blend(radii.0, radii.1, Float(i) / last)
      stroke(from: axis.points[i - 1], to: axis.points[i], (near, far), .paint(colour))
      // The light falls from the upper left: a stem shows a lit side where it is wide enough to show it.
      if near * frame.scale > 1.2 {
        let lift = Point(-0.35, -0.35) * near
        stroke(
          from: axis.points[i - 1] + lift, to: axis.points[i] + lift, (near * 0.4, far * 0.4),
          .paint(colour.scaled(1.22), opacity: 0.5))
      }
    }
  }

  /// The shadow that an axis with its leaves throws on what lies below it on the plant.
  func underlay(_ axis: Axis, reach: Float, strength: Float) {
    guard strength > 0 else { return }
    // A shadow is soft: every second bend of the axis will do.
    let last = axis.points.count - 1
    for i in stride(from: 0, to: last, by: 2) {
      glow(from: axis.points[i], to: axis.points[min(i + 2, last)], reach, .shade(strength))
    }
  }

  /// A thin, bare, wiry root or rhizophore.
  func root(_ axis: Axis, radius: Float, _ colour: Colour) {
    stem(axis, (radius, radius * 0.5), colour)
  }
}
