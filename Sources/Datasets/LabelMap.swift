import Foundation
import Records

/// Labels that take the place of others: a TSV with a header line and, in its first two columns, the old id (a number or
/// a name, as the records have it) and the new one, a number.
public struct LabelMap: Equatable, Sendable {
  public let path: String
  private let numbers: [String: Int]

  /// - Throws: `DatasetError` naming the line.
  public init(file path: String) throws(DatasetError) {
    if !FileManager.default.fileExists(atPath: path) { throw .notFound(path: path) }
    let text = try DelimitedText(file: path)
    if text.header.fields.count < 2 {
      throw .badTable(path: path, line: 1, reason: "two columns are wanted, the old id and the new one")
    }
    var numbers: [String: Int] = [:]
    for record in text.records {
      let old = record.fields[0]
      guard let new = Int(record.fields[1]), new >= 0 else {
        throw .badTable(
          path: path, line: record.line, reason: "the new id '\(record.fields[1])' is no number of 0 or more")
      }
      if let other = numbers[old], other != new {
        throw .badTable(
          path: path, line: record.line, reason: "the id '\(old)' becomes \(new) here, but \(other) above")
      }
      numbers[old] = new
    }
    self.path = path
    self.numbers = numbers
  }

  /// - Throws: `DatasetError.unmappedLabel`.
  subscript(label: RecordLabel, of place: RecordPlace) -> Int {
    get throws(DatasetError) {
      guard let number = numbers[label.text] else {
        throw .unmappedLabel(record: place, label: "\(label)", map: path)
      }
      return number
    }
  }
}
