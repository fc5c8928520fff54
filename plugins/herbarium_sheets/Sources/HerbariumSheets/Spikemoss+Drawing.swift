extension Spikemoss {
  /// Lays the plant on the canvas: roots, then the branches from the outermost in, the main stem on top.
  func draw(_ skeleton: Skeleton, _ habit: Habit, on canvas: Canvas, _ random: inout RandomSource) {
    var stations: [Station] = []
    for axis in skeleton.axes where axis.kind == .root {
      canvas.root(axis, radius: 0.0007, habit.root.scaled(random.uniform(0.85, 1.15)))
    }
    for level in [2, 1, 0] {
      for axis in skeleton.axes where axis.level == level || (level == 2 && axis.level > 2) {
        switch axis.kind {
        case .shoot:
          canvas.underlay(axis, reach: leafLength * 0.9, strength: habit.overlap)
          if form == .heath {
            dressHeath(axis, habit, on: canvas, &stations, &random)
          } else {
            dress(axis, habit, on: canvas, &stations, &random)
          }
        case .runner:
          if isRunning {
            dressHeath(axis, habit, on: canvas, &stations, &random)
          } else if form == .creeping {
            dress(axis, habit, on: canvas, &stations, &random)
          } else {
            drawStalk(axis, habit, on: canvas, &stations, &random)
          }
        case .strobilus: drawStrobilus(axis, habit, on: canvas, &stations, &random)
        case .root, .peduncle: continue
        }
      }
    }
  }

  /// A flat shoot: two rows of spread leaves, the stem, and two rows of small leaves upon it.
  private func dress(
    _ axis: Axis, _ habit: Habit, on canvas: Canvas, _ stations: inout [Station], _ random: inout RandomSource
  ) {
    // Leaves stand wider apart, and smaller, on the main stem.
    let isMain = axis.level == 0
    let spacing = leafSpacing * (isMain ? 1.5 : 1)
    axis.stations(start: spacing * 0.4, spacing: spacing, into: &stations)
    guard let last = stations.last else { return }
    let extent = last.at + spacing
    let radius = stemRadius * (isMain ? 1 : (axis.level == 1 ? 0.6 : 0.4))
    for station in stations.reversed() {
      let share = station.at / extent
      let young = 0.45 + 0.55 * clamp((extent - station.at) / (leafLength * 2.2))
      for side: Float in [-1, 1] {
        let tone = habit.leaf(share, &random).scaled(0.94)
        let stretch = random.uniform(0.88, 1.1) * young
        let swing = random.bell() * 0.08
        if random.chance(habit.loss) { continue }
        let out = direction(leafAngle * (0.45 + 0.55 * young) + swing)
        let heading = station.heading * out.x + across(station.heading) * (out.y * side)
        var shape = LeafShape.ovate
        // The upper edge is straighter, the lower one fuller; the tip points forward.
        shape.curve = -0.1 * side
        shape.relief = 0.12 * side
        canvas.leaf(
          station.point + across(station.heading) * (side * radius * 0.4) + station.heading * (side * spacing * 0.12),
          along: heading, length: leafLength * stretch, halfWidth: leafHalfWidth * (0.7 + 0.3 * young), shape, tone)
      }
    }
    let stem = isUnderside ? habit.stem : habit.stem.mixed(with: habit.old, 0.35)
    canvas.stem(axis, (radius, radius * 0.55), stem)
    if isUnderside { return }
    drawMedianLeaves(stations, extent: extent, habit, on: canvas, &random)
  }

  private func drawMedianLeaves(
    _ stations: [Station], extent: Float, _ habit: Habit, on canvas: Canvas, _ random: inout RandomSource
  ) {
    for station in stations.reversed() {
      let share = station.at / extent
      let young = 0.5 + 0.5 * clamp((extent - station.at) / (leafLength * 2))
      for side: Float in [-1, 1] {
        let tone = habit.leaf(share, &random).scaled(1.12)
        let out = direction(0.24 * side)
        let heading = station.heading * out.x + across(station.heading) * out.y
        canvas.leaf(
          station.point + across(station.heading) * (side * leafHalfWidth * 0.3), along: heading,
          length: leafLength * 0.56 * young, halfWidth: leafHalfWidth * 0.5, .ovate, tone)
      }
    }
  }

  /// A shoot with narrow leaves all around that end in pale bristles.
  private func dressHeath(
    _ axis: Axis, _ habit: Habit, on canvas: Canvas, _ stations: inout [Station], _ random: inout RandomSource
  ) {
    axis.stations(start: 0.001, spacing: leafSpacing, into: &stations)
    guard let last = stations.last else { return }
    let extent = last.at + leafSpacing
    let turn = random.uniform(0, 6.28)
    let bristle = habit.young.mixed(with: Colour(0.86, 0.83, 0.74), 0.6)
    canvas.stem(axis, (stemRadius, stemRadius * 0.7), habit.stem)
    for (number, station) in stations.enumerated().reversed() {
      let around = direction(turn + Float(number) * 2.3999632)
      let share = station.at / extent
      let tone = habit.leaf(share, &random).scaled(around.x < 0 ? 0.8 : 1)
      if random.chance(habit.loss) { continue }
      let young = 0.55 + 0.45 * clamp((extent - station.at) / leafLength)
      let out = direction(leafAngle * around.y + random.bell() * 0.1)
      let heading = station.heading * out.x + across(station.heading) * out.y
      let size = leafLength * young * random.uniform(0.85, 1.1)
      canvas.leaf(station.point, along: heading, length: size, halfWidth: leafHalfWidth, .needle, tone)
      canvas.leaf(
        station.point + heading * (size * 0.82), along: heading, length: size * 0.34, halfWidth: leafHalfWidth * 0.3,
        .needle, bristle)
    }
  }

  /// The straw-coloured stalk below a frond: leaves lie close and far apart.
  private func drawStalk(
    _ axis: Axis, _ habit: Habit, on canvas: Canvas, _ stations: inout [Station], _ random: inout RandomSource
  ) {
    canvas.stem(axis, (stemRadius * 1.05, stemRadius), habit.stem)
    axis.stations(start: 0.006, spacing: leafLength * 0.9, into: &stations)
    for station in stations {
      for side: Float in [-1, 1] where random.chance(0.9) {
        let heading = station.heading * 0.93 + across(station.heading) * (0.36 * side)
        canvas.leaf(
          station.point + across(station.heading) * (side * stemRadius * 0.6), along: heading,
          length: leafLength * 0.62,
          halfWidth: leafHalfWidth * 0.55, .ovate,
          habit.old.mixed(with: habit.stem, 0.5).scaled(random.uniform(0.9, 1.1)))
      }
    }
  }

  /// Four-edged, narrow, hardly wider than the shoot.
  private func drawStrobilus(
    _ axis: Axis, _ habit: Habit, on canvas: Canvas, _ stations: inout [Station], _ random: inout RandomSource
  ) {
    let radius: Float = form == .heath ? 0.0027 : 0.0019
    canvas.stem(axis, (radius * 0.9, radius * 0.15), habit.strobilus.scaled(0.7))
    axis.stations(start: 0, spacing: 0.0017, into: &stations)
    guard let last = stations.last else { return }
    for station in stations.reversed() {
      let share = station.at / max(last.at, 1e-4)
      let width = radius * (1 - 0.3 * share - 0.5 * share * share * share)
      for lane in 0..<4 {
        let side = Float(lane) / 1.5 - 1
        let heading = station.heading * 0.94 + across(station.heading) * (0.34 * side)
        canvas.leaf(
          station.point + across(station.heading) * (side * width * 0.7), along: heading, length: 0.0042,
          halfWidth: 0.0009 * (1 - 0.4 * share), .ovate,
          habit.strobilus.scaled(random.uniform(0.85, 1.15) + (side < 0 ? 0.08 : -0.05)))
      }
    }
  }
}
