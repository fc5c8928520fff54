import Foundation

/// Which candidates are ingredients.
public enum SoupSelection: Equatable, Sendable {
  case all
  /// Those at or above this percentile (0 to 100) of the candidates' values; of a loss those at or below the percentile
  /// as far from the other end.
  case percentile(Double)
  /// Those whose value is at least this; of a loss at most.
  case threshold(Double)
  /// So many of the best.
  case best(Int)

  /// The places of the ingredients in `values`, the best first; of equals the one that stands first.
  ///
  /// - Parameter values: finite.
  public func ranking(of values: [Double], metric: SoupMetric) -> [Int] {
    let merits = values.map(metric.merit)
    let ranked = merits.indices.sorted { (-merits[$0], $0) < (-merits[$1], $1) }
    switch self {
    case .all: return ranked
    case .best(let count): return Array(ranked.prefix(max(0, count)))
    case .threshold(let bound): return ranked.filter { merits[$0] >= metric.merit(bound) }
    case .percentile(let percent):
      guard !merits.isEmpty else { return [] }
      let bound = linearPercentile(percent, of: merits)
      return ranked.filter { merits[$0] >= bound }
    }
  }
}

/// The percentile by linear interpolation between the two nearest ranks: the default of `numpy.percentile`.
///
/// - Parameters:
///   - percent: 0 to 100.
///   - values: at least one, finite.
package func linearPercentile(_ percent: Double, of values: [Double]) -> Double {
  precondition(!values.isEmpty, "a percentile of nothing")
  let sorted = values.sorted()
  let place = min(100, max(0, percent)) / 100 * Double(sorted.count - 1)
  let below = Int(place.rounded(.down))
  let above = min(below + 1, sorted.count - 1)
  let (low, high, share) = (sorted[below], sorted[above], place - Double(below))
  // From the nearer end, so that equal neighbours give their very value and rounding cannot leave the interval.
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share)
}
