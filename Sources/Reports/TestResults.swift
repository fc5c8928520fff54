import Metrics

/// What a model said of pictures whose classes are known, in the form that reports and tables are made from.
public struct TestResults: Sendable {
  /// A picture that could not be used.
  public struct Failure: Sendable {
    public let path: String
    /// One word: `truncated`, `unreadable`, `not_an_image`.
    public let status: String
    /// A sentence.
    public let message: String
    /// `train`, `validation` or `test`; nil where the picture belongs to no split.
    public let split: String?

    public init(path: String, status: String, message: String, split: String? = nil) {
      self.path = path
      self.status = status
      self.message = message
      self.split = split
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
  public let aucpr: Double
  public let confusion: ConfusionMatrix
  public let rejection: RejectionTable
  /// The class with the highest probability of each picture.
  public let predictions: [Int]
  /// Files that could not be read; they are part of nothing above.
  public let failures: [Failure]

  /// - Precondition: `paths`, `labels` and the rows of `probabilities` are of one length.
  public init(
    split: String, classes: [String], paths: [String], labels: [Int], probabilities: [Float], loss: Double,
    aucpr: Double, failures: [Failure] = []
  ) {
    precondition(paths.count == labels.count && probabilities.count == labels.count * classes.count)
    self.split = split
    self.classes = classes
    self.paths = paths
    self.labels = labels
    self.probabilities = probabilities
    self.loss = loss
    self.aucpr = aucpr
    self.failures = failures
    predictions = highestIndices(probabilities, classCount: classes.count)
    confusion = ConfusionMatrix(truths: labels, predictions: predictions, classCount: classes.count)
    rejection = RejectionTable(probabilities: probabilities, labels: labels, classCount: classes.count)
  }

  public var count: Int { labels.count }
  public var accuracy: Double { confusion.accuracy }
  public var macroF1: Double { confusion.macroF1 }

  func probability(of name: Int, image: Int) -> Float { probabilities[image * classes.count + name] }

  /// The highest class probability of a picture.
  func certainty(image: Int) -> Float { probability(of: predictions[image], image: image) }

  func isRight(image: Int) -> Bool { predictions[image] == labels[image] }

  /// How many pictures are of this class.
  func support(_ label: Int) -> Int { classes.indices.reduce(0) { $0 + confusion[label, $1] } }

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
