extension Furniture {
  /// Linen or paper straps, or stitches, that hold the stems down.
  static func drawStraps(
    _ skeletons: [Skeleton], _ collection: Collection, on canvas: Canvas, _ random: inout RandomSource
  ) {
    let isThread = random.chance(0.25)
    let count = random.integer(3...9)
    var taken: [Point] = []
    var stations: [Station] = []
    for _ in 0..<count {
      guard !skeletons.isEmpty else { return }
      let axes = skeletons[random.integer(below: skeletons.count)].axes.filter {
        $0.level <= 1 && $0.kind != .root && $0.kind != .strobilus
      }
      guard !axes.isEmpty else { continue }
      let axis = axes[random.integer(below: axes.count)]
      axis.stations(start: axis.extent * random.uniform(0.1, 0.75), spacing: 9, into: &stations)
      guard let station = stations.first, !taken.contains(where: { length($0 - station.point) < 0.07 }) else {
        continue
      }
      taken.append(station.point)
      let tilt = random.bell() * 0.14
      let side = across(station.heading) + station.heading * tilt
      let reach = random.uniform(0.013, 0.028)
      let half = random.uniform(0.0022, 0.004)
      let (a, b) = (station.point - side * reach, station.point + side * reach)
      if isThread {
        canvas.stroke(
          from: a * 0.6 + b * 0.4, to: a * 0.4 + b * 0.6, (0.0007, 0.0007), .paint(Colour(0.86, 0.84, 0.78)))
        continue
      }
      let along = station.heading * half
      let lift = Point(0.0014, 0.002)
      canvas.polygon([a - along + lift, a + along + lift, b + along + lift, b - along + lift], .shade(0.2))
      let colour = collection.strapColour.scaled(random.uniform(0.93, 1.02))
      canvas.polygon([a - along, a + along, b + along, b - along], .paint(colour, opacity: 0.95))
      // The strap rises over the stem.
      let ridge = side * 0.003
      canvas.stroke(
        from: station.point + ridge - along, to: station.point + ridge + along, (0.0011, 0.0011), .shade(0.16),
        isFlat: true)
    }
  }

  /// The ruler and the colour chart, on the bed beside the sheet or, where that is narrow, on the sheet.
  static func drawScales(_ collection: Collection, _ layout: Layout, on canvas: Canvas, _ random: inout RandomSource) {
    let frame = layout.frame
    let beside = Float(canvas.width) / frame.scale - layout.sheet.x
    let isBeside = !layout.fillsPicture
    var x = collection.stripOnLeft ? -beside * 0.48 : layout.sheet.x + beside * 0.48
    if !isBeside { x = collection.labelOnLeft ? layout.sheet.x - 0.035 : 0.035 }
    let lean = random.bell() * 0.006
    if collection.hasRuler {
      let place = Point(x, isBeside ? random.uniform(0.65, 0.72) : random.uniform(0.61, 0.64))
      drawRuler(place, isBeside ? 0.03 : 0.022, collection.rulerIsDark, lean, on: canvas, &random)
    }
    switch collection.chart {
    case .none: break
    case .strip: drawStrip(Point(x, isBeside ? 0.22 : 0.2), isBeside ? 0.036 : 0.024, lean, on: canvas)
    case .checker: drawChecker(Point(x, isBeside ? 0.2 : 0.16), isBeside ? 0.017 : 0.0125, lean, on: canvas)
    }
  }

  /// Upright, 24 cm or so of it: on a sheet 42 cm high, a centimetre is 0.0238.
  private static func drawRuler(
    _ centre: Point, _ half: Float, _ isDark: Bool, _ lean: Float, on canvas: Canvas, _ random: inout RandomSource
  ) {
    let centimetre: Float = 0.0238
    let count = 20
    let extent = Float(count) * centimetre * 0.5 + 0.008
    let face = isDark ? Colour(0.16, 0.16, 0.17) : Colour(0.96, 0.95, 0.93)
    let mark = Ink.paint(isDark ? Colour(0.93, 0.93, 0.92) : Colour(0.1, 0.1, 0.1))
    canvas.rectangle(centre + Point(0.002, 0.003), half: Point(half, extent), angle: lean, .shade(0.3))
    canvas.rectangle(centre, half: Point(half, extent), angle: lean, .paint(face))
    let axis = direction(lean)
    let showsMillimetres = canvas.frame.scale > 300
    for number in 0...(count * 10) {
      let isCentimetre = number % 10 == 0
      if !isCentimetre, !showsMillimetres { continue }
      let width = half * (isCentimetre ? 0.4 : (number % 5 == 0 ? 0.28 : 0.18))
      let down = (Float(number) / 10 - Float(count) * 0.5) * centimetre
      let foot = centre + axis * (-half + width) + across(axis) * down
      canvas.rectangle(foot, half: Point(width, isCentimetre ? 0.0007 : 0.00035), angle: lean, mark)
      if isCentimetre, number > 0 {
        Lettering.line(
          "\(number / 10)", at: centre + axis * (half * 0.05) + across(axis) * (down + 0.0035), size: 0.0085,
          width: half, angle: lean, .print, mark, on: canvas, &random)
      }
    }
  }

  /// A row of colours, as on photographers' control patches, beside a row of greys.
  private static func drawStrip(_ centre: Point, _ half: Float, _ lean: Float, on canvas: Canvas) {
    let colours = [
      Colour(0.16, 0.32, 0.62), Colour(0.20, 0.60, 0.72), Colour(0.18, 0.52, 0.27), Colour(0.93, 0.83, 0.20),
      Colour(0.80, 0.18, 0.17), Colour(0.72, 0.26, 0.52), Colour(0.96, 0.96, 0.95), Colour(0.49, 0.36, 0.25),
      Colour(0.10, 0.10, 0.10),
    ]
    let step: Float = 0.034
    let axis = direction(lean)
    canvas.rectangle(
      centre, half: Point(half * 1.1, step * Float(colours.count) * 0.5 + 0.005), angle: lean,
      .paint(Colour(0.93, 0.93, 0.92)))
    for (number, colour) in colours.enumerated() {
      let down = (Float(number) + 0.5 - Float(colours.count) * 0.5) * step
      let middle = centre + across(axis) * down
      canvas.rectangle(middle - axis * (half * 0.5), half: Point(half * 0.46, step * 0.46), angle: lean, .paint(colour))
      let grey = 0.95 - 0.86 * Float(number) / Float(colours.count - 1)
      canvas.rectangle(
        middle + axis * (half * 0.5), half: Point(half * 0.46, step * 0.46), angle: lean,
        .paint(Colour(grey, grey, grey)))
    }
  }

  /// 24 patches, 4 by 6.
  private static func drawChecker(_ centre: Point, _ patch: Float, _ lean: Float, on canvas: Canvas) {
    let colours = [
      Colour(0.45, 0.32, 0.26), Colour(0.77, 0.58, 0.50), Colour(0.36, 0.48, 0.61), Colour(0.34, 0.42, 0.26),
      Colour(0.51, 0.50, 0.68), Colour(0.38, 0.74, 0.67), Colour(0.85, 0.48, 0.18), Colour(0.28, 0.36, 0.65),
      Colour(0.76, 0.33, 0.38), Colour(0.36, 0.23, 0.41), Colour(0.62, 0.73, 0.25), Colour(0.88, 0.64, 0.18),
      Colour(0.17, 0.24, 0.58), Colour(0.27, 0.58, 0.29), Colour(0.69, 0.20, 0.23), Colour(0.92, 0.78, 0.13),
      Colour(0.74, 0.33, 0.58), Colour(0.00, 0.53, 0.65), Colour(0.95, 0.95, 0.94), Colour(0.78, 0.78, 0.78),
      Colour(0.63, 0.63, 0.63), Colour(0.47, 0.47, 0.47), Colour(0.33, 0.33, 0.33), Colour(0.20, 0.20, 0.20),
    ]
    let axis = direction(lean)
    let step = patch * 2
    let half = Point(step * 2 + patch * 0.3, step * 3 + patch * 0.3)
    canvas.rectangle(centre + Point(0.002, 0.003), half: half, angle: lean, .shade(0.3))
    canvas.rectangle(centre, half: half, angle: lean, .paint(Colour(0.11, 0.11, 0.12)))
    for (number, colour) in colours.enumerated() {
      let right = (Float(number / 6) - 1.5) * step
      let down = (Float(number % 6) - 2.5) * step
      canvas.rectangle(
        centre + axis * right + across(axis) * down, half: Point(patch * 0.84, patch * 0.84), angle: lean,
        .paint(colour))
    }
  }
}
