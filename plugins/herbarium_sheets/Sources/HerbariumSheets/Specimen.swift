/// The plants of one sheet: one family, one growth form, one or a few individuals.
struct Specimen {
  private enum Kind {
    case clubmoss(Clubmoss)
    case spikemoss(Spikemoss)
  }

  private let kind: Kind
  private let habit: Habit
  private let columns: Int
  private let rows: Int
  private let shadow: Float
  private let light: Point
  private var random: RandomSource

  init(isSpikemoss: Bool, _ source: RandomSource) {
    var random = source
    if isSpikemoss {
      let form = random.pick(
        [.frond, .frond, .frond, .frond, .creeping, .creeping, .rosette, .heath, .heath, .heath],
        or: Spikemoss.Form.frond)
      let plant = Spikemoss(form, &random)
      kind = .spikemoss(plant)
      (columns, rows) = plant.arrangement(&random)
    } else {
      let form = random.pick(
        [
          .creeping, .creeping, .creeping, .tufted, .tufted, .hanging, .hanging, .cedar, .cedar, .cedar, .tree, .tree,
          .tree,
        ],
        or: Clubmoss.Form.creeping)
      let plant = Clubmoss(form, &random)
      kind = .clubmoss(plant)
      (columns, rows) = plant.arrangement(&random)
    }
    habit = Habit(isSpikemoss: isSpikemoss, &random)
    shadow = random.uniform(0.15, 0.55)
    light = Point(random.uniform(-0.003, 0.004), random.uniform(0.001, 0.004))
    self.random = random.fork()
  }

  var name: String {
    switch kind {
    case .clubmoss(let plant):
      switch plant.form {
      case .creeping: "Lycopodium-like, creeping"
      case .tufted: "Huperzia-like, tufted"
      case .hanging: "Phlegmariurus-like, hanging"
      case .cedar: "Diphasiastrum-like, fans"
      case .tree: "Dendrolycopodium-like, a little tree"
      }
    case .spikemoss(let plant):
      switch plant.form {
      case .frond: "Selaginella-like, frond"
      case .creeping: "Selaginella-like, creeping"
      case .rosette: "Selaginella-like, rosette"
      case .heath: "Selaginella rupestris-like"
      }
    }
  }

  /// Draws the plants alone; the canvas stays clear between them.
  ///
  /// - Returns: their skeletons, for the straps.
  func draw(_ layout: Layout, sooted: Float, on canvas: Canvas) -> [Skeleton] {
    var random = random
    let colours = sooted > 0 ? habit.sooted(sooted) : habit
    var skeletons: [Skeleton] = []
    let room = layout.plantHigh - layout.plantLow
    // Several plants lie in a grid, a little into each other's room.
    let cell = room / Point(Float(columns), Float(rows))
    let overlap = Point(columns > 1 ? 0.05 : 0, rows > 1 ? 0.04 : 0)
    for number in 0..<(columns * rows) {
      var skeleton: Skeleton =
        switch kind {
        case .clubmoss(let plant): plant.grow(&random)
        case .spikemoss(let plant): plant.grow(&random)
        }
      let corner = layout.plantLow + cell * Point(Float(number % columns), Float(number / columns))
      let low = most(layout.plantLow, corner - overlap)
      let high = least(layout.plantHigh, corner + cell + overlap)
      let used = Point(random.uniform(0.85, 1), random.uniform(0.82, 1))
      let slack = (high - low) * (Point(1, 1) - used) * Point(random.unit(), random.unit())
      if case .spikemoss(let plant) = kind, plant.form == .creeping, random.chance(0.5) {
        for i in skeleton.axes.indices {
          for j in skeleton.axes[i].points.indices {
            let p = skeleton.axes[i].points[j]
            skeleton.axes[i].points[j] = Point(p.y, p.x)
          }
        }
      }
      skeleton.fit(
        low: low + slack, high: low + slack + (high - low) * used, stretch: 1.6,
        anchor: Point(random.uniform(0.3, 0.7), random.uniform(0.4, 1)))
      switch kind {
      case .clubmoss(let plant): plant.draw(skeleton, colours, on: canvas, &random)
      case .spikemoss(let plant): plant.draw(skeleton, colours, on: canvas, &random)
      }
      skeletons.append(skeleton)
    }
    return skeletons
  }

  /// Lays the drawn plants on the sheet, with the soft shadow that they throw.
  func lay(_ plants: Canvas, _ outline: ScalarField, on sheet: Canvas) {
    let near = outline.blurred(0.004)
    let share = sheet.frame.scale / Float(sheet.width)
    let shift = light * share
    var box = near.bounds
    let margin = Point(abs(shift.x), abs(shift.y)) + 1 / Float(near.side)
    box.low -= margin
    box.high += margin
    let (shadow, drawn) = (shadow, plants.pixels)
    eachPixel(sheet, within: box, { near.row($0 - shift.y) }) { near, x, _, index, pixel in
      let dark = 1 - shadow * near.value(x - shift.x)
      let plant = drawn[index]
      pixel.pointee = pixel.pointee.scaled(dark) * (1 - plant.w) + plant
    }
  }
}
