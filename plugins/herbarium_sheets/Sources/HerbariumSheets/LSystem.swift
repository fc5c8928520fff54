/// What an axis of a plant is, which decides how it is dressed.
package enum AxisKind: UInt8 {
  /// A leafy shoot.
  case shoot
  /// A creeping main stem.
  case runner
  /// A stalk that carries strobili, with few small leaves.
  case peduncle
  case strobilus
  /// A root, or the rhizophore of a spikemoss: no leaves.
  case root
}

/// A letter of the L-system's words.
package struct Module {
  package enum Letter: UInt8 {
    /// A growing point: what the grammar rewrites. `a` and `b` mean what the grammar makes of them.
    case apex
    /// A piece of stem of length `a`.
    case stem
    /// A turn by `a` radians.
    case turn
    /// Begins a branch of the module's kind and level.
    case push
    /// Ends a branch.
    case pop
  }

  package let letter: Letter
  var kind = AxisKind.shoot
  /// Which rule applies to an apex; how far a branch is from the main stem.
  var level = 0
  var a: Float = 0
  var b: Float = 0

  package static func apex(_ level: Int, _ a: Float = 0, _ b: Float = 0, kind: AxisKind = .shoot) -> Module {
    Module(letter: .apex, kind: kind, level: level, a: a, b: b)
  }
  package static func stem(_ length: Float) -> Module { Module(letter: .stem, a: length) }
  package static func turn(_ angle: Float) -> Module { Module(letter: .turn, a: angle) }
  package static func push(_ kind: AxisKind, _ level: Int) -> Module { Module(letter: .push, kind: kind, level: level) }
  package static var pop: Module { Module(letter: .pop) }
}

/// A stochastic, parametric, bracketed L-system (Prusinkiewicz & Lindenmayer 1990, The algorithmic beauty of plants).
package protocol Grammar {
  var axiom: [Module] { get }
  /// How often the word is rewritten.
  var steps: Int { get }
  /// Appends what takes the place of an apex.
  func rewrite(_ apex: Module, _ random: inout RandomSource, into word: inout [Module])
}

extension Grammar {
  /// The word after all steps; growth stops early where it would pass `limit` letters.
  package func derive(_ random: inout RandomSource, limit: Int = 12_000) -> [Module] {
    var word = axiom
    var next: [Module] = []
    for _ in 0..<steps {
      next.removeAll(keepingCapacity: true)
      for module in word {
        if module.letter == .apex { rewrite(module, &random, into: &next) } else { next.append(module) }
      }
      swap(&word, &next)
      if word.count > limit { break }
    }
    return word
  }
}

/// A piece of a plant: a curve with a kind, from its base to its tip.
package struct Axis {
  let kind: AxisKind
  let level: Int
  package var points: [Point]
  /// Whether nothing grows on from its tip.
  var isTerminal = true

  package var extent: Float {
    var sum: Float = 0
    for i in points.indices.dropFirst() { sum += length(points[i] - points[i - 1]) }
    return sum
  }
}

/// Walks along a word and notes the axes.
package struct Turtle {
  /// How strongly stems bend upright (above 0) or hang (below 0), in radians a unit of length.
  var tropism: Float = 0
  /// How unsteadily they grow.
  var wander: Float = 0.6
  /// The length of the straight pieces.
  var piece: Float = 0.008
  /// Roots bend downwards with this strength.
  var rootTropism: Float = 12

  package init(tropism: Float = 0, wander: Float = 0.6, piece: Float = 0.008, rootTropism: Float = 12) {
    self.tropism = tropism
    self.wander = wander
    self.piece = piece
    self.rootTropism = rootTropism
  }

  private struct State {
    var position: Point
    var heading: Float
    var axis: Int
  }

  package func trace(_ word: [Module], heading: Float, _ random: inout RandomSource) -> [Axis] {
    var axes = [Axis(kind: .runner, level: 0, points: [Point(0, 0)])]
    var state = State(position: Point(0, 0), heading: heading, axis: 0)
    var stack: [State] = []
    for module in word {
      switch module.letter {
      case .stem:
        let kind = axes[state.axis].kind
        let pieces = max(1, Int(module.a / piece + 0.5))
        let step = module.a / Float(pieces)
        let pull = kind == .root ? -rootTropism : (kind == .runner ? 0 : tropism)
        for _ in 0..<pieces {
          let unit = direction(state.heading)
          state.heading += -pull * step * unit.x + wander * random.bell() * step.squareRoot()
          state.position += direction(state.heading) * step
          axes[state.axis].points.append(state.position)
        }
      case .turn:
        state.heading += module.a
      case .push:
        stack.append(state)
        // Forks end the shoot they stand on; what stands on its side does not.
        axes.append(Axis(kind: module.kind, level: module.level, points: [state.position]))
        state.axis = axes.count - 1
      case .pop:
        if let last = stack.popLast() { state = last }
      case .apex:
        continue
      }
    }
    return axes.filter { $0.points.count > 1 }
  }
}

/// The axes of a plant, and where they lie.
package struct Skeleton {
  package var axes: [Axis]

  /// Moves and shrinks (or stretches, at most by `stretch`) the plant so that it lies within a box.
  ///
  /// - Returns: the factor by which it was stretched.
  @discardableResult
  package mutating func fit(low: Point, high: Point, stretch: Float = 1.25, anchor: Point) -> Float {
    var first = Point(repeating: .greatestFiniteMagnitude)
    var last = -first
    for axis in axes {
      for point in axis.points {
        first = least(first, point)
        last = most(last, point)
      }
    }
    let extent = most(last - first, Point(repeating: 1e-4))
    let room = high - low
    let factor = min(stretch, min(room.x / extent.x, room.y / extent.y))
    let slack = room - extent * factor
    let shift = low + slack * anchor - first * factor
    for i in axes.indices {
      for j in axes[i].points.indices { axes[i].points[j] = axes[i].points[j] * factor + shift }
    }
    return factor
  }
}
