/// Spikemosses (Selaginellaceae): delicate, mostly flat plants that fork unevenly, with small leaves in four ranks:
/// two of large leaves spread to the sides, two of small ones pressed to the stem.
package struct Spikemoss {
  package enum Form: Int, CaseIterable {
    /// Selaginella willdenowii, flabellata, umbrosa: a bare stalk with a fern-like frond.
    case frond
    /// Selaginella kraussiana, apoda: a creeping stem with side branches, on rhizophores.
    case creeping
    /// Selaginella lepidophylla, tamariscina: a rosette of fronds.
    case rosette
    /// Selaginella rupestris, selaginoides: all leaves alike and narrow, a small clubmoss at first sight.
    case heath
  }

  let form: Form
  /// Of the lateral leaves.
  let leafLength: Float
  let leafHalfWidth: Float
  let leafAngle: Float
  let leafSpacing: Float
  let stemRadius: Float
  /// Between a branch and the stem that it leaves.
  let branchAngle: Float
  let internode: Float
  /// How many internodes the main stem has.
  let reach: Float
  /// How slowly side branches grow beside the main stem: 1 as fast.
  let delay: Float
  let strobilusChance: Float
  /// Seen from below the median leaves are hidden.
  let isUnderside: Bool
  /// The fronds of some are rolled inwards at their tips.
  let curl: Float
  /// The length of a frond's bare stalk, which the collector may have left in the ground.
  let stalk: Float
  /// How many times branches branch.
  let depth: Int
  /// Upright shoots on a creeping stem, as creeping clubmosses have them.
  let isRunning: Bool

  package init(_ form: Form, _ random: inout RandomSource) {
    self.form = form
    isUnderside = random.chance(0.25)
    strobilusChance = random.chance(0.5) ? random.uniform(0.2, 0.8) : 0.04
    stalk = random.chance(0.35) ? random.uniform(0.01, 0.06) : random.uniform(0.07, 0.26)
    depth = form == .heath ? 1 : (form == .frond && random.chance(0.25) ? 1 : 2)
    isRunning = form == .heath && random.chance(0.55)
    switch form {
    case .frond:
      leafLength = random.uniform(0.0068, 0.0105)
      leafHalfWidth = leafLength * random.uniform(0.19, 0.28)
      leafAngle = degrees(random.uniform(52, 74))
      leafSpacing = leafLength * random.uniform(0.42, 0.62)
      stemRadius = random.uniform(0.0016, 0.0026)
      branchAngle = degrees(random.uniform(30, 58))
      internode = random.uniform(0.021, 0.03)
      reach = Float(random.integer(10...18))
      delay = random.uniform(0.55, 0.8)
      curl = random.uniform(-1.5, 3)
    case .creeping:
      leafLength = random.uniform(0.0064, 0.0098)
      leafHalfWidth = leafLength * random.uniform(0.22, 0.32)
      leafAngle = degrees(random.uniform(58, 80))
      leafSpacing = leafLength * random.uniform(0.55, 0.95)
      stemRadius = random.uniform(0.0009, 0.0014)
      branchAngle = degrees(random.uniform(40, 62))
      internode = random.uniform(0.026, 0.042)
      reach = Float(random.integer(13...18))
      delay = random.uniform(0.3, 0.5)
      curl = 0
    case .rosette:
      leafLength = random.uniform(0.0052, 0.0072)
      leafHalfWidth = leafLength * random.uniform(0.24, 0.32)
      leafAngle = degrees(random.uniform(40, 60))
      leafSpacing = leafLength * random.uniform(0.36, 0.5)
      stemRadius = random.uniform(0.0014, 0.002)
      branchAngle = degrees(random.uniform(30, 46))
      internode = random.uniform(0.015, 0.021)
      reach = Float(random.integer(9...12))
      delay = random.uniform(0.5, 0.7)
      curl = random.uniform(2, 9)
    case .heath:
      leafLength = random.uniform(0.006, 0.0105)
      leafHalfWidth = leafLength * random.uniform(0.1, 0.15)
      leafAngle = degrees(random.uniform(18, 42))
      leafSpacing = random.uniform(0.0011, 0.0016)
      stemRadius = random.uniform(0.0009, 0.0013)
      branchAngle = degrees(random.uniform(26, 44))
      internode = random.uniform(0.02, 0.03)
      reach = Float(random.integer(8...11))
      delay = random.uniform(0.5, 0.75)
      curl = random.uniform(-2, 2)
    }
  }

  /// How many plants lie beside and below each other.
  func arrangement(_ random: inout RandomSource) -> (columns: Int, rows: Int) {
    switch form {
    case .frond: (random.integer(1...3), 1)
    case .creeping: (random.integer(1...2), random.integer(1...2))
    case .rosette: (1, random.integer(1...2))
    case .heath: isRunning ? (1, random.integer(2...3)) : (random.integer(1...2), random.integer(1...3))
    }
  }

  package func grow(_ random: inout RandomSource) -> Skeleton {
    let word = SpikemossGrammar(plant: self).derive(&random)
    var turtle = Turtle()
    turtle.piece = 0.007
    turtle.wander = form == .creeping ? random.uniform(0.6, 1.2) : random.uniform(0.3, 0.6)
    turtle.tropism = form == .heath ? random.uniform(2, 10) : 0
    turtle.rootTropism = form == .creeping ? random.uniform(0, 8) : 12
    var heading = degrees(-90) + random.uniform(-0.2, 0.2)
    if form == .creeping { heading = random.uniform(-3.2, 0.2) }
    if isRunning { heading = degrees(random.uniform(-28, 6)) }
    return Skeleton(axes: turtle.trace(word, heading: heading, &random))
  }
}

/// The growth rules; the apex of the main stem and those of its branches follow one rule, at their levels.
struct SpikemossGrammar: Grammar {
  let plant: Spikemoss
  private enum Rule {
    static let rosette = 100
    static let heath = 101
    static let stalk = 102
    static let runner = 103
  }

  var steps: Int { Int(plant.reach) + 3 }

  var axiom: [Module] {
    switch plant.form {
    case .frond: [.apex(Rule.stalk)]
    case .creeping: [.stem(0.02), .apex(0, plant.reach, 1, kind: .runner)]
    case .rosette: [.apex(Rule.rosette)]
    case .heath: plant.isRunning ? [.stem(0.04), .apex(Rule.runner, plant.reach, 1)] : [.apex(Rule.heath)]
    }
  }

  func rewrite(_ apex: Module, _ random: inout RandomSource, into word: inout [Module]) {
    switch apex.level {
    case Rule.stalk:
      // Upright shoots rise from a creeping base on wiry rhizophores.
      roots(random.integer(3...7), &random, &word)
      word += [.stem(plant.stalk), .push(.shoot, 0), .apex(0, plant.reach, random.sign()), .pop]
    case Rule.rosette:
      roots(random.integer(8...14), &random, &word)
      let fronds = random.integer(9...15)
      let fan = random.chance(0.5) ? degrees(330) : degrees(200)
      for number in 0..<fronds {
        let lean = ((Float(number) + random.uniform(0.2, 0.8)) / Float(fronds) - 0.5) * fan
        word += [
          .push(.shoot, 0), .turn(lean), .stem(0.008), .turn(random.uniform(-0.15, 0.15)),
          .apex(0, plant.reach * random.uniform(0.7, 1), random.sign()), .pop,
        ]
      }
    case Rule.heath:
      roots(random.integer(4...9), &random, &word)
      let shoots = random.integer(4...9)
      for number in 0..<shoots {
        let lean = ((Float(number) + random.unit()) / Float(shoots) - 0.5) * degrees(150)
        word += [
          .push(.shoot, 0), .turn(lean), .apex(0, plant.reach * random.uniform(0.5, 1), random.sign()), .pop,
        ]
      }
    case Rule.runner: growRunner(apex, &random, &word)
    default: extend(apex, &random, &word)
    }
  }

  /// A creeping stem with upright, sparingly branched shoots, and roots below.
  private func growRunner(_ apex: Module, _ random: inout RandomSource, _ word: inout [Module]) {
    guard apex.a >= 1 else { return }
    word += [.stem(random.uniform(0.035, 0.07)), .turn(random.uniform(-0.22, 0.22))]
    if random.chance(0.85) {
      let side: Float = random.chance(0.86) ? -1 : 1
      word += [
        .push(.shoot, 0), .turn(side * degrees(random.uniform(45, 85))),
        .apex(0, random.uniform(3, 9), random.sign()), .pop,
      ]
    }
    if random.chance(0.5) {
      word += [.push(.root, 1), .turn(degrees(random.uniform(50, 100))), .stem(random.uniform(0.02, 0.07)), .pop]
    }
    word.append(.apex(Rule.runner, apex.a - 1, apex.b))
  }

  /// A stem that goes on and throws a weaker branch to alternate sides: `a` is what it may still grow, in internodes,
  /// and `b` the side of its next branch.
  private func extend(_ apex: Module, _ random: inout RandomSource, _ word: inout [Module]) {
    let isMain = apex.kind == .runner
    let size = plant.internode * (apex.level == 0 ? 1 : (apex.level == 1 ? 0.62 : 0.42))
    guard apex.a >= 1 else {
      word.append(.stem(size * random.uniform(0.5, 0.9)))
      if random.chance(plant.strobilusChance) {
        word += [.push(.strobilus, 1), .stem(random.uniform(0.012, 0.026)), .pop]
      }
      return
    }
    word.append(.stem(size * random.uniform(0.85, 1.15)))
    if apex.level < plant.depth, random.chance(0.94) {
      if isMain, random.chance(0.55) {
        // A rhizophore springs from the fork and forks itself where it meets the ground.
        word += [
          .push(.root, 1), .turn(-apex.b * degrees(random.uniform(60, 120))), .stem(random.uniform(0.025, 0.08)),
          .push(.root, 2), .turn(0.4), .stem(0.012), .pop, .turn(-0.4), .stem(0.012), .pop,
        ]
      }
      let share = plant.delay * (apex.level == 0 ? 1 : 0.72) * random.uniform(0.8, 1.1)
      // Branches near the base are no longer than those of the middle: the frond's outline is an egg's.
      let left = min(apex.a - 0.5, plant.reach * 0.78) * share
      word += [
        .push(.shoot, apex.level + 1), .turn(apex.b * plant.branchAngle * random.uniform(0.85, 1.15)),
        .apex(apex.level + 1, left, apex.b), .pop,
      ]
    }
    // The stem gives way a little at each fork: it zigzags.
    word += [
      .turn(
        -apex.b * plant.branchAngle * 0.14 + plant.curl * 0.01 * (plant.reach - apex.a) * (apex.level == 0 ? 1 : 0)),
      .apex(apex.level, apex.a - 1, -apex.b, kind: apex.kind),
    ]
  }

  private func roots(_ count: Int, _ random: inout RandomSource, _ word: inout [Module]) {
    for _ in 0..<count {
      word += [
        .push(.root, 1), .turn(degrees(180) + random.uniform(-1.1, 1.1)), .stem(random.uniform(0.02, 0.075)), .pop,
      ]
    }
  }
}
