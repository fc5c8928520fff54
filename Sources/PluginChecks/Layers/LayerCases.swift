import Layers
import Schemas
import Tensors

/// The requests with which a layer is tried: awkward shapes with the default options, few shapes with all others.
struct LayerCases {
  /// A shape that a person asked for, and why nothing can be tried with it.
  struct Untried {
    let shape: Shape
    let reason: String
    /// What is wrong is what `plan` answers: a refusal, or what cannot be.
    let isRefused: Bool
    var description: String { "--shape \(shape) is not tried: \(reason)" }
  }

  private let context: CheckContext
  /// For the default options and the shapes that a person asked for.
  let own: [LayerPlan]
  let untried: [Untried]
  /// For the default options: `own` first.
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
  /// Shapes that a person asked for are tried up to so many numbers of a call, whatever the limit of a check.
  private static let mostOwn: UInt64 = 4_000_000

  /// - Throws: `CheckContext.NotApplicable` when the layer takes nothing that could be tried.
  init(_ context: CheckContext, _ target: LayerTarget) throws {
    let options = OptionCases(schema: target.schema, settings: context.settings)
    context.doing("planning for shapes of rank 1 to 4")
    let defaults = try options.defaults()
    let asked = context.settings.shapes.map { Shape($0) }
    let own = LayerCases.accepted(target, defaults, asked, most: .max)
    let untried = asked.filter { shape in !own.contains { $0.question.shapes[0] == shape } }.map {
      LayerCases.untried($0, target, defaults)
    }
    for one in untried { context.note(one.description) }
    var usual = LayerCases.accepted(target, defaults, LayerCases.ordinary, most: LayerCases.mostPlain)
    if own.isEmpty && usual.isEmpty { usual = LayerCases.accepted(target, defaults, LayerCases.unusual, most: 3) }
    usual.removeAll { plan in own.contains { $0.question.shapes == plan.question.shapes } }
    // Large shapes come last: a check that leaves them out has others.
    let shapes = usual.prefix(4).map { $0.question.shapes[0] } + LayerCases.ordinary + own.map { $0.question.shapes[0] }
    var varied: [LayerPlan] = []
    for other in try options.variations().dropFirst() {
      context.doing("planning with \(other.name)")
      varied += LayerCases.accepted(target, other, shapes, most: 2)
    }
    if own.isEmpty && usual.isEmpty && varied.isEmpty {
      throw CheckContext.NotApplicable(
        reason: untried.isEmpty
          ? "it takes none of the shapes that were tried; --shape adds one"
          : untried.map(\.description).joined(separator: "; "))
    }
    self.context = context
    self.own = own
    self.untried = untried
    plain = own + usual
    self.varied = varied
  }

  /// What stands in the way of a shape.
  private static func untried(_ shape: Shape, _ target: LayerTarget, _ options: OptionCase) -> Untried {
    let shapes = [Shape](repeating: shape, count: target.inputCounts.lowerBound)
    switch target.ask(LayerQuestion(options: options, shapes: shapes, isTraining: target.trains)) {
    case .impossible: return Untried(shape: shape, reason: "the built-in layer does not take it", isRefused: false)
    case .refused(let answer):
      return Untried(shape: shape, reason: "plan answered \(answer.description)", isRefused: true)
    case .planned(let plan):
      return Untried(shape: shape, reason: plan.hindrance ?? "no other input goes with it", isRefused: false)
    }
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

  /// Plans of which a call takes at most so many numbers; the smallest one when all take more. What a person asked for
  /// comes first, larger or not; what is too large even so is noted.
  func small(_ limit: Int) -> [LayerPlan] { triedOwn(limit) + otherSmall(limit) }

  /// The same, at most so many besides those that a person asked for, the default options first.
  func few(_ count: Int, limit: Int = 200_000) -> [LayerPlan] {
    let candidates = otherSmall(limit)
    let plain = candidates.filter { $0.question.options.name == self.plain.first?.question.options.name }
    let other = candidates.filter { $0.question.options.name != self.plain.first?.question.options.name }
    return triedOwn(limit) + Array((plain.prefix(max(1, count * 2 / 3)) + other).prefix(count))
  }

  private func triedOwn(_ limit: Int) -> [LayerPlan] {
    own.filter { plan in
      if plan.totalCount <= max(UInt64(limit), LayerCases.mostOwn) { return true }
      context.note(
        "not tried with \(plan.description): a call has \(plan.totalCount) numbers, at most \(LayerCases.mostOwn) are "
          + "tried here")
      return false
    }
  }

  private func otherSmall(_ limit: Int) -> [LayerPlan] {
    let others = all.dropFirst(own.count)
    let small = others.filter { $0.totalCount <= limit }
    if !small.isEmpty || own.contains(where: { $0.totalCount <= LayerCases.mostOwn }) { return small }
    return others.min { $0.totalCount < $1.totalCount }.map { [$0] } ?? []
  }
}
