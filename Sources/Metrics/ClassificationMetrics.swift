/// The figures by which a classifier is judged, from its logits and the true classes.
public struct ClassificationMetrics: Equatable, Sendable {
  public let confusion: ConfusionMatrix
  /// See `PrecisionRecallArea`.
  public let aucpr: Double

  public var count: Int { confusion.total }
  public var accuracy: Double { confusion.accuracy }
  public var macroF1: Double { confusion.macroF1 }
  public var microF1: Double { confusion.microF1 }
  public var perClass: [ClassMetrics] { confusion.perClass }

  /// - Parameters:
  ///   - logits: `[count, classCount]`, row by row.
  ///   - labels: the true class of each row.
  public init(logits: [Float], labels: [Int], classCount: Int) {
    var accumulator = MetricsAccumulator(classCount: classCount)
    logits.withUnsafeBufferPointer { logits in
      precondition(logits.count == labels.count * classCount, "\(logits.count) logits for \(labels.count) examples")
      for (row, label) in labels.enumerated() {
        accumulator.add(
          logits: UnsafeBufferPointer(rebasing: logits[row * classCount..<(row + 1) * classCount]), label: label)
      }
    }
    self = accumulator.metrics
  }

  init(confusion: ConfusionMatrix, aucpr: Double) {
    self.confusion = confusion
    self.aucpr = aucpr
  }
}

/// Gathers `ClassificationMetrics` batch by batch, without keeping the logits.
public struct MetricsAccumulator: Equatable, Sendable {
  private var confusion: ConfusionMatrix
  private var area = PrecisionRecallArea()

  public init(classCount: Int) { confusion = ConfusionMatrix(classCount: classCount) }

  /// Adds one example.
  public mutating func add(logits: UnsafeBufferPointer<Float>, label: Int) {
    confusion.add(truth: label, predicted: highestIndex(logits))
    area.add(logits: logits, label: label)
  }

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - logits: `[count, classCount]`.
  ///   - labels: `[count, classCount]`; the highest of a row is its class, as in Keras' categorical accuracy.
  public mutating func add(logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, count: Int) {
    let classCount = confusion.classCount
    for row in 0..<count {
      let label = highestIndex(UnsafeBufferPointer(start: labels + row * classCount, count: classCount))
      add(logits: UnsafeBufferPointer(start: logits + row * classCount, count: classCount), label: label)
    }
  }

  public var metrics: ClassificationMetrics { ClassificationMetrics(confusion: confusion, aucpr: area.value) }
}
