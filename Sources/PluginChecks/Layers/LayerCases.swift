import Layers
import Schemas
import Tensors

/// The requests with which a layer is tried: awkward shapes with the default options, few shapes with all others.
struct LayerCases {
  /// For the default options.
  let plain: [LayerPlan]
  /// For every other setting.
  let varied: [LayerPlan]

  var all: [LayerPlan] { plain + varied }

  private static let ordinary: [Shape] = [
    [5, 4, 3], [7], [17, 13, 5], [1, 1, 1], [1], [13, 8], [33], [4, 4, 8], [2, 7, 1], [9, 6, 33], [5, 3], [3, 4, 5, 2],
    [12, 12, 3], [16, 16, 16], [32],
  ]
  /// For layers that take none of those.
  private static let unusual: [Shape] = [
    [32, 32, 3], [64, 64, 3], [224, 224, 3], [64], [100], [128], [512], [1000], [8, 8, 64], [7, 7, 512], [16, 64],
    [2, 3, 4, 5, 6], [],
  ]
  private static let mostPlain = 10

  /// - Throws: `CheckContext.NotApplicable` when the layer takes nothing that could be tried.
  init(_ context: CheckContext, _ target: LayerTarget) throws {
    let options = OptionCases(schema: target.schema, settings: context.settings)
    context.doing("planning for shapes of rank 1 to 4")
    let defaults = try options.defaults()
    let own = context.settings.shapes.map { Shape($0) }
    var plain = LayerCases.accepted(target, defaults, own + LayerCases.ordinary, most: own.count + LayerCases.mostPlain)
    if plain.isEmpty { plain = LayerCases.accepted(target, defaults, LayerCases.unusual, most: 3) }
    var varied: [LayerPlan] = []
    for other in try options.variations().dropFirst() {
      context.doing("planning with \(other.name)")
      varied += LayerCases.accepted(
        target, other, plain.prefix(4).map { $0.question.shapes[0] } + LayerCases.ordinary, most: 2)
    }
    if plain.isEmpty && varied.isEmpty {
      throw CheckContext.NotApplicable(reason: "it takes none of the shapes that were tried; --shape adds one")
    }
    self.plain = plain
    self.varied = varied
  }

  private static func accepted(
    _ target: LayerTarget, _ options: OptionCase, _ shapes: [Shape], most: Int
  ) -> [LayerPlan] {
    var plans: [LayerPlan] = []
    for shapes in combinations(shapes, target.inputCounts) where plans.count < most {
      if plans.contains(where: { $0.question.shapes == shapes }) { continue }
      let question = LayerQuestion(options: options, shapes: shapes, isTraining: target.trains)
      if case .planned(let plan) = target.ask(question), plan.isUsable { plans.append(plan) }
    }
    return plans
  }

  /// The same shape for every input first; then pairs that do not agree, which some layers want.
  static func combinations(_ shapes: [Shape], _ counts: ClosedRange<Int>) -> [[Shape]] {
    var result: [[Shape]] = []
    for shape in shapes {
      for count in counts.lowerBound...min(counts.upperBound, counts.lowerBound + 1) {
        result.append([Shape](repeating: shape, count: count))
      }
    }
    if counts.contains(2) {
      for shape in shapes where shape.rank >= 2 {
        result.append([shape, [shape.channels]])
        result.append([shape, Shape([Int](repeating: 1, count: shape.rank - 1) + [shape.channels])])
      }
    }
    return result
  }

  /// Plans of which a call takes at most so many numbers; the smallest one when all take more.
  func small(_ limit: Int) -> [LayerPlan] {
    let small = all.filter { $0.totalCount <= limit }
    if !small.isEmpty { return small }
    return all.min { $0.totalCount < $1.totalCount }.map { [$0] } ?? []
  }

  /// The same, at most so many, the default options first.
  func few(_ count: Int, limit: Int = 200_000) -> [LayerPlan] {
    let candidates = small(limit)
    let plain = candidates.filter { $0.question.options.name == self.plain.first?.question.options.name }
    let other = candidates.filter { $0.question.options.name != self.plain.first?.question.options.name }
    return Array((plain.prefix(max(1, count * 2 / 3)) + other).prefix(count))
  }
}
