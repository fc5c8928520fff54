import Foundation
import Records
import TestSupport

/// Record files that tests write and damage.
struct RecordBytes {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var path: String { folder.file("a.tfr") }

  /// Five records, of 40 to 44 bytes of picture.
  static let count = 5

  static func picture(_ index: Int) -> Data { Data([0xff, 0xd8, 0xff] + (0..<37 + index).map { UInt8($0 + index) }) }

  @discardableResult
  func write() throws -> RecordFile {
    let writer = try RecordWriter(path: path)
    for index in 0..<RecordBytes.count {
      try writer.append(["image": .data(RecordBytes.picture(index)), "category": .integer(index % 2)])
    }
    try writer.finish()
    return try RecordFile(path: path)
  }

  func write(_ records: [[String: RecordValue]]) throws -> RecordFile {
    let writer = try RecordWriter(path: path)
    for record in records { try writer.append(record) }
    try writer.finish()
    return try RecordFile(path: path)
  }

  /// Writes the file, changes its bytes, and opens it.
  func damage(_ change: (inout Data, [Int]) -> Void) throws -> RecordFile {
    let whole = try write()
    let offsets = (0..<whole.count).map { whole.place(of: $0).offset }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    change(&bytes, offsets)
    try bytes.write(to: URL(fileURLWithPath: path))
    return try RecordFile(path: path)
  }
}

/// The error that something throws, as text; nil for none.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
