/// What collectors, curators and scanners put on a sheet and beside it: label, slip, barcode, stamps, envelope, straps,
/// ruler and colour chart.
struct Furniture {
  private let collection: Collection
  private let layout: Layout
  private let ink: Ink
  private var random: RandomSource

  init(_ collection: Collection, _ layout: Layout, _ random: inout RandomSource) {
    self.collection = collection
    self.layout = layout
    let colours = [Colour(0.13, 0.12, 0.13), Colour(0.24, 0.18, 0.13), Colour(0.14, 0.16, 0.30)]
    ink = .paint(random.pick(colours, or: Colour(0, 0, 0)), opacity: random.uniform(0.68, 0.95))
    self.random = random.fork()
  }

  /// What lies on the paper under the plants.
  func drawUnderPlants(on canvas: Canvas) {
    var random = random
    for stamp in layout.stamps { drawStamp(stamp, on: canvas, &random) }
    if random.chance(0.3) { drawPencil(on: canvas, &random) }
    drawLabel(on: canvas, &random)
    if let note = layout.note { drawNote(note, on: canvas, &random) }
    if let packet = layout.packet { drawPacket(packet, on: canvas, &random) }
    if let barcode = layout.barcode { drawBarcode(barcode, on: canvas, &random) }
  }

  /// A slip of paper with its shadow.
  private func slip(_ placard: Layout.Placard, _ colour: Colour, on canvas: Canvas) {
    canvas.rectangle(
      placard.centre + Point(0.0015, 0.002), half: placard.half + 0.0006, angle: placard.angle, .shade(0.16))
    canvas.rectangle(placard.centre, half: placard.half, angle: placard.angle, .paint(colour))
  }

  /// A place on a placard, from -1 to 1 across and down.
  private func spot(_ placard: Layout.Placard, _ x: Float, _ y: Float) -> Point {
    let axis = direction(placard.angle)
    return placard.centre + axis * (x * placard.half.x) + across(axis) * (y * placard.half.y)
  }

  private func border(_ placard: Layout.Placard, inset: Float, radius: Float, on canvas: Canvas) {
    let corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)].map { (x: Float, y: Float) in
      spot(placard, x * (1 - inset / placard.half.x), y * (1 - inset / placard.half.y))
    }
    for i in 0..<4 { canvas.stroke(from: corners[i], to: corners[(i + 1) % 4], (radius, radius), ink) }
  }

  private func drawLabel(on canvas: Canvas, _ random: inout RandomSource) {
    let label = layout.label
    slip(label, collection.labelPaper.scaled(random.uniform(0.96, 1.02)), on: canvas)
    if collection.labelHasBorder {
      border(label, inset: 0.004, radius: 0.0005, on: canvas)
      if collection.warmth > 0 { border(label, inset: 0.006, radius: 0.0003, on: canvas) }
    }
    let room = label.half.x * 2
    let style: Lettering.Style =
      switch collection.labelWriting {
      case .typeset: .print
      case .typewritten: .typewriter
      case .handwritten: .hand
      }
    let heading =
      ["HERBARIUM", "PLANTAE", "FLORA", "EX HERB."][Int(collection.sharpness * 3.99)] + " " + collection.herbarium
    let headSize: Float = 0.0095
    let headWidth = min(room * 0.88, Float(heading.utf8.count) * headSize / 6 * 5.3)
    Lettering.line(
      heading, at: spot(label, -headWidth / room, -0.7), size: headSize, width: headWidth + 0.002, angle: label.angle,
      .print, ink, on: canvas, &random)
    let lines = random.integer(4...6)
    for number in 0..<lines {
      let y = -0.34 + 1.18 * Float(number) / Float(lines - 1)
      let isName = number == 0
      let isLast = number == lines - 1
      let size: Float = (isName ? 0.0086 : 0.0066) * (style == .hand ? 1.2 : 1)
      let text =
        isLast
        ? "Leg. " + Lettering.word(&random) + " " + Lettering.date(&random)
        : Lettering.phrase(&random, words: isName ? 2...3 : 2...5)
      let indent = isName ? Float(0.03) : random.uniform(0, 0.05)
      Lettering.line(
        text, at: spot(label, -0.9 + indent, y), size: size, width: room * (0.94 - indent * 0.5),
        angle: label.angle + (style == .hand ? random.bell() * 0.01 : 0),
        number == 0 && style == .print ? .hand : style,
        ink, on: canvas, &random)
    }
  }

  /// A word or two in pencil on the sheet itself.
  private func drawPencil(on canvas: Canvas, _ random: inout RandomSource) {
    let pencil = Ink.paint(Colour(0.36, 0.36, 0.38), opacity: random.uniform(0.35, 0.7))
    let place = Point(
      random.uniform(0.06, layout.sheet.x - 0.26), random.chance(0.6) ? random.uniform(0.87, 0.97) : 0.06)
    let lean = random.bell() * 0.03
    for line in 0..<random.integer(1...2) {
      Lettering.line(
        Lettering.phrase(&random, words: 1...3), at: place + Point(0, Float(line) * 0.022),
        size: random.uniform(0.008, 0.0105), width: 0.2, angle: lean, .hand, pencil, on: canvas, &random
      )
    }
  }

  /// A later name for the plant.
  private func drawNote(_ note: Layout.Placard, on canvas: Canvas, _ random: inout RandomSource) {
    slip(note, Colour(0.95, 0.94, 0.91).scaled(random.uniform(0.9, 1.02)), on: canvas)
    let isHand = random.chance(0.5)
    for y: Float in [-0.2, 0.62] {
      Lettering.line(
        Lettering.phrase(&random, words: 2...3), at: spot(note, -0.9, y), size: isHand ? 0.0082 : 0.0066,
        width: note.half.x * 1.86, angle: note.angle, isHand ? .hand : .print, ink, on: canvas, &random)
    }
  }

  /// An envelope for loose pieces, folded from paper.
  private func drawPacket(_ packet: Layout.Placard, on canvas: Canvas, _ random: inout RandomSource) {
    slip(packet, collection.paper.scaled(random.uniform(0.9, 1.03)), on: canvas)
    let flap = random.uniform(0.1, 0.5)
    let isPointed = random.chance(0.4)
    let fold = Ink.shade(0.22)
    if isPointed {
      canvas.stroke(from: spot(packet, -1, -1), to: spot(packet, 0, flap), (0.0006, 0.0006), fold)
      canvas.stroke(from: spot(packet, 1, -1), to: spot(packet, 0, flap), (0.0006, 0.0006), fold)
    } else {
      canvas.stroke(from: spot(packet, -1, flap), to: spot(packet, 1, flap), (0.0008, 0.0008), fold)
      canvas.stroke(from: spot(packet, -0.86, -1), to: spot(packet, -0.86, 1), (0.0005, 0.0005), fold)
      canvas.stroke(from: spot(packet, 0.86, -1), to: spot(packet, 0.86, 1), (0.0005, 0.0005), fold)
    }
    if random.chance(0.5) {
      Lettering.line(
        Lettering.phrase(&random, words: 1...2), at: spot(packet, -0.6, 0.72), size: 0.0075, width: packet.half.x * 1.3,
        angle: packet.angle, .hand, ink, on: canvas, &random)
    }
  }

  private func drawBarcode(_ code: Layout.Placard, on canvas: Canvas, _ random: inout RandomSource) {
    slip(code, Colour(0.97, 0.97, 0.96), on: canvas)
    let black = Ink.paint(Colour(0.08, 0.08, 0.09))
    var x: Float = -0.88
    let axis = code.angle
    while x < 0.86 {
      let bar = random.uniform(0.008, 0.034)
      canvas.rectangle(
        spot(code, x + bar * 0.5, -0.16), half: Point(bar * 0.5 * code.half.x, code.half.y * 0.56), angle: axis, black)
      x += bar + random.uniform(0.01, 0.036)
    }
    let number = "\(random.integer(10_000_000...99_999_999))"
    Lettering.line(
      number, at: spot(code, -0.5, 0.82), size: 0.0055, width: code.half.x * 1.4, angle: axis, .print, black,
      on: canvas, &random)
  }

  private func drawStamp(_ stamp: Layout.Placard, on canvas: Canvas, _ random: inout RandomSource) {
    let pad = Ink.paint(collection.stampColour, opacity: random.uniform(0.3, 0.75))
    if stamp.half.y < 0.016 {
      // An accession number from a numbering machine.
      Lettering.line(
        "\(random.integer(100_000...999_999))", at: spot(stamp, -1, 0.5), size: 0.0115, width: 0.12, angle: stamp.angle,
        .typewriter, pad, on: canvas, &random)
      return
    }
    let axis = direction(stamp.angle)
    let squash = stamp.half.y / stamp.half.x
    for ring: Float in [1, 0.64] {
      var last: Point?
      for number in 0...40 {
        let ray = direction(Float(number) * 0.15707964)
        let flat = Point(ray.x * stamp.half.x * ring, ray.y * stamp.half.y * ring)
        let point = stamp.centre + axis * flat.x + across(axis) * flat.y
        if let last { canvas.stroke(from: last, to: point, (0.0007, 0.0007), pad, isFlat: true) }
        last = point
      }
    }
    Lettering.ring(
      "HERB. " + collection.herbarium, centre: stamp.centre, radius: stamp.half.x * 0.73, squash: squash, size: 0.0068,
      angle: stamp.angle, pad, on: canvas, &random)
    Lettering.line(
      "\(random.integer(1850...1975))", at: spot(stamp, -0.3, 0.16), size: 0.0075, width: 0.1, angle: stamp.angle,
      .print, pad,
      on: canvas, &random)
  }
}
