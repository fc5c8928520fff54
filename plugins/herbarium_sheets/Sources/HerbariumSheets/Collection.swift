/// What the sheets of one collection (one group) have in common: paper, labels, and how they were scanned.
struct Collection {
  enum Writing { case typeset, typewritten, handwritten }
  enum Chart { case none, strip, checker }
  enum Bed { case white, grey, black }

  let paper: Colour
  let yellowing: Float
  let labelWriting: Writing
  let labelHalf: Point
  let labelHasBorder: Bool
  let labelPaper: Colour
  let labelOnLeft: Bool
  let herbarium: String
  let stampColour: Colour
  let hasStamp: Bool
  let hasBarcode: Bool
  let barcodeOnTop: Bool
  let chart: Chart
  let hasRuler: Bool
  let rulerIsDark: Bool
  let bed: Bed
  /// The bed's strip with ruler and chart lies on the left.
  let stripOnLeft: Bool
  /// The sheet's width, its height being 1.
  let aspect: Float
  let strapColour: Colour
  let warmth: Float
  let sharpness: Float

  init(_ random: inout RandomSource) {
    let papers = [
      Colour(0.93, 0.92, 0.89), Colour(0.92, 0.90, 0.84), Colour(0.90, 0.86, 0.77), Colour(0.87, 0.82, 0.71),
      Colour(0.94, 0.93, 0.91), Colour(0.84, 0.78, 0.65), Colour(0.86, 0.85, 0.81),
    ]
    paper = random.pick(papers, or: Colour(0.9, 0.9, 0.9)).scaled(random.uniform(0.95, 1.03))
    yellowing = random.uniform(0, 1)
    labelWriting = random.pick([.typeset, .typewritten, .handwritten], or: .typeset)
    labelHalf = Point(random.uniform(0.105, 0.155), random.uniform(0.058, 0.088))
    labelHasBorder = random.chance(0.45)
    labelPaper = Colour(0.95, 0.94, 0.90).mixed(with: Colour(0.88, 0.81, 0.66), random.unit() * random.unit())
    labelOnLeft = random.chance(0.18)
    herbarium = Lettering.word(&random).uppercased()
    stampColour = random.pick(
      [Colour(0.30, 0.22, 0.50), Colour(0.16, 0.22, 0.50), Colour(0.15, 0.15, 0.17), Colour(0.58, 0.16, 0.16)],
      or: Colour(0, 0, 0))
    hasStamp = random.chance(0.7)
    hasBarcode = random.chance(0.8)
    barcodeOnTop = random.chance(0.5)
    chart = random.pick([.none, .strip, .checker, .checker], or: .none)
    hasRuler = random.chance(0.75)
    rulerIsDark = random.chance(0.35)
    bed = random.pick([.white, .white, .grey, .black], or: .white)
    stripOnLeft = random.chance(0.45)
    aspect = random.chance(0.3) ? random.uniform(0.9, 0.97) : random.uniform(0.74, 0.84)
    strapColour = random.pick(
      [Colour(0.95, 0.94, 0.91), Colour(0.91, 0.87, 0.76), Colour(0.96, 0.96, 0.95)], or: paper)
    warmth = random.bell() * 0.018
    sharpness = random.unit()
  }
}
