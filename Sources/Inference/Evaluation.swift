import Datasets

/// What a model makes of one split of a data set.
public struct Evaluation: Sendable {
  /// The class table of the model.
  public var classes: [String]
  /// The name of each picture in its data set, in the order asked for.
  public var paths: [String]
  /// The true class of each, a place in `classes`.
  public var labels: [Int]
  /// `[count, classes]`
  public var logits: [Float]
  /// `[count, classes]`, softmax of the logits.
  public var probabilities: [Float]
  public var loss: Double
  public var accuracy: Double
  public var macroF1: Double
  public var aucpr: Double
  /// Files that could not be read; not part of anything above.
  public var failed: [FailedFile]

  public init(
    classes: [String], paths: [String], labels: [Int], logits: [Float], probabilities: [Float], loss: Double,
    accuracy: Double, macroF1: Double, aucpr: Double, failed: [FailedFile]
  ) {
    self.classes = classes
    self.paths = paths
    self.labels = labels
    self.logits = logits
    self.probabilities = probabilities
    self.loss = loss
    self.accuracy = accuracy
    self.macroF1 = macroF1
    self.aucpr = aucpr
    self.failed = failed
  }

  public var count: Int { labels.count }

  /// The probabilities of one picture.
  public func probabilities(of index: Int) -> ArraySlice<Float> {
    probabilities[index * classes.count..<(index + 1) * classes.count]
  }

  /// The most probable class of each picture; of equals the first.
  public var predictions: [Int] {
    (0..<count).map { index in
      let row = probabilities(of: index)
      return row.indices.dropFirst().reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
    }
  }
}

/// A file that could not be read, and why.
public struct FailedFile: Codable, Equatable, Sendable {
  public var path: String
  /// `unreadable`, `truncated`, `not_an_image`, ...
  public var status: String
  public var message: String
  /// `train`, `validation` or `test`; nil where the file belongs to no split.
  public var split: String?

  public init(path: String, status: String, message: String, split: String? = nil) {
    self.path = path
    self.status = status
    self.message = message
    self.split = split
  }
}

/// How far an evaluation or prediction is.
public struct InferenceProgress: Equatable, Sendable {
  public var done: Int
  public var total: Int
  public var imagesPerSecond: Double
  public var secondsLeft: Double?

  public init(done: Int, total: Int, imagesPerSecond: Double, secondsLeft: Double?) {
    self.done = done
    self.total = total
    self.imagesPerSecond = imagesPerSecond
    self.secondsLeft = secondsLeft
  }
}

extension FailedFile {
  /// - Parameter dataset: the one that the pipeline was made for.
  package init(_ file: BadFile, of dataset: Dataset) {
    let sample = dataset.samples[file.sampleID]
    self.init(path: sample.name, status: file.status, message: file.reason, split: sample.split?.rawValue)
  }
}
