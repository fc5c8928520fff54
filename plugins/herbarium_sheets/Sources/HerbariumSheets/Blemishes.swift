/// What age does to sheets of either class, and what a network must not take for mercury: foxing, water stains, brown
/// halos of plant juice, grime, faded strips and glue.
struct Blemishes {
  private let layout: Layout
  private var random: RandomSource

  init(_ layout: Layout, _ random: inout RandomSource) {
    self.layout = layout
    self.random = random.fork()
  }

  func draw(_ plants: ScalarField, on canvas: Canvas) {
    var random = random
    if random.chance(0.4) { drawHalo(plants, on: canvas, &random) }
    if random.chance(0.36) {
      for _ in 0..<random.integer(1...3) { drawWaterStain(on: canvas, &random) }
    }
    if random.chance(0.55) { drawFoxing(on: canvas, &random) }
    if random.chance(0.4) { drawGrime(on: canvas, &random) }
    if random.chance(0.2) { drawFadedStrip(on: canvas, &random) }
    if random.chance(0.3) { drawGlue(on: canvas, &random) }
    if random.chance(0.15) { drawInsectHoles(on: canvas, &random) }
  }

  /// Plant juice that went brown in the paper, close around the plant: like a mercury stain in form, not in colour.
  private func drawHalo(_ plants: ScalarField, on canvas: Canvas, _ random: inout RandomSource) {
    let halo = plants.blurred(random.uniform(0.006, 0.03))
    let patches = Noise(&random)
    let strength = random.uniform(0.1, 0.55)
    let tint = Colour(0.78, 0.58, 0.34).mixed(with: Colour(0.70, 0.62, 0.44), random.unit())
    let share = random.uniform(0.3, 0.7)
    eachPixel(canvas, within: halo.bounds, { halo.row($0) }) { halo, x, y, _, pixel in
      let near = halo.value(x)
      if near < 0.01 { return }
      let patch = clamp((patches.cloud(x * 6, y * 6) - (0.85 - share)) * 4)
      canvas.mark(pixel, min(1, near * 2.6) * patch * strength, .tint(tint))
    }
  }

  /// A dried puddle: paler within, a dark rim where the dirt was carried to; of coffee, tea or rain.
  private func drawWaterStain(on canvas: Canvas, _ random: inout RandomSource) {
    let centre = Point(random.uniform(-0.05, layout.sheet.x + 0.05), random.uniform(-0.05, 1.05))
    let radius = random.uniform(0.04, 0.24)
    let rough = random.uniform(0.15, 0.7)
    let edge = Noise(&random)
    let rim = random.uniform(0.1, 0.5)
    let fill = random.uniform(0.02, 0.26)
    let width = random.uniform(9, 26)
    let tint = Colour(0.72, 0.55, 0.36).mixed(with: Colour(0.74, 0.66, 0.50), random.unit())
    let reach = radius * (1.4 + rough * 0.5)
    let low = layout.frame.pixel(centre) - reach * layout.frame.scale
    let high = layout.frame.pixel(centre) + reach * layout.frame.scale
    guard let box = canvas.bounds(low, high) else { return }
    let middle = layout.frame.pixel(centre)
    let inverse = 1 / layout.frame.scale
    for row in box.top...box.bottom {
      for column in box.left...box.right {
        let p = (Point(Float(column) + 0.5, Float(row) + 0.5) - middle) * inverse
        let distance = length(p) / radius + rough * (edge.cloud(p.x * 7, p.y * 7) - 0.5)
        if distance > 1.15 { continue }
        let line = max(0, 1 - abs(distance - 1) * width) * rim
        let inside = distance < 1 ? fill * (0.5 + 0.5 * distance) : 0
        canvas.mark(canvas.pixels + (row * canvas.width + column), max(line, inside), .tint(tint))
      }
    }
  }

  /// Rusty spots.
  private func drawFoxing(on canvas: Canvas, _ random: inout RandomSource) {
    let count = random.integer(4...46)
    let focus = Point(random.uniform(0, layout.sheet.x), random.unit())
    for _ in 0..<count {
      var place = Point(random.uniform(0, layout.sheet.x), random.unit())
      if random.chance(0.4) { place = focus + Point(random.bell(), random.bell()) * 0.1 }
      let radius = random.uniform(0.0012, 0.0055)
      let tint = Colour(0.72, 0.48, 0.26)
      canvas.disc(place, radius * 1.8, .tint(tint, strength: random.uniform(0.08, 0.3)), softness: 1)
      canvas.disc(place, radius * 0.6, .tint(tint, strength: random.uniform(0.1, 0.5)), softness: 0.5)
    }
  }

  /// Dust along an edge or at the corners where hands took the sheet: greyish brown and without any regard to the plant.
  private func drawGrime(on canvas: Canvas, _ random: inout RandomSource) {
    let tint = Colour(0.62, 0.58, 0.52)
    for _ in 0..<random.integer(2...9) {
      let isSide = random.chance(0.5)
      let inset = random.uniform(-0.01, 0.05)
      let place =
        isSide
        ? Point(random.chance(0.5) ? inset : layout.sheet.x - inset, random.unit())
        : Point(random.uniform(0, layout.sheet.x), random.chance(0.5) ? inset : 1 - inset)
      let radius = random.uniform(0.02, 0.09)
      let strength = random.uniform(0.04, 0.2)
      for _ in 0..<3 {
        let shift = Point(random.bell(), random.bell()) * (radius * 0.5)
        canvas.disc(place + shift, radius * random.uniform(0.5, 1), .tint(tint, strength: strength), softness: 1)
      }
    }
  }

  /// Where another sheet did not shade it, the light bleached or browned the paper.
  private func drawFadedStrip(on canvas: Canvas, _ random: inout RandomSource) {
    let width = random.uniform(0.03, 0.2)
    let tint = Colour(0.86, 0.76, 0.58)
    let ink = Ink.tint(tint, strength: random.uniform(0.15, 0.6))
    let isLeft = random.chance(0.5)
    let x = isLeft ? width * 0.5 : layout.sheet.x - width * 0.5
    canvas.rectangle(Point(x, 0.5), half: Point(width * 0.5, 0.5), ink)
  }

  /// Old glue, yellow, where a plant once was fixed that has moved since.
  private func drawGlue(on canvas: Canvas, _ random: inout RandomSource) {
    for _ in 0..<random.integer(1...4) {
      var place = Point(
        random.uniform(layout.plantLow.x, layout.plantHigh.x), random.uniform(layout.plantLow.y, layout.plantHigh.y))
      let ink = Ink.tint(Colour(0.86, 0.74, 0.46), strength: random.uniform(0.1, 0.35))
      var angle = random.uniform(0, 6.28)
      let radius = random.uniform(0.0015, 0.004)
      for _ in 0..<random.integer(3...12) {
        canvas.disc(place, radius * random.uniform(0.7, 1.4), ink, softness: 0.4)
        angle += random.bell() * 0.5
        place += direction(angle) * radius * 1.3
      }
    }
  }

  private func drawInsectHoles(on canvas: Canvas, _ random: inout RandomSource) {
    let focus = Point(random.uniform(0, layout.sheet.x), random.unit())
    for _ in 0..<random.integer(2...9) {
      let place = focus + Point(random.bell(), random.bell()) * 0.06
      canvas.disc(place, random.uniform(0.0008, 0.002), .paint(Colour(0.24, 0.2, 0.16), opacity: 0.85))
    }
  }
}
