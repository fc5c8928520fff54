import CWorkbenchPlugin
import Tensors

/// Compares the gradients of a layer with differences of its output.
///
/// For `L = sum(w * output)` with fixed random `w`, the gradient of `x` must be `dL/dx`. That is estimated by central
/// differences with steps h and h/2, extrapolated (Richardson 1911), in float64. The sequence of h begins large, where
/// float32's rounding matters least; smaller ones follow where the two do not agree, for curvature and kinks. An element
/// counts as wrong when no h agrees, at two of three random points: a kink is at one of them by chance only.
struct FiniteDifferences {
  static func check(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    guard target.trains else { throw CheckContext.NotApplicable(reason: "there is no backward") }
    for plan in try LayerCases(context, target).few(9, limit: 8000) {
      for isPositive in [false, true] {
        let differences = FiniteDifferences(
          context: context, rig: try LayerRig(context, target, plan), isPositive: isPositive)
        if try !differences.check() { break }
      }
    }
  }

  /// Elements of one array that are checked; of larger arrays, so many spread over them.
  private static let mostElements = 64
  private static let fewElements = 8
  private static let steps: [Float] = [0x1p-4, 0x1p-6, 0x1p-8, 0x1p-10]
  /// Relative.
  private static let tolerance = 2e-3

  let context: CheckContext
  let rig: LayerRig
  /// Inputs from 0.25 to 1.75, away from the kinks that many functions have at 0.
  let isPositive: Bool

  private enum Array_: Equatable {
    case input(Int)
    case parameter(Int)
  }

  private struct Disagreement {
    let index: Int
    let analytic: Double
    let numeric: Double
    let step: Float
    var error: Double { abs(analytic - numeric) }
  }

  /// False when something was said.
  func check() throws -> Bool {
    let plan = rig.plan
    let kind = isPositive ? "inputs from 0.25 to 1.75" : "inputs from -1.5 to 1.5"
    context.doing("a step: \(plan.description)")
    var arrays = rig.inputs.indices.map { Array_.input($0) }
    arrays += plan.parameters.indices.filter { plan.parameters[$0].isTrainable }.map { Array_.parameter($0) }
    var isFine = true
    for array in arrays {
      context.doing("finite differences of \(name(array)), \(kind): \(plan.description)")
      let indices = spread(count(array), isLarge ? FiniteDifferences.fewElements : FiniteDifferences.mostElements)
      var wrong = try disagreements(array, indices, seed: 1)
      if let place = wrong.firstIndex(where: { !$0.analytic.isFinite }) {
        let element = wrong[place]
        context.fail(
          "gradient of \(name(array))[\(element.index)] is \(element.analytic), \(kind): \(plan.description)")
        isFine = false
        continue
      }
      if wrong.isEmpty { continue }
      // A kink that happened to be near at this point is not at another one.
      let suspects = wrong.map(\.index)
      let again = try disagreements(array, suspects, seed: 2) + disagreements(array, suspects, seed: 3)
      wrong = wrong.filter { element in again.contains { $0.index == element.index } }
      guard let worst = wrong.max(by: { $0.error < $1.error }) else { continue }
      context.fail(
        "gradient of \(name(array))[\(worst.index)] is \(Float(worst.analytic)), finite differences give "
          + "\(Float(worst.numeric)) (\(wrong.count) of \(indices.count) elements disagree, step \(worst.step), "
          + "\(kind)): \(plan.description)")
      isFine = false
    }
    return isFine
  }

  private func name(_ array: Array_) -> String {
    switch array {
    case .input(let index): "input \(index)"
    case .parameter(let index): "parameter '\(rig.plan.parameters[index].name)'"
    }
  }

  private func count(_ array: Array_) -> Int {
    switch array {
    case .input(let index): rig.inputs[index].count
    case .parameter(let index): rig.parameters[index].count
    }
  }

  /// Whether a call takes so long that fewer elements must do.
  private var isLarge: Bool { rig.plan.totalCount > 400_000 }

  private func spread(_ count: Int, _ most: Int) -> [Int] {
    if count <= most { return Array(0..<count) }
    // The ends are among them, where borders are treated.
    return (0..<most).map { $0 * (count - 1) / (most - 1) }
  }

  /// The elements of which no step agrees, at the random point of this seed.
  private func disagreements(_ array: Array_, _ indices: [Int], seed: Int) throws -> [Disagreement] {
    rig.fill(seed: 100 + seed, isPositive: isPositive)
    let result = try rig.run()
    let analytic =
      switch array {
      case .input(let index): result.inputGradients[index]
      case .parameter(let index): result.parameterGradients[index]
      }
    let scale = Double(analytic.lazy.map { abs($0) }.filter(\.isFinite).max() ?? 0)
    return try indices.compactMap { index in
      // A sign of life.
      if isLarge { context.doing("finite differences of \(name(array))[\(index)]: \(rig.plan.description)") }
      let expected = Double(analytic[index])
      guard expected.isFinite else { return Disagreement(index: index, analytic: expected, numeric: .nan, step: 0) }
      var best: Disagreement?
      for step in FiniteDifferences.steps {
        let (slope, noise) = try self.slope(array, index, step)
        let found = Disagreement(index: index, analytic: expected, numeric: slope, step: step)
        let allowed = FiniteDifferences.tolerance * max(abs(expected), abs(slope)) + noise
        // With a noise that hides gradients of this size, agreement says nothing.
        if step != FiniteDifferences.steps[0], noise > 0.1 * max(scale, abs(slope)) { continue }
        if found.error <= allowed { return nil }
        if best.map({ found.error < $0.error || $0.error.isNaN }) ?? true { best = found }
      }
      return best
    }
  }

  /// The extrapolated central difference, and what float32's rounding may have done to it.
  private func slope(_ array: Array_, _ index: Int, _ step: Float) throws -> (slope: Double, noise: Double) {
    let (coarse, _) = try centralDifference(array, index, step)
    let (fine, noise) = try centralDifference(array, index, step / 2)
    return ((4 * fine - coarse) / 3, 3 * noise)
  }

  private func centralDifference(
    _ array: Array_, _ index: Int, _ step: Float
  ) throws -> (slope: Double, noise: Double) {
    let value =
      switch array {
      case .input(let which): rig.inputValues[which][index]
      case .parameter(let which): rig.parameterValues[which][index]
      }
    let (above, below) = (value + step, value - step)
    let high = try output(array, index, above)
    let low = try output(array, index, below)
    var difference = 0.0
    var squares = 0.0
    for (i, weight) in rig.outputGradientValues.enumerated() where high[i] != low[i] {
      difference += Double(weight) * (Double(high[i]) - Double(low[i]))
      let size = Double(weight) * Double(max(abs(high[i]), abs(low[i])))
      squares += size * size
    }
    let width = Double(above) - Double(below)
    // A few units in the last place of each output that changed.
    return (difference / width, 5e-7 * squares.squareRoot() / width * 2)
  }

  private func output(_ array: Array_, _ index: Int, _ value: Float) throws -> [Float] {
    switch array {
    case .input(let which): try rig.forward(changing: rig.inputs[which], index, to: value)
    case .parameter(let which):
      try rig.prepare(changing: rig.parameters[which], index, to: value)
      try rig.forward()
    }
    return rig.output.values()
  }
}
