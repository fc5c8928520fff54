extension Clubmoss {
  /// Lays the plant on the canvas, older parts first.
  func draw(_ skeleton: Skeleton, _ habit: Habit, on canvas: Canvas, _ random: inout RandomSource) {
    var stations: [Station] = []
    for axis in skeleton.axes where axis.kind == .root {
      canvas.root(axis, radius: 0.0008, habit.root.scaled(random.uniform(0.8, 1.1)))
    }
    for axis in skeleton.axes {
      switch axis.kind {
      case .root: continue
      case .runner:
        let isTrunk = form == .tree
        canvas.underlay(axis, reach: 0.008, strength: habit.overlap)
        dress(axis, habit, on: canvas, &stations, &random, isRunner: !isTrunk, isTrunk: isTrunk)
      case .shoot:
        canvas.underlay(axis, reach: leafLength * 0.8, strength: habit.overlap)
        dress(axis, habit, on: canvas, &stations, &random)
      case .peduncle: drawPeduncle(axis, habit, on: canvas, &stations, &random)
      case .strobilus: drawStrobilus(axis, habit, on: canvas, &stations, &random)
      }
    }
  }

  /// A stem with its leaves: those behind it, itself, those before it.
  private func dress(
    _ axis: Axis, _ habit: Habit, on canvas: Canvas, _ stations: inout [Station], _ random: inout RandomSource,
    isRunner: Bool = false, isTrunk: Bool = false
  ) {
    let isSparse = isRunner || isTrunk
    let spacing = isSparse ? leafSpacing * 2.6 : leafSpacing * (form == .cedar ? 1.5 : 1)
    axis.stations(start: spacing * random.unit(), spacing: spacing, into: &stations)
    guard let last = stations.last else { return }
    let extent = last.at + spacing
    let isFlat = form == .cedar && !isSparse
    let turn = random.uniform(0, 6.28)
    let keep = random.fork()
    let thickness = stemRadius * (isRunner ? 1.15 : 0.9)
    for isFront in [false, true] {
      var leaves = keep
      // From the tip down, so that each leaf covers the foot of the one above it.
      for (number, station) in stations.enumerated().reversed() {
        // The golden angle sets the leaves in a spiral; seen flat, they swing from side to side.
        let around = direction(turn + Float(number) * 2.3999632)
        let share = station.at / extent
        let tone = habit.leaf(isSparse ? share * 0.4 : 0.15 + share * 0.85, &leaves)
        let isLost = leaves.chance(habit.loss * (1.3 - share))
        let stretch = leaves.uniform(0.82, 1.15)
        let swing = leaves.bell() * 0.13
        if isLost || (around.x > 0) != isFront { continue }
        drawLeaf(
          station, around: around, share: share, toTip: extent - station.at,
          tone: isFront || isFlat ? tone : tone.scaled(0.74),
          stretch: stretch * (isSparse ? 0.62 : 1), swing: swing, on: canvas)
      }
      if !isFront {
        canvas.stem(axis, (thickness, thickness * 0.75), isRunner ? habit.root : (isFlat ? habit.old : habit.stem))
      }
    }
  }

  private func drawLeaf(
    _ station: Station, around: Point, share: Float, toTip: Float, tone: Colour, stretch: Float, swing: Float,
    on canvas: Canvas
  ) {
    var size = leafLength * stretch
    var angle = leafAngle
    if year > 0 {
      // Short, steep leaves where growth rested.
      let phase = station.at / year
      let rest = abs(phase - phase.rounded(.down) - 0.5) * 2
      let pause = smoothStep(0.72, 1, rest)
      size *= 1 - 0.42 * pause
      angle *= 1 - 0.35 * pause
    }
    // The bud at the tip: leaves still short and closed.
    let young = clamp(toTip / (leafLength * 1.4))
    size *= 0.62 + 0.38 * young
    angle *= 0.3 + 0.7 * young
    let out = direction(angle + swing)
    // A leaf that points at the viewer is seen foreshortened, though the press has laid it over.
    let lean = out.y * (around.y < 0 ? -1 : 1) * (0.3 + 0.7 * abs(around.y))
    let heading = station.heading * max(out.x, 0.25) + across(station.heading) * lean
    let seen = length(heading)
    guard seen > 1e-4 else { return }
    var shape = LeafShape.needle
    if form == .cedar { shape = LeafShape(base: 1.2, swell: 0.3, midrib: 0.08, relief: 0.06) }
    shape.curve = bend * (around.y < 0 ? 1 : -1)
    let foot = station.point + across(station.heading) * (around.y * stemRadius * 0.7)
    canvas.leaf(
      foot, along: heading / seen, length: size * min(1, 0.35 + 0.65 * seen), halfWidth: leafHalfWidth, shape, tone)
  }

  /// A slender stalk with small leaves far apart.
  private func drawPeduncle(
    _ axis: Axis, _ habit: Habit, on canvas: Canvas, _ stations: inout [Station], _ random: inout RandomSource
  ) {
    let colour = habit.strobilus.mixed(with: habit.stem, 0.45)
    canvas.underlay(axis, reach: 0.004, strength: habit.overlap)
    canvas.stem(axis, (0.0014, 0.0011), colour)
    axis.stations(start: 0.004, spacing: 0.0055, into: &stations)
    for (number, station) in stations.enumerated() {
      let lean: Float = number % 2 == 0 ? 0.3 : -0.3
      let heading = station.heading * 0.95 + across(station.heading) * lean
      canvas.leaf(
        station.point, along: heading, length: 0.006, halfWidth: 0.0006, .needle,
        colour.scaled(random.uniform(0.9, 1.15)))
    }
  }

  /// A cone of scale-like sporophylls that overlap like tiles; in Phlegmariurus a limp tassel.
  private func drawStrobilus(
    _ axis: Axis, _ habit: Habit, on canvas: Canvas, _ stations: inout [Station], _ random: inout RandomSource
  ) {
    let isTassel = form == .hanging
    let radius: Float = isTassel ? 0.0026 : 0.0046
    canvas.underlay(axis, reach: radius * 2, strength: habit.overlap)
    canvas.stem(axis, (radius * 0.9, radius * 0.55), habit.strobilus.scaled(0.72))
    axis.stations(start: 0, spacing: isTassel ? 0.0012 : 0.0008, into: &stations)
    guard let last = stations.last else { return }
    let turn = random.uniform(0, 6.28)
    for (number, station) in stations.enumerated().reversed() {
      let around = direction(turn + Float(number) * 2.3999632)
      if around.x < -0.35 { continue }
      let share = station.at / max(last.at, 1e-4)
      // Blunt at both ends.
      let width = radius * (share < 0.1 ? 0.75 + share * 2.5 : (share > 0.75 ? 1 - (share - 0.75) * 2 : 1))
      let foot = station.point + across(station.heading) * (around.y * width * 0.8)
      let heading = station.heading * 0.92 + across(station.heading) * (around.y * 0.42)
      canvas.leaf(
        foot, along: heading, length: isTassel ? 0.006 : 0.0058, halfWidth: isTassel ? 0.0011 : 0.0017,
        LeafShape(base: 0.95, swell: 1.1, midrib: 0.1, relief: 0.14),
        habit.strobilus.scaled((0.8 + 0.25 * around.x) * random.uniform(0.9, 1.14)))
    }
  }
}
