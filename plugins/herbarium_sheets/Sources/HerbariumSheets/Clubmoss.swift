/// Clubmosses (Lycopodiaceae): shoots that fork evenly, clothed all around in needle-like leaves set in a spiral.
package struct Clubmoss {
  package enum Form: Int, CaseIterable {
    /// Lycopodium clavatum and annotinum: a creeping stem with upright shoots, strobili often on stalks.
    case creeping
    /// Huperzia selago: a tuft of even-topped shoots that fork from the base.
    case tufted
    /// Phlegmariurus: long, limp shoots that hang from trees and fork again and again.
    case hanging
    /// Diphasiastrum: fans of flat branchlets with scale-like leaves.
    case cedar
    /// Dendrolycopodium: a little tree.
    case tree
  }

  let form: Form
  let leafLength: Float
  let leafHalfWidth: Float
  /// Between the leaf and the shoot, in radians.
  let leafAngle: Float
  let leafSpacing: Float
  let stemRadius: Float
  let forkAngle: Float
  let forks: Int
  /// The length of a shoot between forks.
  let internode: Float
  let strobilusLength: Float
  let strobilusChance: Float
  let hasPeduncles: Bool
  /// Shoots with a rest each winter have short leaves there; the length of a year's growth, or 0.
  let year: Float
  let bend: Float
  /// The bare part of a little tree's stem.
  let stalk: Float
  /// Only the fans, without the stem that crept underground.
  let isFragment: Bool

  package init(_ form: Form, _ random: inout RandomSource) {
    self.form = form
    forkAngle = degrees(random.uniform(14, 24))
    leafSpacing = random.uniform(0.0011, 0.0016)
    bend = random.uniform(-0.12, 0.22)
    stalk = random.chance(0.35) ? random.uniform(0.01, 0.06) : random.uniform(0.07, 0.24)
    isFragment = random.chance(0.4)
    switch form {
    case .creeping:
      leafLength = random.uniform(0.011, 0.018)
      leafHalfWidth = random.uniform(0.0009, 0.0014)
      leafAngle = degrees(random.uniform(24, 68))
      stemRadius = random.uniform(0.0018, 0.0028)
      forks = random.integer(1...2)
      internode = random.uniform(0.07, 0.13)
      strobilusLength = random.uniform(0.05, 0.09)
      hasPeduncles = random.chance(0.6)
      strobilusChance = random.uniform(0.2, 0.8)
      year = random.chance(0.6) ? random.uniform(0.07, 0.11) : 0
    case .tufted:
      leafLength = random.uniform(0.011, 0.018)
      leafHalfWidth = random.uniform(0.001, 0.0017)
      leafAngle = degrees(random.uniform(18, 60))
      stemRadius = random.uniform(0.0022, 0.0032)
      forks = random.integer(2...3)
      internode = random.uniform(0.07, 0.11)
      strobilusLength = 0
      hasPeduncles = false
      strobilusChance = 0
      year = random.uniform(0.06, 0.1)
    case .hanging:
      leafLength = random.uniform(0.014, 0.026)
      leafHalfWidth = random.uniform(0.001, 0.0024)
      leafAngle = degrees(random.uniform(30, 70))
      stemRadius = random.uniform(0.002, 0.0034)
      forks = random.integer(2...3)
      internode = random.uniform(0.15, 0.24)
      strobilusLength = random.uniform(0.1, 0.2)
      hasPeduncles = false
      strobilusChance = random.uniform(0.4, 1)
      year = 0
    case .cedar:
      leafLength = random.uniform(0.0065, 0.009)
      leafHalfWidth = random.uniform(0.0008, 0.0012)
      leafAngle = degrees(random.uniform(9, 17))
      stemRadius = random.uniform(0.0018, 0.0026)
      forks = random.integer(4...5)
      internode = random.uniform(0.021, 0.031)
      strobilusLength = random.uniform(0.035, 0.06)
      hasPeduncles = true
      strobilusChance = random.uniform(0, 0.14)
      year = 0
    case .tree:
      leafLength = random.uniform(0.0062, 0.0115)
      leafHalfWidth = random.uniform(0.0007, 0.0012)
      leafAngle = degrees(random.uniform(30, 60))
      stemRadius = random.uniform(0.0018, 0.003)
      forks = random.integer(1...3)
      internode = random.uniform(0.03, 0.06)
      strobilusLength = random.uniform(0.02, 0.06)
      hasPeduncles = false
      strobilusChance = random.chance(0.5) ? random.uniform(0.3, 1) : 0.03
      year = 0
    }
  }

  /// How many plants lie beside and below each other: a small tuft does not fill a sheet alone.
  func arrangement(_ random: inout RandomSource) -> (columns: Int, rows: Int) {
    switch form {
    case .cedar where isFragment: (random.integer(2...3), random.integer(1...2))
    case .creeping, .cedar: (1, random.chance(0.55) ? 2 : 1)
    case .tufted: (random.integer(1...3), 1)
    case .hanging: (random.integer(1...2), 1)
    case .tree: (random.integer(1...3), 1)
    }
  }

  package func grow(_ random: inout RandomSource) -> Skeleton {
    let word = ClubmossGrammar(plant: self).derive(&random)
    var turtle = Turtle()
    var heading = degrees(-90) + random.uniform(-0.15, 0.15)
    switch form {
    case .cedar where isFragment:
      turtle.tropism = random.uniform(0, 6)
    case .creeping, .cedar:
      turtle.tropism = random.uniform(4, 14)
      turtle.wander = random.uniform(0.5, 1)
      heading = degrees(random.uniform(-28, 6))
    case .tufted:
      turtle.tropism = random.uniform(5, 12)
      turtle.wander = random.uniform(0.4, 0.9)
    case .hanging:
      turtle.tropism = random.uniform(-2.6, 1)
      turtle.wander = random.uniform(0.4, 0.8)
    case .tree:
      turtle.tropism = random.uniform(1, 4)
      turtle.wander = random.uniform(0.3, 0.6)
    }
    return Skeleton(axes: turtle.trace(word, heading: heading, &random))
  }
}

/// The growth rules; an apex's level says which of them applies.
struct ClubmossGrammar: Grammar {
  let plant: Clubmoss
  /// Levels from here on are no forks but these.
  private enum Rule {
    static let runner = 100
    static let trunk = 101
    static let clump = 102
  }

  var steps: Int { 16 }

  var axiom: [Module] {
    switch plant.form {
    case .creeping: [.stem(0.05), .apex(Rule.runner, 9, 1)]
    case .cedar: plant.isFragment ? [.apex(Rule.clump, 2)] : [.stem(0.05), .apex(Rule.runner, 6, 1)]
    case .tufted: [.apex(Rule.clump, 3)]
    case .hanging: [.apex(Rule.clump, 2)]
    case .tree: [.stem(plant.stalk), .apex(Rule.trunk, 9, 1)]
    }
  }

  func rewrite(_ apex: Module, _ random: inout RandomSource, into word: inout [Module]) {
    switch apex.level {
    case Rule.runner: growRunner(apex, &random, &word)
    case Rule.trunk: growTrunk(apex, &random, &word)
    case Rule.clump: growClump(apex, &random, &word)
    default: fork(apex, &random, &word)
    }
  }

  /// A creeping stem: upright shoots above, roots below. `a` pieces are left; `b` is the side of the next shoot.
  private func growRunner(_ apex: Module, _ random: inout RandomSource, _ word: inout [Module]) {
    guard apex.a >= 1 else {
      word += [.push(.shoot, 1), .apex(plant.forks - 1, 0.8), .pop]
      return
    }
    word += [.stem(random.uniform(0.04, 0.08)), .turn(random.uniform(-0.22, 0.22))]
    if random.chance(0.85) {
      // On a pressed sheet nearly all shoots lie above the stem; some fall below it.
      let side: Float = random.chance(0.86) ? -1 : 1
      word += [
        .push(.shoot, 1), .turn(side * degrees(random.uniform(45, 85))),
        .apex(plant.forks, random.uniform(0.6, 1.15)), .pop,
      ]
    }
    if random.chance(0.5) {
      word += [.push(.root, 1), .turn(degrees(random.uniform(50, 100))), .stem(random.uniform(0.02, 0.07)), .pop]
    }
    word.append(.apex(Rule.runner, apex.a - 1, -apex.b))
  }

  /// An upright main stem with forked side branches, shorter towards the top.
  private func growTrunk(_ apex: Module, _ random: inout RandomSource, _ word: inout [Module]) {
    guard apex.a >= 1 else {
      word += [.push(.shoot, 1), .apex(0, 0.9, 1), .pop]
      return
    }
    let vigour = 0.55 + apex.a * 0.085
    for side: Float in [apex.b, -apex.b] where random.chance(0.85) {
      word += [
        .push(.shoot, 2), .turn(side * degrees(random.uniform(34, 62))), .stem(0.02),
        .apex(plant.forks, vigour * random.uniform(0.8, 1.1)), .pop,
      ]
      word.append(.stem(random.uniform(0.006, 0.014)))
    }
    word += [
      .stem(random.uniform(0.02, 0.034)), .turn(random.uniform(-0.08, 0.08)), .apex(Rule.trunk, apex.a - 1, -apex.b),
    ]
  }

  /// Several shoots from one base, with its roots.
  private func growClump(_ apex: Module, _ random: inout RandomSource, _ word: inout [Module]) {
    let shoots = Int(apex.a) + random.integer(below: 2)
    for number in 0..<shoots {
      let lean = (Float(number) + 0.5) / Float(shoots) - 0.5 + random.uniform(-0.12, 0.12)
      word += [.push(.shoot, 1), .turn(lean * degrees(65)), .apex(plant.forks, random.uniform(0.8, 1.1)), .pop]
    }
    for _ in 0..<random.integer(3...8) {
      word += [
        .push(.root, 1), .turn(degrees(180) + random.uniform(-0.9, 0.9)), .stem(random.uniform(0.02, 0.06)), .pop,
      ]
    }
  }

  /// A shoot that forks into two like ones, as clubmosses do. `a` is its vigour; `b` above 0 makes it fertile.
  private func fork(_ apex: Module, _ random: inout RandomSource, _ word: inout [Module]) {
    word.append(.stem(plant.internode * apex.a * random.uniform(0.75, 1.25)))
    guard apex.level > 0, random.chance(0.92) else {
      end(apex, &random, &word)
      return
    }
    // Not quite even: one branch is a little stronger, and turns less.
    let uneven = random.uniform(-0.25, 0.25)
    for side: Float in [-1, 1] {
      let vigour = apex.a * (1 + side * uneven * 0.5) * 0.94
      word += [
        .push(.shoot, 2), .turn(side * plant.forkAngle * (1 - side * uneven)),
        .apex(apex.level - 1, vigour), .pop,
      ]
    }
  }

  private func end(_ apex: Module, _ random: inout RandomSource, _ word: inout [Module]) {
    word.append(.stem(plant.internode * 0.4 * random.uniform(0.6, 1.4)))
    guard plant.strobilusLength > 0, random.chance(apex.b > 0 ? 0.95 : plant.strobilusChance) else { return }
    let size = plant.strobilusLength * random.uniform(0.75, 1.2)
    guard plant.hasPeduncles else {
      word += [.push(.strobilus, 1), .turn(random.uniform(-0.06, 0.06)), .stem(size), .pop]
      return
    }
    word += [.push(.peduncle, 1), .stem(random.uniform(0.08, 0.14))]
    let cones = random.integer(1...3)
    for cone in 0..<cones {
      let lean = cones == 1 ? 0 : (Float(cone) / Float(cones - 1) - 0.5) * 0.5
      word += [
        .push(.peduncle, 2), .turn(lean), .stem(0.014), .push(.strobilus, 1), .turn(-lean * 0.7), .stem(size), .pop,
        .pop,
      ]
    }
    word.append(.pop)
  }
}
