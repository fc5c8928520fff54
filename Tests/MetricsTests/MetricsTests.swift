import Metrics
import TestSupport
import Testing

@Suite("metrics")
struct MetricsTests {
  @Test("of equal values the first is the highest, and NaN is below everything")
  func highestOfEqualValues() {
    #expect(highestIndices([1, 1, 0, .nan, -5, -5, .nan, .nan, .nan], classCount: 3) == [0, 1, 0])
  }

  @Test("softmax of large and of equal logits")
  func softmax() {
    let result = probabilities(fromLogits: [1000, 1000, -1000, 0, 0, 0], classCount: 3)
    let third: Float = 1.0 / 3
    #expect(result == [0.5, 0.5, 0, third, third, third])
    expectClose(probabilities(fromLogits: [0, 1.0986123], classCount: 2), [0.25, 0.75], tolerance: 1e-6)
  }

  @Test("accuracy, AUCPR and macro F1 are Keras'", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("training/metrics")
    let classCount = golden.shape("labels")[1]
    let labels = highestIndices(golden.values("labels"), classCount: classCount)
    let logits = golden.values("logits")
    let metrics = ClassificationMetrics(logits: logits, labels: labels, classCount: classCount)
    let found = [metrics.accuracy, metrics.aucpr, metrics.macroF1].map { Float($0) }
    let expected = ["accuracy", "aucpr", "macro_f1"].map { golden.values($0)[0] }
    expectClose(found, expected, tolerance: 2e-6)

    // Batch by batch, in batches of 7, it is the same to the bit.
    var accumulator = MetricsAccumulator(classCount: classCount)
    let oneHot = golden.values("labels")
    for start in stride(from: 0, to: labels.count, by: 7) {
      let count = min(7, labels.count - start)
      logits.withUnsafeBufferPointer { logits in
        oneHot.withUnsafeBufferPointer { oneHot in
          guard let logits = logits.baseAddress, let oneHot = oneHot.baseAddress else { return }
          accumulator.add(logits: logits + start * classCount, labels: oneHot + start * classCount, count: count)
        }
      }
    }
    #expect(accumulator.metrics == metrics)
  }

  @Test("a confusion matrix by hand")
  func confusion() {
    // truth:      0  0  0  1  1  2
    // prediction: 0  0  1  1  1  0
    let matrix = ConfusionMatrix(truths: [0, 0, 0, 1, 1, 2], predictions: [0, 0, 1, 1, 1, 0], classCount: 3)
    #expect(matrix.counts == [2, 1, 0, 0, 2, 0, 1, 0, 0])
    let third: Double = 1.0 / 3
    #expect(matrix.accuracy == 2 * third)
    #expect(matrix.microF1 == 2 * third)
    #expect(matrix.perClass.map(\.precision) == [2 * third, 2 * third, 0])
    #expect(matrix.perClass.map(\.recall) == [2 * third, 1, 0])
    #expect(matrix.perClass.map(\.f1) == [2 * third, 0.8, 0])
    #expect(matrix.perClass.map(\.support) == [3, 2, 1])
    #expect(matrix.perClass.map(\.predicted) == [3, 3, 0])
    let mean = (2 * third + 0.8) / 3
    #expect(abs(matrix.macroF1 - mean) < 1e-15)
  }

  @Test("a class that is neither present nor predicted counts 0 in macro F1, as in Keras")
  func absentClass() {
    let matrix = ConfusionMatrix(truths: [0, 1], predictions: [0, 1], classCount: 4)
    #expect(matrix.macroF1 == 0.5)
    #expect(matrix.perClass[2] == ClassMetrics(truePositives: 0, predicted: 0, support: 0))
    #expect(matrix.perClass[2].f1 == 0)
  }

  @Test("without examples every figure is 0")
  func noExamples() {
    let metrics = ClassificationMetrics(logits: [], labels: [], classCount: 2)
    #expect([metrics.accuracy, metrics.macroF1, metrics.aucpr] == [0, 0, 0])
    let table = RejectionTable(probabilities: [], labels: [], classCount: 2)
    #expect(table.rows.allSatisfy { $0.accuracy == nil && $0.threshold == nil && $0.kept == 0 })
  }

  @Test("AUCPR is 1 when all right scores are above all wrong ones, and the share of positives when all are equal")
  func areaExtremes() {
    let perfect = ClassificationMetrics(logits: [5, -5, -5, 5, 5, -5], labels: [0, 1, 0], classCount: 2)
    #expect(abs(perfect.aucpr - 1) < 1e-12)
    let equal = ClassificationMetrics(logits: [Float](repeating: 0.3, count: 12), labels: [0, 1, 2], classCount: 4)
    #expect(abs(equal.aucpr - 0.25) < 1e-12)
  }

  @Test("logits that are not numbers are counted as the lowest score, and do not trap")
  func notNumbers() {
    let metrics = ClassificationMetrics(
      logits: [.nan, .nan, .infinity, -.infinity], labels: [0, 0], classCount: 2)
    #expect(metrics.accuracy == 1)
    #expect(metrics.aucpr.isFinite)
    let undefined = probabilities(fromLogits: [.nan, 1], classCount: 2)
    #expect(undefined.allSatisfy { $0.isNaN })
    let table = RejectionTable(probabilities: [0.9, 0.1] + undefined, labels: [0, 1], classCount: 2, shares: [0.5])
    #expect(table.rows[0].accuracy == 1)
  }

  @Test("the least certain predictions go first")
  func rejection() {
    // Certainties 0.9, 0.6, 0.8, 0.6; right, wrong, right, right.
    let probabilities: [Float] = [0.9, 0.1, 0.6, 0.4, 0.2, 0.8, 0.4, 0.6]
    let table = RejectionTable(
      probabilities: probabilities, labels: [0, 1, 1, 1], classCount: 2, shares: [0, 0.25, 0.5, 1])
    #expect(table.rows.map(\.removed) == [0, 1, 2, 4])
    #expect(table.rows.map(\.kept) == [4, 3, 2, 0])
    // Of the two equally certain ones the first, a wrong one, is removed first.
    #expect(table.rows.map(\.accuracy) == [0.75, 1, 1, nil])
    let thresholds: [Float?] = [0.6, 0.6, 0.8, nil]
    #expect(table.rows.map { $0.threshold.map { Float($0) } } == thresholds)
  }

  @Test(
    "shares are rounded to whole examples",
    arguments: [(7, [0, 0, 1, 1, 2, 3, 4]), (200, [0, 10, 20, 40, 60, 80, 100])])
  func rejectionCounts(count: Int, removed: [Int]) {
    let table = RejectionTable(
      probabilities: [Float](repeating: 0.5, count: 2 * count), labels: [Int](repeating: 0, count: count),
      classCount: 2)
    #expect(table.rows.map(\.removed) == removed)
  }

  @Test("a histogram counts a class's probabilities by true class, with 1 in the last bin")
  func histogram() {
    let histogram = ProbabilityHistogram(
      probabilities: [1, 0, 0.75, 0.25, 0.5, 0.5, 0, 1, .nan, .nan], labels: [0, 0, 1, 1, 1], classCount: 2,
      classIndex: 0, binCount: 4)
    #expect(histogram.counts == [[0, 0, 0, 2], [2, 0, 1, 0]])
  }
}
