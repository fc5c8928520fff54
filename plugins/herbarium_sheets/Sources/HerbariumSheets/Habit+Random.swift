extension Habit {
  /// Fresh-dried, olive, brown and faded: what a century in a cabinet makes of green.
  ///
  /// The ranges of the two families overlap: spikemosses are a little lighter on the whole, but no colour belongs to
  /// one of them alone.
  init(isSpikemoss: Bool, _ random: inout RandomSource) {
    let greens = [
      Colour(0.30, 0.36, 0.19), Colour(0.36, 0.39, 0.20), Colour(0.39, 0.38, 0.20), Colour(0.27, 0.32, 0.20),
      Colour(0.33, 0.37, 0.26),
    ]
    let browns = [
      Colour(0.37, 0.29, 0.16), Colour(0.42, 0.30, 0.17), Colour(0.31, 0.23, 0.14), Colour(0.47, 0.38, 0.22),
    ]
    let straw = Colour(0.66, 0.58, 0.40)
    let green = random.pick(greens, or: straw)
    let brown = random.pick(browns, or: straw)
    // Brown in 0 ... 1: most sheets are between.
    let age = clamp(random.uniform(-0.15, 1.15))
    var colour = green.mixed(with: brown, age)
    colour = colour.mixed(with: straw, random.chance(0.22) ? random.uniform(0.3, 0.75) : random.uniform(0, 0.15))
    colour = colour.scaled(random.uniform(0.82, 1.16) * (isSpikemoss ? 1.04 : 1))
    // Some dry black, whatever they were treated with.
    if random.chance(0.12) { colour = colour.mixed(with: Colour(0.17, 0.15, 0.12), random.uniform(0.3, 0.85)) }
    if isSpikemoss { colour = colour.mixed(with: Colour(0.52, 0.54, 0.30), random.uniform(0, 0.3)) }
    young = colour.mixed(with: green, random.uniform(0, 0.3)).scaled(random.uniform(1, 1.14))
    old = colour.mixed(with: brown, random.uniform(0.1, 0.6)).scaled(random.uniform(0.82, 0.98))
    stem = brown.mixed(with: straw, random.uniform(0.1, isSpikemoss ? 0.8 : 0.45)).scaled(random.uniform(0.75, 1))
    strobilus = Colour(0.62, 0.52, 0.30).mixed(with: colour, random.uniform(0.05, 0.5)).scaled(random.uniform(0.9, 1.1))
    root = brown.mixed(with: straw, random.uniform(0.05, isSpikemoss ? 0.7 : 0.4)).scaled(random.uniform(0.7, 1))
    loss = random.chance(0.25) ? random.uniform(0.1, 0.35) : random.uniform(0, 0.06)
    mottle = random.uniform(0.14, 0.4)
    overlap = random.uniform(0.2, 0.42)
  }

  /// The colours after treatment with mercuric chloride: grey to black, with a dull metallic shine.
  func sooted(_ severity: Float) -> Habit {
    var habit = self
    func soot(_ colour: Colour) -> Colour {
      let grey = colour.luminance * 0.62
      return colour.mixed(with: Colour(grey * 1.0, grey * 1.0, grey * 1.02), severity * 0.8)
    }
    habit.old = soot(old)
    habit.young = soot(young)
    habit.stem = soot(stem)
    habit.strobilus = soot(strobilus)
    habit.root = soot(root)
    return habit
  }
}
