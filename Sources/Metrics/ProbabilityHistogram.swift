/// How the probabilities of one class spread, for the examples of each true class: the paper's Figure 2, middle.
public struct ProbabilityHistogram: Equatable, Sendable {
  /// The class whose probability is counted.
  public let classIndex: Int
  public let binCount: Int
  /// `counts[truth][bin]`; bin b holds the probabilities from `b / binCount` up to, not including, `(b + 1) / binCount`,
  /// the last one includes 1.
  public let counts: [[Int]]

  /// - Parameters:
  ///   - probabilities: `[count, classCount]`, row by row.
  ///   - labels: the true class of each row.
  public init(probabilities: [Float], labels: [Int], classCount: Int, classIndex: Int, binCount: Int = 20) {
    precondition(probabilities.count == labels.count * classCount, "\(probabilities.count) probabilities")
    precondition((0..<classCount).contains(classIndex) && binCount > 0)
    var counts = [[Int]](repeating: Array(repeating: 0, count: binCount), count: classCount)
    for (row, label) in labels.enumerated() {
      let scaled = probabilities[row * classCount + classIndex] * Float(binCount)
      counts[label][scaled > 0 ? min(binCount - 1, Int(scaled)) : 0] += 1
    }
    self.classIndex = classIndex
    self.binCount = binCount
    self.counts = counts
  }
}
