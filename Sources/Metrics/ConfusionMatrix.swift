/// How often an example of each true class was put into each class.
public struct ConfusionMatrix: Equatable, Sendable {
  public let classCount: Int
  /// `counts[truth * classCount + predicted]`.
  public private(set) var counts: [Int]

  public init(classCount: Int) {
    self.classCount = classCount
    counts = Array(repeating: 0, count: classCount * classCount)
  }

  public init(truths: [Int], predictions: [Int], classCount: Int) {
    precondition(truths.count == predictions.count, "\(truths.count) labels, \(predictions.count) predictions")
    self.init(classCount: classCount)
    for (truth, prediction) in zip(truths, predictions) { add(truth: truth, predicted: prediction) }
  }

  public mutating func add(truth: Int, predicted: Int) { counts[truth * classCount + predicted] += 1 }

  public subscript(truth: Int, predicted: Int) -> Int { counts[truth * classCount + predicted] }

  /// The number of examples.
  public var total: Int { counts.reduce(0, +) }

  /// The number of right predictions.
  public var correct: Int { (0..<classCount).reduce(0) { $0 + self[$1, $1] } }

  /// The share of right predictions; 0 when there are no examples (as Keras).
  public var accuracy: Double { ratio(correct, total) }

  /// Precision, recall and F1 of each class.
  public var perClass: [ClassMetrics] {
    (0..<classCount).map { index in
      ClassMetrics(
        truePositives: self[index, index],
        predicted: (0..<classCount).reduce(0) { $0 + self[$1, index] },
        support: (0..<classCount).reduce(0) { $0 + self[index, $1] })
    }
  }

  /// The unweighted mean of the F1 of all classes.
  ///
  /// Every class of the table counts, as in Keras: one that is neither present nor predicted adds a 0. (scikit-learn
  /// leaves such a class out.)
  public var macroF1: Double {
    classCount == 0 ? 0 : perClass.reduce(0) { $0 + $1.f1 } / Double(classCount)
  }

  /// F1 over the pooled decisions. With one label and one prediction an example, this is the accuracy.
  public var microF1: Double { accuracy }
}

/// How well one class is recognised.
public struct ClassMetrics: Equatable, Sendable {
  public let truePositives: Int
  /// How many examples were put into the class.
  public let predicted: Int
  /// How many examples belong to the class.
  public let support: Int

  public init(truePositives: Int, predicted: Int, support: Int) {
    self.truePositives = truePositives
    self.predicted = predicted
    self.support = support
  }

  /// The share of the predicted that belong; 0 when none was predicted (as Keras and scikit-learn).
  public var precision: Double { ratio(truePositives, predicted) }

  /// The share of the belonging that were found; 0 when none belongs (as Keras and scikit-learn).
  public var recall: Double { ratio(truePositives, support) }

  /// The harmonic mean of precision and recall, `2 tp / (predicted + support)`; 0 when both are 0.
  public var f1: Double { ratio(2 * truePositives, predicted + support) }
}

private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
