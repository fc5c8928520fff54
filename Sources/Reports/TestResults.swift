/// What a model said of pictures whose classes are known, in the form that reports and tables are made from.
public struct TestResults: Sendable {
  /// Precision, recall and F1 of one class.
  public struct ClassScore: Sendable, Equatable {
    public let name: String
    public let precision: Double
    public let recall: Double
    public let f1: Double
    /// How many pictures truly are of this class.
    public let support: Int

    public init(name: String, precision: Double, recall: Double, f1: Double, support: Int) {
      self.name = name
      self.precision = precision
      self.recall = recall
      self.f1 = f1
      self.support = support
    }
  }

  /// The accuracy that remains when the least certain pictures are set aside.
  public struct Rejection: Sendable, Equatable {
    /// 0.1: the least certain tenth was set aside.
    public let share: Double
    /// How many pictures are left.
    public let kept: Int
    public let accuracy: Double

    public init(share: Double, kept: Int, accuracy: Double) {
      self.share = share
      self.kept = kept
      self.accuracy = accuracy
    }
  }

  /// The split that was tested, such as `test`.
  public let split: String
  public let classes: [String]
  public let paths: [String]
  /// The true class of each picture.
  public let labels: [Int]
  /// `[pictures, classes]`, row by row.
  public let probabilities: [Float]
  public let loss: Double
  public let accuracy: Double
  public let macroF1: Double
  public let aucpr: Double?
  /// `confusion[true][named]`: pictures.
  public let confusion: [[Int]]
  public let classScores: [ClassScore]
  public let rejection: [Rejection]
  /// The class with the highest probability of each picture.
  public let predictions: [Int]

  /// - Precondition: `paths`, `labels` and the rows of `probabilities` are of one length.
  public init(
    split: String, classes: [String], paths: [String], labels: [Int], probabilities: [Float], loss: Double,
    accuracy: Double, macroF1: Double, aucpr: Double?, confusion: [[Int]], classScores: [ClassScore],
    rejection: [Rejection]
  ) {
    precondition(paths.count == labels.count && probabilities.count == labels.count * classes.count)
    self.split = split
    self.classes = classes
    self.paths = paths
    self.labels = labels
    self.probabilities = probabilities
    self.loss = loss
    self.accuracy = accuracy
    self.macroF1 = macroF1
    self.aucpr = aucpr
    self.confusion = confusion
    self.classScores = classScores
    self.rejection = rejection
    predictions = labels.indices.map { image in
      var best = 0
      for other in classes.indices
      where probabilities[image * classes.count + other] > probabilities[image * classes.count + best] { best = other }
      return best
    }
  }

  public var count: Int { labels.count }

  func probability(of name: Int, image: Int) -> Float { probabilities[image * classes.count + name] }

  /// The highest class probability of a picture.
  func certainty(image: Int) -> Float { probability(of: predictions[image], image: image) }

  /// All pictures, the least certain first; of equals the first.
  var byCertainty: [Int] {
    let certainties = labels.indices.map { certainty(image: $0) }
    return labels.indices.sorted { (certainties[$0], $0) < (certainties[$1], $1) }
  }

  /// The classes of one picture from the most to the least probable.
  func ranking(image: Int) -> [Int] {
    classes.indices.sorted {
      (-probability(of: $0, image: image), $0) < (-probability(of: $1, image: image), $1)
    }
  }
}
