/// The table of a shard, row by row.
final class ShardTable {
  let path: String
  let stamp: ShardStamp
  /// The names of the columns of the joined table.
  let header: [UInt8]
  /// Of the row that `advance` has gone to; more than any at the end.
  private(set) var index = Int.min
  /// The row as the joined table has it, without a newline.
  private(set) var row: [UInt8] = []
  /// Rows that were gone to.
  private(set) var rows = 0
  private let lines: LineReader

  var isAtEnd: Bool { index == Int.max }
  var line: Int { lines.count }

  /// - Throws: `ShardError.notAShard`; `InferenceError` when it cannot be read.
  init(path: String) throws {
    self.path = path
    lines = try LineReader(path: path)
    let tab = UInt8(ascii: "\t")
    guard let line = try lines.next(), lines.isTerminated, line.starts(with: Array("index\t".utf8)),
      let last = line.lastIndex(of: tab), last > 5,
      let stamp = ShardStamp(String(decoding: line[(last + 1)...], as: UTF8.self))
    else { throw ShardError.notAShard(path: path) }
    self.stamp = stamp
    header = Array(line[6..<last])
  }

  /// - Throws: `ShardError.damaged`; `InferenceError` when it cannot be read.
  func advance() throws {
    guard let line = try lines.next() else {
      index = Int.max
      return
    }
    let tab = UInt8(ascii: "\t")
    guard lines.isTerminated, let first = line.firstIndex(of: tab), line.last == tab, line.count > first + 1,
      let number = Int(String(decoding: line[..<first], as: UTF8.self)), number >= 0
    else { throw ShardError.damaged(path: path, line: lines.count, reason: "is not a row of a shard") }
    guard number > index else {
      throw ShardError.damaged(
        path: path, line: lines.count, reason: "row \(number) stands behind row \(index)")
    }
    index = number
    rows += 1
    row.removeAll(keepingCapacity: true)
    row += line[(first + 1)..<(line.count - 1)]
  }

  /// Goes to the end.
  func countRest() throws { while !isAtEnd { try advance() } }
}
