/// Where things lie on one sheet.
struct Layout {
  /// The sheet's width and height.
  let sheet: Point
  /// The room for the plants.
  var plantLow: Point
  var plantHigh: Point
  let label: Placard
  let barcode: Placard?
  let packet: Placard?
  let note: Placard?
  let stamps: [Placard]
  let frame: Frame

  /// Whether the sheet is so wide that nothing fits beside it.
  var fillsPicture: Bool { sheet.x > 0.88 }

  /// A thing glued or printed on.
  struct Placard {
    var centre: Point
    var half: Point
    var angle: Float
  }

  init(_ collection: Collection, size: Int, _ random: inout RandomSource) {
    let width = collection.aspect
    sheet = Point(width, 1)
    let turn = random.bell() * 0.008
    let scale = Float(size) * random.uniform(0.965, 0.995)
    let axis = direction(turn)
    // The strip beside the sheet goes to one side; a wide sheet lies in the middle.
    let slack = Float(size) - width * scale
    let push: Float = width > 0.88 ? 0.5 : (collection.stripOnLeft ? 0.94 : 0.06)
    var place = Frame(origin: Point(0, 0), scale: scale, axis: axis)
    let middle = Point(slack * push + width * scale * 0.5, Float(size) * (0.5 + random.uniform(-0.004, 0.004)))
    place.origin = middle - place.turned(sheet * 0.5) * scale
    frame = place

    let half = collection.labelHalf * Point(random.uniform(0.94, 1.05), random.uniform(0.9, 1.1))
    let margin = Point(random.uniform(0.012, 0.03), random.uniform(0.012, 0.03))
    let labelX = collection.labelOnLeft ? margin.x + half.x : width - margin.x - half.x
    label = Placard(centre: Point(labelX, 1 - margin.y - half.y), half: half, angle: random.bell() * 0.008)

    let code = Point(0.062, 0.019)
    let top = Point(width * random.uniform(0.3, 0.7), 0.035)
    let aside = Point(collection.labelOnLeft ? width - 0.085 : 0.085, 0.955)
    barcode =
      collection.hasBarcode
      ? Placard(centre: collection.barcodeOnTop ? top : aside, half: code, angle: random.bell() * 0.02) : nil

    // An envelope for fragments, mostly in an upper corner.
    packet =
      random.chance(0.28)
      ? Placard(
        centre: Point(random.chance(0.5) ? 0.105 : width - 0.105, random.uniform(0.1, 0.16)),
        half: Point(random.uniform(0.06, 0.085), random.uniform(0.045, 0.07)), angle: random.bell() * 0.02) : nil
    // A later botanist's slip with another name.
    note =
      random.chance(0.45)
      ? Placard(
        centre: label.centre + Point(random.uniform(-0.02, 0.02), -half.y - random.uniform(0.03, 0.06)),
        half: Point(random.uniform(0.07, 0.1), random.uniform(0.018, 0.026)), angle: random.bell() * 0.015) : nil
    var marks: [Placard] = []
    if collection.hasStamp {
      let radius = random.uniform(0.026, 0.042)
      let corner = Point(
        random.chance(0.7) ? width - random.uniform(0.06, 0.2) : random.uniform(0.06, 0.3), random.uniform(0.06, 0.2))
      marks.append(Placard(centre: corner, half: Point(radius, radius * 0.72), angle: random.bell() * 0.16))
    }
    if random.chance(0.3) {
      marks.append(
        Placard(
          centre: Point(random.uniform(0.1, width - 0.1), random.uniform(0.7, 0.95)),
          half: Point(0.05, 0.013), angle: random.bell() * 0.06))
    }
    stamps = marks

    // The plant takes what the label leaves: the room above it, or all the height beside it.
    let edge: Float = 0.035
    plantLow = Point(edge, random.uniform(0.04, 0.12))
    plantHigh = Point(width - edge, 1 - random.uniform(0.03, 0.06))
    // On a sheet that fills the picture, ruler and chart lie along one of its edges.
    if width > 0.88, collection.hasRuler || collection.chart != .none {
      if collection.labelOnLeft { plantHigh.x -= 0.045 } else { plantLow.x += 0.045 }
    }
    if random.chance(0.6) {
      plantHigh.y = label.centre.y - half.y - random.uniform(-0.02, 0.03)
    } else if collection.labelOnLeft {
      plantLow.x = label.centre.x + half.x * random.uniform(0, 0.7)
    } else {
      plantHigh.x = label.centre.x - half.x * random.uniform(0, 0.7)
    }
  }
}
