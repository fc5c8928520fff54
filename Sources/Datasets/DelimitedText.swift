import Foundation

/// The records of a TSV or CSV file.
///
/// CSV: fields in double quotes may hold delimiters, newlines and doubled quotes (RFC 4180). TSV: no quoting. Lines end
/// with LF, CRLF or CR; a byte order mark and empty lines are skipped.
package struct DelimitedText {
  package struct Record {
    /// The line on which it begins, from 1.
    package let line: Int
    package let fields: [String]
  }

  package let header: Record
  package let records: [Record]

  /// - Throws: `DatasetError` when the file cannot be read, is empty, is not UTF-8, or a record has not as many fields as
  ///   the header.
  package init(file: String) throws(DatasetError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: file))
    } catch {
      throw .unreadable(path: file, reason: (error as NSError).localizedDescription)
    }
    if data.starts(with: [0xff, 0xfe]) || data.starts(with: [0xfe, 0xff]) {
      throw .unreadable(path: file, reason: "the text is UTF-16; save it as UTF-8")
    }
    var bytes = Array(data.starts(with: [0xef, 0xbb, 0xbf]) ? data.dropFirst(3) : data)
    if !bytes.isEmpty, bytes.last != lineFeed { bytes.append(lineFeed) }
    var parser = RecordParser(bytes: bytes, delimiter: DelimitedText.delimiter(file: file, bytes: bytes), file: file)
    guard let header = try parser.next() else { throw .emptyManifest(path: file) }
    var records: [Record] = []
    while let record = try parser.next() {
      guard record.fields.count == header.fields.count else {
        throw .fieldCount(
          manifest: file, line: record.line, expected: header.fields.count, found: record.fields.count)
      }
      records.append(record)
    }
    self.header = header
    self.records = records
  }

  /// By the extension; of a `.csv` and of any other file, what stands most often in the first line.
  private static func delimiter(file: String, bytes: [UInt8]) -> UInt8 {
    let ending = file.split(separator: ".").last?.lowercased()
    if ending == "tsv" || ending == "tab" { return tab }
    let firstLine = bytes.prefix { $0 != lineFeed && $0 != carriageReturn }
    let candidates = ending == "csv" ? [comma, semicolon] : [tab, comma, semicolon]
    // `max` gives the last of equals: the order of preference is turned round.
    return candidates.reversed().max { a, b in
      firstLine.count { $0 == a } < firstLine.count { $0 == b }
    } ?? comma
  }
}

private let tab = UInt8(ascii: "\t")
private let comma = UInt8(ascii: ",")
private let semicolon = UInt8(ascii: ";")
private let quote = UInt8(ascii: "\"")
private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

/// Cuts bytes that end with a line feed into records.
private struct RecordParser {
  let bytes: [UInt8]
  let delimiter: UInt8
  let file: String
  var position = 0
  var line = 1

  init(bytes: [UInt8], delimiter: UInt8, file: String) {
    self.bytes = bytes
    self.delimiter = delimiter
    self.file = file
  }

  /// nil at the end.
  mutating func next() throws(DatasetError) -> DelimitedText.Record? {
    while skipLineEnd() {}
    if position >= bytes.count { return nil }
    let start = line
    var fields = [try field()]
    while bytes[position] == delimiter {
      position += 1
      fields.append(try field())
    }
    _ = skipLineEnd()
    return DelimitedText.Record(line: start, fields: fields)
  }

  private mutating func skipLineEnd() -> Bool {
    guard position < bytes.count, bytes[position] == lineFeed || bytes[position] == carriageReturn else { return false }
    let isPair = bytes[position] == carriageReturn && position + 1 < bytes.count && bytes[position + 1] == lineFeed
    position += isPair ? 2 : 1
    line += 1
    return true
  }

  /// Leaves `position` at the delimiter or line end behind the field.
  private mutating func field() throws(DatasetError) -> String {
    var text: [UInt8] = []
    let start = line
    if delimiter != tab, bytes[position] == quote {
      position += 1
      while true {
        guard position < bytes.count else { throw .openQuote(manifest: file, line: start) }
        let byte = bytes[position]
        position += 1
        if byte == quote {
          guard position < bytes.count, bytes[position] == quote else { break }
          position += 1
        } else if byte == lineFeed || (byte == carriageReturn && position < bytes.count && bytes[position] != lineFeed)
        {
          line += 1
        }
        text.append(byte)
      }
      if position < bytes.count, ![delimiter, lineFeed, carriageReturn].contains(bytes[position]) {
        throw .textBehindQuote(manifest: file, line: line)
      }
    }
    while position < bytes.count {
      let byte = bytes[position]
      if byte == delimiter || byte == lineFeed || byte == carriageReturn { break }
      text.append(byte)
      position += 1
    }
    if position == bytes.count { throw .openQuote(manifest: file, line: start) }
    guard let field = String(validating: text, as: UTF8.self) else {
      throw .unreadable(path: file, reason: "line \(start) is not UTF-8 text")
    }
    return field
  }
}
