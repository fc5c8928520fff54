import Foundation

/// The names of classes in a file.
public enum ClassTable {
  /// A text file with a name a line; or a `.tsv` or `.csv` with a header and the column `class`, in the order of its
  /// column `index` where there is one, which must hold 0, 1, ... each once.
  ///
  /// - Throws: `DatasetError.badTable` naming the line.
  public static func read(_ path: String) throws(DatasetError) -> [String] {
    let ending = path.split(separator: ".").last?.lowercased() ?? ""
    let rows = ["tsv", "csv", "tab"].contains(ending) ? try table(path) : try lines(path)
    if rows.isEmpty { throw .badTable(path: path, line: nil, reason: "no classes in it") }
    var seen: Set<String> = []
    for row in rows {
      if row.name.isEmpty { throw .badTable(path: path, line: row.line, reason: "the name of the class is empty") }
      if !seen.insert(row.name).inserted {
        throw .badTable(path: path, line: row.line, reason: "'\(row.name)' stands there twice")
      }
    }
    return rows.map(\.name)
  }

  private typealias Row = (line: Int, name: String)

  private static func lines(_ path: String) throws(DatasetError) -> [Row] {
    guard let data = FileManager.default.contents(atPath: path) else { throw .notFound(path: path) }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw .badTable(path: path, line: nil, reason: "is not UTF-8 text")
    }
    var names = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while names.last == "" { names.removeLast() }
    return names.enumerated().map { ($0 + 1, $1) }
  }

  private static func table(_ path: String) throws(DatasetError) -> [Row] {
    if !FileManager.default.fileExists(atPath: path) { throw .notFound(path: path) }
    let text = try DelimitedText(file: path)
    guard let column = text.header.fields.firstIndex(of: "class") else {
      throw .missingColumn(manifest: path, column: "class", found: text.header.fields, suggestion: nil)
    }
    let rows = text.records.map { Row($0.line, $0.fields[column]) }
    guard let indexColumn = text.header.fields.firstIndex(of: "index") else { return rows }
    var ordered = [Row?](repeating: nil, count: rows.count)
    for (record, row) in zip(text.records, rows) {
      guard let index = Int(record.fields[indexColumn]), rows.indices.contains(index) else {
        throw .badTable(
          path: path, line: row.line,
          reason: "the index '\(record.fields[indexColumn])' is none of 0 to \(rows.count - 1)")
      }
      if let other = ordered[index] {
        throw .badTable(path: path, line: row.line, reason: "the index \(index) stands in line \(other.line), too")
      }
      ordered[index] = row
    }
    return ordered.compactMap { $0 }
  }
}
