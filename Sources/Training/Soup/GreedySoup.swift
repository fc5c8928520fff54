/// The decisions of a greedy soup, apart from models and pictures.
///
/// Wortsman et al. 2022 (arXiv 2203.05482), recipe 1: the best ingredient is the first soup; each further one, from the
/// best to the worst, is kept when the soup with it is no worse than the soup without.
package struct GreedySoup {
  /// What became of one ingredient.
  package struct Decision: Equatable {
    /// From 0: the best.
    package var rank: Int
    /// Of the soup with it.
    package var value: Double
    package var isKept: Bool

    package init(rank: Int, value: Double, isKept: Bool) {
      self.rank = rank
      self.value = value
      self.isKept = isKept
    }
  }

  let metric: SoupMetric
  let tolerance: Double
  let isStrict: Bool

  package init(metric: SoupMetric, tolerance: Double = 0, isStrict: Bool = false) {
    self.metric = metric
    self.tolerance = tolerance
    self.isStrict = isStrict
  }

  /// Whether a soup of this value may take the place of the one before.
  package func accepts(_ value: Double, over current: Double) -> Bool {
    if value.isNaN { return false }
    let bound = metric.merit(current) - tolerance
    return isStrict ? metric.merit(value) > bound : metric.merit(value) >= bound
  }

  /// - Parameters:
  ///   - count: ingredients.
  ///   - first: the value of the best ingredient alone.
  ///   - earlier: what an interrupted soup had decided, from rank 0 on; it is taken over, not measured again.
  ///   - measure: the value of the soup with the ingredient of a rank.
  ///   - decided: called for every decision, earlier ones included, before the next ingredient is measured; a kept one is
  ///     to join the soup. The flag says whether the decision is new.
  /// - Returns: the value of the last soup.
  @discardableResult
  package func run(
    count: Int, first: Double, earlier: [Decision] = [], measure: (Int) throws -> Double,
    decided: (Decision, _ isNew: Bool) throws -> Void
  ) rethrows -> Double {
    var current = first
    for rank in 0..<count {
      let decision: Decision
      let isNew = rank >= earlier.count
      if !isNew {
        decision = earlier[rank]
      } else if rank == 0 {
        decision = Decision(rank: 0, value: first, isKept: true)
      } else {
        let value = try measure(rank)
        decision = Decision(rank: rank, value: value, isKept: accepts(value, over: current))
      }
      if decision.isKept { current = decision.value }
      try decided(decision, isNew)
    }
    return current
  }
}
