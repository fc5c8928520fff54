/// The grey to black, sooty and dull metallic discolourations of specimens once treated with mercuric chloride against
/// insects (Schuettpelz et al. 2017): on the plants, around them, and where the solution ran or a neighbouring sheet
/// pressed against this one.
struct Stains {
  /// 0 hardly to be seen, 1 black.
  let severity: Float
  /// How much of it is on the plant itself.
  let onPlant: Float
  private let halo: Float
  private let haloRadius: Float
  private let haloCover: Float
  private let wash: Float
  private let washCover: Float
  private let ghost: Float
  private let ghostShift: Point
  private let specks: Int
  private let tint: Colour
  private let sheen: Float
  /// How dark the lines are that the drying solution left at its edge.
  private let tide: Float
  private let mottle: Noise
  private var random: RandomSource

  init(severity range: ClosedRange<Float>, _ random: inout RandomSource) {
    let draw = random.unit()
    // Faint stains are commoner than heavy ones.
    severity = blend(range.lowerBound, range.upperBound, draw * (0.45 + 0.55 * draw))
    // At least one of the places is fully affected.
    let place = random.integer(below: 4)
    onPlant = random.uniform(0.1, 1)
    halo = place != 1 ? random.uniform(0.6, 1) : random.uniform(0, 0.4)
    haloRadius = random.uniform(0.008, 0.034)
    haloCover = random.uniform(0.5, 0.95)
    wash = place == 1 || place == 2 ? random.uniform(0.6, 1) : random.uniform(0, 0.5)
    washCover = random.uniform(0.37, 0.58)
    ghost = random.chance(0.3) ? random.uniform(0.25, 0.6) : 0
    ghostShift = Point(random.bell() * 0.05, random.bell() * 0.03)
    specks = random.chance(0.6) ? random.integer(20...260) : 0
    let warm = Colour(0.30, 0.265, 0.23)
    let cool = Colour(0.25, 0.26, 0.275)
    tint = warm.mixed(with: cool, random.unit())
    sheen = random.chance(0.5) ? random.uniform(0.2, 1) : 0
    tide = random.uniform(0, 1)
    mottle = Noise(&random)
    self.random = random.fork()
  }

  func draw(_ plants: ScalarField, _ layout: Layout, on canvas: Canvas) {
    var random = random
    let mottle = mottle
    let metal = Noise(&random)
    let field = strength(plants, layout, &random)
    // Finer than the pixels of a small picture, where it averages out.
    let roughness = 0.3 * clamp(layout.frame.scale / 300, 0.15, 1)
    eachPixel(canvas, { field.row($0) }) { field, x, y, _, pixel in
      let base = field.value(x)
      if base < 0.004 { return }
      // Two grids at different angles, so that neither shows.
      let fine = mottle.value(x * 83 + y * 51, y * 83 - x * 51) + mottle.value(x * 190 - y * 149, y * 190 + x * 149)
      let s = min(0.94, base * (1 + roughness * (fine - 1)))
      let old = pixel.pointee
      let grey = old.luminance
      // First the paper loses its colour, then its lightness.
      var new = old.mixed(with: Colour(grey, grey, grey), min(1, s * 0.9))
      new = new * (SIMD4(repeating: 1) - (SIMD4(repeating: 1) - tint) * s)
      if sheen > 0, s > 0.3 {
        let shine = sheen * (s - 0.3) * smoothStep(0.5, 0.85, metal.value(x * 13, y * 13)) * 0.34
        new += SIMD4(0.92, 0.97, 1.04, 0) * shine
      }
      new.w = old.w
      pixel.pointee = new
    }
    drawSpecks(field, layout, on: canvas, &random)
  }

  /// What the stain's outlines are made of.
  private struct Sources {
    let near: ScalarField
    let wide: ScalarField
    let patches: Noise
    let flow: Noise
    let streaks: Noise
    let warp: Noise
  }

  /// Where the stain is how strong, on a grid coarser than the pixels: all of it is soft.
  private func strength(_ plants: ScalarField, _ layout: Layout, _ random: inout RandomSource) -> ScalarField {
    var field = ScalarField(side: plants.side * 3 / 4)
    let sources = Sources(
      near: plants.blurred(haloRadius), wide: plants.blurred(haloRadius * 2.6), patches: Noise(&random),
      flow: Noise(&random), streaks: Noise(&random), warp: Noise(&random))
    let step = 1 / Float(field.side)
    for row in 0..<field.side {
      for column in 0..<field.side {
        let place = Point(Float(column) + 0.5, Float(row) + 0.5) * step
        let s = strength(at: place, sources)
        if s <= 0 { continue }
        // Turned against the pixels, so that the noise's grid does not show.
        let (p, q) = (place.x * 0.83 + place.y * 0.56, place.y * 0.83 - place.x * 0.56)
        let grain =
          mottle.value(p * 8, q * 8) * 0.4 + mottle.value(q * 19, p * 19) * 0.36 + mottle.value(p * 47, q * 47) * 0.24
        field.values[row * field.side + column] = clamp(s * severity * (0.6 + 0.68 * grain))
      }
    }
    return field
  }

  /// - Parameter place: in shares of the picture's sides.
  @inline(__always) private func strength(at place: Point, _ sources: Sources) -> Float {
    let (x, y) = (place.x, place.y)
    // Crooked edges: everything is looked up a little beside its place.
    let u = x + (sources.warp.value(x * 19, y * 19) - 0.5) * 0.03
    let v = y + (sources.warp.value(x * 19 + 77, y * 19 + 13) - 0.5) * 0.03
    var s: Float = 0
    let nearness = sources.near.value(u, v)
    let width = sources.wide.value(u, v)
    if halo > 0, width > 0.002 {
      let closeness = min(1, nearness * 2.4) * 0.7 + min(1, width * 2) * 0.45
      let patch = sources.patches.cloud(x * 4.5, y * 4.5)
      // The front up to which the solution crept: a tide line.
      let front = closeness * smoothStep(0.72 - haloCover * 0.6, 0.95 - haloCover * 0.6, patch)
      s += halo * (front * 0.85 + 0.5 * tide * patch * max(0, 1 - abs(front - 0.34) * 9))
    }
    if wash > 0 {
      let depth =
        sources.flow.cloud(u * 2.6, v * 2.6) * 0.8 + sources.streaks.value(u * 16, v * 2.4) * 0.2 - (1 - washCover)
      if depth > -0.02 {
        let rim = 0.7 * smoothStep(0.35, 0.7, sources.warp.value(x * 7, y * 7))
        s += wash * (smoothStep(0, 0.12, depth) * 0.62 + tide * rim * max(0, 1 - abs(depth - 0.012) * 48))
      }
    }
    if ghost > 0 {
      // The neighbour's plant, mirrored as sheets lie face to face.
      let other = sources.near.value(1 - u + ghostShift.x, v + ghostShift.y)
      if other > 0.002 {
        s += ghost * min(1, other * 2.2) * smoothStep(0.3, 0.6, sources.patches.cloud(x * 4.5, y * 4.5))
      }
    }
    return s
  }

  /// Soot: black specks, thickest where the stain is.
  private func drawSpecks(_ field: ScalarField, _ layout: Layout, on canvas: Canvas, _ random: inout RandomSource) {
    let size = Point(Float(canvas.width), Float(canvas.height))
    for _ in 0..<specks {
      let place = Point(random.uniform(0, layout.sheet.x), random.unit())
      let radius = random.uniform(0.0005, 0.0017)
      let opacity = random.uniform(0.3, 0.8)
      let pixel = layout.frame.pixel(place) / size
      let here = field.value(pixel.x, pixel.y)
      if here < 0.06 { continue }
      canvas.disc(place, radius, .paint(Colour(0.14, 0.14, 0.15), opacity: opacity * min(1, here * 2)))
    }
  }
}
