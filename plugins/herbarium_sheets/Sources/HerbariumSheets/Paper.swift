/// The mounting paper and the bed of the scanner that it lies on.
struct Paper {
  let colour: Colour
  let bed: Colour
  private let unevenness: Float
  private let grain: Float
  private let edgeYellow: Float
  private let slope: Point
  private let broad: Noise
  private let fine: Noise
  private let fibre: Noise
  private let creases: [Crease]
  private var random: RandomSource

  private struct Crease {
    let place: Float
    let isVertical: Bool
    let tilt: Float
    let strength: Float
  }

  init(_ collection: Collection, _ random: inout RandomSource) {
    let aged = Colour(0.80, 0.70, 0.50)
    let yellowing = clamp(collection.yellowing * 0.3 + random.uniform(-0.1, 0.16), 0, 0.45)
    colour = collection.paper.mixed(with: aged, yellowing).scaled(random.uniform(0.94, 1.03))
    bed =
      switch collection.bed {
      case .white: Colour(0.95, 0.95, 0.95).scaled(random.uniform(0.93, 1))
      case .grey: Colour(0.55, 0.56, 0.57).scaled(random.uniform(0.8, 1.2))
      case .black: Colour(0.11, 0.11, 0.12).scaled(random.uniform(0.7, 1.3))
      }
    unevenness = random.uniform(0.02, 0.07)
    grain = random.uniform(0.012, 0.034)
    edgeYellow = random.chance(0.6) ? random.uniform(0.1, 0.55) : 0
    slope = Point(random.bell(), random.bell()) * 0.022
    broad = Noise(&random)
    fine = Noise(&random)
    fibre = Noise(&random)
    var creases: [Crease] = []
    if random.chance(0.3) {
      for _ in 0..<random.integer(1...2) {
        creases.append(
          Crease(
            place: random.uniform(0.2, 0.8), isVertical: random.chance(0.5), tilt: random.bell() * 0.03,
            strength: random.uniform(0.03, 0.11)))
      }
    }
    self.creases = creases
    self.random = random.fork()
  }

  /// Covers the canvas with paper.
  func draw(_ layout: Layout, on canvas: Canvas) {
    let frame = layout.frame
    let half = layout.sheet * 0.5
    let middle = frame.pixel(half)
    let inverse = 1 / frame.scale
    // The grain is finer than the pixels of a small picture: it averages out there.
    let fineShare = grain * clamp(frame.scale / 420, 0.25, 1)
    let yellow = Colour(0.88, 0.74, 0.50)
    // Noise does not show the sheet's slight turn: it is read along the picture's rows. What changes slowly is read at
    // every eighth pixel.
    let start = middle * inverse
    let (colour, edgeYellow, unevenness) = (colour, edgeYellow, unevenness)
    let showsGrain = frame.scale > 300
    for row in 0..<canvas.height {
      let v = (Float(row) + 0.5) * inverse - start.y
      let (broadRow, cloudRow) = (broad.row(v * 3.5), broad.row(v * 11))
      let (fineRow, fibreRow) = (fine.row(v * 760), fibre.row(v * 95))
      let light = { (column: Int) -> Float in
        let u = (Float(column) + 0.5) * inverse - start.x
        return 1 + unevenness * (broadRow.value(u * 3.5) + cloudRow.value(u * 11) * 0.5 - 0.75)
          + (slope.x * u + slope.y * v) * 2 - fineShare
      }
      var line = canvas.pixels + row * canvas.width
      var next = light(0)
      for block in stride(from: 0, to: canvas.width, by: 8) {
        var shade = next
        next = light(block + 8)
        let step = (next - shade) * 0.125
        for column in block..<min(block + 8, canvas.width) {
          let u = (Float(column) + 0.5) * inverse - start.x
          let grain = showsGrain ? fibreRow.value(u * 330) + fineRow.value(u * 760) : fineRow.nearest(u * 760) + 0.5
          var sheet = colour.scaled(shade + fineShare * grain)
          if edgeYellow > 0 {
            let x = u * frame.axis.x + v * frame.axis.y
            let y = v * frame.axis.x - u * frame.axis.y
            let border = clamp(1 - min(half.x - abs(x), half.y - abs(y)) * 14)
            if border > 0 { sheet = sheet.mixed(with: sheet * yellow, edgeYellow * border * border) }
          }
          line.pointee = sheet
          line += 1
          shade += step
        }
      }
    }
    for crease in creases { draw(crease, layout, on: canvas) }
    drawFibres(layout, on: canvas)
  }

  /// Covers what lies beside the sheet with the scanner's bed, and the sheet's shadow there.
  func drawBed(_ layout: Layout, on canvas: Canvas) {
    let frame = layout.frame
    let half = layout.sheet * (0.5 * frame.scale)
    let middle = frame.pixel(layout.sheet * 0.5)
    let shadow = 0.004 * frame.scale + 0.5
    let perShadow = 1 / (shadow * 2)
    // Rows and columns well within the sheet need not be looked at, whichever way it is turned.
    let safe = half - (half.x + half.y) * abs(frame.axis.y) - 2
    for row in 0..<canvas.height {
      let line = canvas.pixels + row * canvas.width
      let isSafe = abs(Float(row) + 0.5 - middle.y) < safe.y && safe.x > 0
      let first = isSafe ? Int(clamp(middle.x - safe.x, 0, Float(canvas.width))) : canvas.width
      let second = isSafe ? Int(clamp(middle.x + safe.x, 0, Float(canvas.width))) : canvas.width
      var column = -1
      while true {
        column += 1
        if column == first { column = second }
        guard column < canvas.width else { break }
        let offset = Point(Float(column) + 0.5, Float(row) + 0.5) - middle
        let x = offset.x * frame.axis.x + offset.y * frame.axis.y
        let y = offset.y * frame.axis.x - offset.x * frame.axis.y
        let coverage = clamp(min(half.x - abs(x), half.y - abs(y)) + 0.5)
        if coverage >= 1 { continue }
        let depth = clamp(1 + min(half.x - abs(x - shadow), half.y - abs(y - shadow)) * perShadow)
        line[column] = bed.scaled(1 - 0.45 * depth).mixed(with: line[column], coverage)
      }
    }
  }

  /// A bend across the sheet: one side of it faces the light, and its edge is worn.
  private func draw(_ crease: Crease, _ layout: Layout, on canvas: Canvas) {
    let (a, b) =
      crease.isVertical
      ? (Point(crease.place * layout.sheet.x, 0), Point(crease.place * layout.sheet.x + crease.tilt, 1))
      : (Point(0, crease.place), Point(layout.sheet.x, crease.place + crease.tilt))
    let side = crease.isVertical ? Point(0.012, 0) : Point(0, 0.012)
    canvas.glow(from: a - side, to: b - side, 0.03, .shade(crease.strength * 0.5))
    canvas.glow(from: a + side, to: b + side, 0.03, .shade(-crease.strength * 0.4))
    canvas.glow(from: a, to: b, 0.0016, .shade(crease.strength * 1.3))
  }

  /// Single fibres in the paper, lighter and darker.
  private func drawFibres(_ layout: Layout, on canvas: Canvas) {
    var random = random
    let count = random.integer(10...90)
    for _ in 0..<count {
      var place = Point(random.uniform(0, layout.sheet.x), random.uniform(0, 1))
      var angle = random.uniform(0, 6.28)
      let bend = random.bell() * 0.4
      let tone = random.chance(0.65) ? Colour(0.45, 0.38, 0.28) : Colour(1, 0.99, 0.95)
      let ink = Ink.paint(tone, opacity: random.uniform(0.08, 0.35))
      let radius = random.uniform(0.0003, 0.0006)
      for _ in 0..<random.integer(2...5) {
        let next = place + direction(angle) * random.uniform(0.003, 0.007)
        canvas.stroke(from: place, to: next, (radius, radius), ink, isFlat: true)
        place = next
        angle += bend
      }
    }
  }
}
