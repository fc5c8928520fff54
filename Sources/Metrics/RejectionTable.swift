/// What accuracy becomes when the least certain predictions are left to a person.
///
/// Certainty is the highest class probability; of two classes its order is that of the distance from 0.5, as in the
/// 2017 paper.
public struct RejectionTable: Equatable, Sendable {
  public struct Row: Equatable, Sendable {
    /// The share of the examples that was asked to be removed, 0 ... 1.
    public let share: Double
    public let removed: Int
    public let kept: Int
    /// The accuracy of the kept; nil when none is kept.
    public let accuracy: Double?
    /// The certainty of the least certain kept example, the `--reject` that would remove the others; nil when none is
    /// kept.
    public let threshold: Double?
  }

  public static let defaultShares = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5]

  public let rows: [Row]

  /// - Parameters:
  ///   - probabilities: `[count, classCount]`, row by row.
  ///   - labels: the true class of each row.
  ///   - shares: what to remove, 0 ... 1. `share * count`, rounded to the nearest, examples go; of equally certain
  ///     ones the first.
  public init(
    probabilities: [Float], labels: [Int], classCount: Int, shares: [Double] = RejectionTable.defaultShares
  ) {
    precondition(probabilities.count == labels.count * classCount, "\(probabilities.count) probabilities")
    let predictions = highestIndices(probabilities, classCount: classCount)
    let certainties = predictions.enumerated().map { row, prediction in
      let certainty = probabilities[row * classCount + prediction]
      return certainty.isNaN ? -1 : certainty
    }
    let order = certainties.indices.sorted { (certainties[$0], $0) < (certainties[$1], $1) }
    // Right predictions among the examples from a place of the order on.
    var correctFrom = [Int](repeating: 0, count: order.count + 1)
    for place in order.indices.reversed() {
      correctFrom[place] = correctFrom[place + 1] + (predictions[order[place]] == labels[order[place]] ? 1 : 0)
    }
    rows = shares.map { share in
      let removed = min(order.count, max(0, Int((share * Double(order.count)).rounded())))
      let kept = order.count - removed
      return Row(
        share: share, removed: removed, kept: kept,
        accuracy: kept > 0 ? Double(correctFrom[removed]) / Double(kept) : nil,
        threshold: kept > 0 ? Double(certainties[order[removed]]) : nil)
    }
  }
}
