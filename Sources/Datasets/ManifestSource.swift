import Foundation
import Schemas

/// A TSV or CSV file with a line a picture: its path (relative to the manifest), its class, and perhaps its split and
/// group. Other columns are ignored.
public struct ManifestSource: Equatable, Sendable {
  public let path: String
  public let columns: ManifestColumns
  public let missingFiles: MissingFiles
  /// Whether a split column counts; not when the data are to be split anew.
  public let readsSplits: Bool

  public init(
    path: String, columns: ManifestColumns = ManifestColumns(), missingFiles: MissingFiles = .error,
    readsSplits: Bool = true
  ) {
    self.path = path
    self.readsSplits = readsSplits
    self.columns = columns
    self.missingFiles = missingFiles
  }

  /// Reads the table and looks whether the files are there; opens none.
  ///
  /// - Throws: `DatasetError` naming the manifest and the line.
  public func read() throws(DatasetError) -> Dataset {
    var status = stat()
    if stat(path, &status) != 0 { throw .notFound(path: path) }
    if status.st_mode & S_IFMT == S_IFDIR { throw .wrongKind(path: path, wanted: "a TSV or CSV file") }
    let text = try DelimitedText(file: path)
    var notes: [String] = []
    let rows = try distinctRows(of: text, notes: &notes)
    let present = try existingRows(rows, notes: &notes)
    if present.isEmpty { throw .emptyManifest(path: path) }
    try checkSplits(present)

    let sorted = present.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let classes = sortedByBytes(Array(Set(sorted.map(\.label))))
    let places = Dictionary(classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let samples = sorted.enumerated().map { index, row in
      Sample(
        id: index, path: joinedPath(folder, row.name), name: row.name, label: places[row.label] ?? 0, split: row.split,
        group: row.group)
    }
    var dataset = Dataset(root: folder, classes: classes, samples: samples, notes: notes)
    dataset.noteMissingClasses()
    return dataset
  }

  /// The manifest's folder.
  private var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private struct Row {
    let line: Int
    let name: String
    let label: String
    let split: Split?
    let group: String?
  }

  /// The lines, without those that repeat another.
  private func distinctRows(of text: DelimitedText, notes: inout [String]) throws(DatasetError) -> [Row] {
    let header = text.header.fields.map { $0.trimmingCharacters(in: .whitespaces) }
    let pathColumn = try place(of: columns.path, in: header)
    let labelColumn = try place(of: columns.label, in: header)
    let splitColumn = readsSplits ? try place(of: columns.split, orOptional: "split", in: header) : nil
    let groupColumn = try place(of: columns.group, orOptional: "group", in: header)

    var rows: [Row] = []
    let base = joinedPath(FileManager.default.currentDirectoryPath, folder)
    // Keyed by bytes: Swift takes differently composed names, which are different files, for equal strings.
    var seen: [[UInt8]: Int] = [:]
    var repeated = 0
    for record in text.records {
      let name = try field(pathColumn, of: record, called: columns.path)
      // A blank behind a class would make it another class that looks the same. File names keep theirs.
      let label = try field(labelColumn, of: record, called: columns.label)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let group = groupColumn.map { record.fields[$0].trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
      let row = Row(
        line: record.line, name: name, label: label,
        split: try split(record, column: splitColumn),
        group: group.isEmpty ? nil : group)
      let key = Array(plainPath(joinedPath(base, name)).utf8)
      if let earlier = seen[key] {
        try checkSame(row, rows[earlier])
        repeated += 1
        continue
      }
      seen[key] = rows.count
      rows.append(row)
    }
    if repeated > 0 {
      notes.append(
        "\(path): \(counted(repeated, "line")) \(repeated == 1 ? "repeats" : "repeat") an earlier one, left out")
    }
    return rows
  }

  private func place(of column: String, in header: [String]) throws(DatasetError) -> Int {
    if let place = try optionalPlace(of: column, in: header) { return place }
    throw .missingColumn(
      manifest: path, column: column, found: header, suggestion: nearest(to: column, among: header))
  }

  /// The place of a column that was asked for, which must be there, or of one that may be.
  private func place(of column: String?, orOptional name: String, in header: [String]) throws(DatasetError) -> Int? {
    if let column { return try place(of: column, in: header) }
    return try optionalPlace(of: name, in: header)
  }

  /// The exact name goes before one in other letter case.
  private func optionalPlace(of column: String, in header: [String]) throws(DatasetError) -> Int? {
    let exact = header.indices.filter { header[$0] == column }
    let found = exact.isEmpty ? header.indices.filter { header[$0].lowercased() == column.lowercased() } : exact
    if found.count > 1 { throw .repeatedColumn(manifest: path, column: column) }
    return found.first
  }

  private func field(
    _ column: Int, of record: DelimitedText.Record, called name: String
  ) throws(DatasetError) -> String {
    let text = record.fields[column]
    if text.allSatisfy(\.isWhitespace) { throw .emptyField(manifest: path, line: record.line, column: name) }
    return text
  }

  private func split(_ record: DelimitedText.Record, column: Int?) throws(DatasetError) -> Split? {
    guard let column else { return nil }
    let word = record.fields[column].trimmingCharacters(in: .whitespaces)
    if word.isEmpty { return nil }
    if let split = Split(word: word) { return split }
    throw .unknownSplit(
      manifest: path, line: record.line, word: word, suggestion: nearest(to: word, among: Split.words))
  }

  private func checkSame(_ row: Row, _ earlier: Row) throws(DatasetError) {
    let differences = [
      (columns.label, row.label, earlier.label),
      (columns.split ?? "split", row.split?.rawValue ?? "", earlier.split?.rawValue ?? ""),
      (columns.group ?? "group", row.group ?? "", earlier.group ?? ""),
    ]
    for (column, value, earlierValue) in differences where value != earlierValue {
      throw .contradiction(
        manifest: path, line: row.line, earlierLine: earlier.line, path: row.name, column: column,
        values: [value, earlierValue])
    }
  }

  private func existingRows(_ rows: [Row], notes: inout [String]) throws(DatasetError) -> [Row] {
    var status = stat()
    let present = rows.map { row in
      // A link that leads nowhere is there: it will be named as a picture that cannot be read.
      // The system would look for a name that ends before a zero byte.
      !row.name.utf8.contains(0) && lstat(joinedPath(folder, row.name), &status) == 0
    }
    let missing = rows.indices.filter { !present[$0] }
    if missing.isEmpty { return rows }
    let examples = missing.prefix(5).map { "line \(rows[$0].line): \(rows[$0].name)" }
    if missingFiles == .error || missing.count == rows.count {
      throw .missingFiles(manifest: path, count: missing.count, of: rows.count, examples: examples)
    }
    notes.append(
      "\(path): \(missing.count) of \(counted(rows.count, "file")) \(missing.count == 1 ? "is" : "are") missing, left out, such as \(examples[0])"
    )
    return rows.indices.filter { present[$0] }.map { rows[$0] }
  }

  /// Either no line has a split or all have, and no group is in two.
  private func checkSplits(_ rows: [Row]) throws(DatasetError) {
    if rows.allSatisfy({ $0.split == nil }) { return }
    var splitOfGroup: [String: Split] = [:]
    for row in rows {
      guard let split = row.split else { throw .splitMissing(manifest: path, line: row.line) }
      guard let group = row.group else { continue }
      if let earlier = splitOfGroup[group], earlier != split {
        throw .groupAcrossSplits(
          manifest: path, line: row.line, group: group, splits: [earlier.rawValue, split.rawValue])
      }
      splitOfGroup[group] = split
    }
  }
}
