import Foundation
import Images
import Records
import Tensors

/// What there is at some paths: how many pictures of each class, their sizes and formats, and what is wrong with them.
///
/// Every picture is decoded once.
public struct DataInspection: Sendable {
  /// One split of one path, or a path without splits.
  public struct Part: Sendable {
    /// The split; where there are several paths, the path, with the split behind it.
    public let name: String
    /// Pictures that can be read, of each class in the order of `classes`.
    public let counts: [Int]
    public let damaged: Int
    /// Of all that can be read; nil when there are none.
    public let widths: Spread?
    public let heights: Spread?
    /// Sorted by bytes.
    public let formats: [(name: String, pictures: Int)]
    /// Of the picture files.
    public let bytes: Int

    public var pictures: Int { counts.reduce(0, +) }
  }

  /// Of numbers of pixels.
  public struct Spread: Equatable, Sendable, Encodable {
    public let least: Int
    /// The lower one of two in the middle.
    public let median: Int
    public let most: Int

    init?(_ values: [Int]) {
      let sorted = values.sorted()
      guard let first = sorted.first, let last = sorted.last else { return nil }
      least = first
      median = sorted[(sorted.count - 1) / 2]
      most = last
    }
  }

  /// Files of equal bytes.
  public struct Copies: Sendable {
    /// Two or more, in order; the names of their parts and classes.
    public let files: [(path: String, part: String, label: String)]

    /// Whether they have different classes.
    public var hasConflict: Bool { Set(files.map(\.label)).count > 1 }
    /// Whether they are in different parts.
    public var crossesParts: Bool { Set(files.map(\.part)).count > 1 }
  }

  /// Those of the table, then others that the data have.
  public let classes: [String]
  /// How many of `classes` are the table's; nil when none was given.
  public let tableCount: Int?
  public let parts: [Part]
  /// Every picture and record that cannot be read.
  public let damaged: [BadFile]
  public let copies: [Copies]
  /// What does not fit together: classes outside the table, classes that a part has not, names that look the same.
  public let mismatches: [String]
  /// What the reading of the data had to say.
  public let notes: [String]

  /// - Parameters:
  ///   - sources: one or more.
  ///   - table: names of the labels 0, 1, ... and the classes that there should be; nil: there is no table.
  ///   - progress: with the numbers of all pictures together.
  /// - Throws: `DatasetError` for what is no data; `DataPreparationError.interrupted`.
  public init(
    _ sources: [DatasetSource], table: [String]? = nil, pool: WorkerPool,
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws {
    var inputs: [DataInspectionInput] = []
    for source in sources { inputs.append(try DataInspectionInput(source, isOnly: sources.count == 1)) }
    let total = inputs.reduce(0) { $0 + $1.dataset.samples.count }
    var done = 0
    var surveys: [PictureSurvey] = []
    for input in inputs {
      let before = done
      let pass = PicturePass(pool: pool, progress: { now, _ in progress?(before + now, total) }, shouldStop: shouldStop)
      surveys.append(try PictureSurvey(input.dataset, pass: pass))
      done += input.dataset.samples.count
    }
    let classes = DataInspection.classes(of: inputs, table: table)
    let tally = DataInspectionTally(inputs: inputs, surveys: surveys, classes: classes, table: table)
    self.classes = classes
    tableCount = table?.count
    parts = tally.parts
    damaged = tally.damaged
    copies = tally.copies
    notes = inputs.flatMap(\.dataset.notes)
    mismatches = DataInspection.mismatches(classes: classes, table: table, parts: tally.parts)
  }

  private static func classes(of inputs: [DataInspectionInput], table: [String]?) -> [String] {
    var found: Set<String> = []
    for input in inputs { for name in input.dataset.classes { found.insert(input.name(of: name, in: table)) } }
    let others = found.subtracting(table ?? [])
    // Numbers in their order, in front of names.
    let numbers = others.compactMap { Int($0) == nil ? nil : $0 }.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
    return (table ?? []) + numbers + sortedByBytes(others.filter { Int($0) == nil })
  }

  private static func mismatches(classes: [String], table: [String]?, parts: [Part]) -> [String] {
    var lines: [String] = []
    func quoted(_ places: some Sequence<Int>) -> String { places.map { "'\(classes[$0])'" }.joined(separator: ", ") }
    let present = classes.indices.filter { place in parts.contains { $0.counts[place] > 0 } }
    if let table {
      for place in classes.indices.dropFirst(table.count) {
        let places = parts.filter { $0.counts[place] > 0 }.map { "\($0.counts[place]) in \($0.name)" }
        lines.append(
          "the class '\(classes[place])' is not in the table"
            + (places.isEmpty ? "" : ": \(places.joined(separator: ", "))"))
      }
      let absent = table.indices.filter { !present.contains($0) }
      if !absent.isEmpty { lines.append("no picture at all of \(quoted(absent))") }
    }
    for part in parts where part.pictures > 0 && parts.count > 1 {
      let absent = present.filter { part.counts[$0] == 0 }
      if !absent.isEmpty { lines.append("\(part.name) has no picture of \(quoted(absent))") }
    }
    let alike = Dictionary(grouping: classes.indices) { place in
      classes[place].lowercased().split { $0.isWhitespace || $0 == "_" || $0 == "-" }.joined(separator: " ")
    }
    for places in alike.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
      lines.append("the classes \(quoted(places)) have nearly the same name")
    }
    return lines
  }
}
