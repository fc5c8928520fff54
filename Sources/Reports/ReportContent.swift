/// Everything that a report shows. What is empty or nil is left out of the page.
public struct ReportContent: Sendable {
  /// A line of a table with two columns.
  public struct Fact: Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// How many pictures of each class went to each split.
  public struct SplitCounts: Sendable {
    public let splits: [String]
    public let rows: [(className: String, counts: [Int])]

    public init(splits: [String], rows: [(className: String, counts: [Int])]) {
      self.splits = splits
      self.rows = rows
    }
  }

  /// One training of several with fresh partitions.
  public struct Repeat: Sendable {
    public let seed: Int
    public let accuracy: Double
    public let macroF1: Double

    public init(seed: Int, accuracy: Double, macroF1: Double) {
      self.seed = seed
      self.accuracy = accuracy
      self.macroF1 = macroF1
    }
  }

  /// What the report is about, such as the model's name.
  public var title: String
  /// One sentence under the title.
  public var subtitle: String
  public var results: TestResults?
  /// What relative paths of pictures are relative to, for links; nil: no links to these.
  public var picturesFolder: String?
  public var curves: [Curve] = []
  public var repeats: [Repeat] = []
  public var soups: [Soup] = []
  public var data: SplitCounts?
  /// Things worth saying about the data: near-duplicates across splits, their root folder, their hash.
  public var dataFacts: [Fact] = []
  /// Pictures of any split that could not be read.
  public var failures: [TestResults.Failure] = []
  /// The layer table, as text.
  public var layers: String?
  public var settings: [Fact] = []
  public var provenance: [Fact] = []

  public init(title: String, subtitle: String) {
    self.title = title
    self.subtitle = subtitle
  }
}
