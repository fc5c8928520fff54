import Foundation
import ModelFiles

/// Joins the tables of all shards of a prediction to the table that one run would have written, byte for byte.
///
/// Each table is gone through once, side by side with the others, in memory that does not grow with the rows.
public enum ShardMerger {
  /// - Parameter paths: one table for each shard, in any order.
  /// - Returns: the number of rows.
  /// - Throws: `ShardError`; `InferenceError` when a table cannot be read or is the output; `ModelFileError` when the result cannot be
  ///   written.
  @discardableResult
  public static func merge(_ paths: [String], output: String) throws -> Int {
    try FileIdentity.refuse(output, replacing: paths)
    raiseFileLimit(to: paths.count + 64)
    var tables: [ShardTable] = []
    for path in paths { tables.append(try ShardTable(path: path)) }
    try check(tables)
    let total = tables[0].stamp.total
    var failure: (any Error)?
    do {
      try AtomicFile.write(to: output) { (file: inout AtomicFile) throws(ModelFileError) in
        do {
          try join(tables, total: total, into: &file)
        } catch let error as ModelFileError {
          throw error
        } catch {
          failure = error
          throw ModelFileError.cannotWrite(path: output, reason: "\(error)")
        }
      }
    } catch {
      throw failure ?? error
    }
    return total
  }

  private static func check(_ tables: [ShardTable]) throws(ShardError) {
    guard let first = tables.first else { return }
    var pathOfShard: [Int: String] = [:]
    for table in tables {
      let stamp = table.stamp
      guard stamp.requestID == first.stamp.requestID, stamp.total == first.stamp.total,
        stamp.shard.count == first.stamp.shard.count, table.header == first.header
      else { throw .mixed(path: table.path, other: first.path) }
      if let other = pathOfShard.updateValue(table.path, forKey: stamp.shard.number) {
        throw .twice(shard: stamp.shard.description, path: table.path, other: other)
      }
    }
    let count = first.stamp.shard.count
    let missing = (1...count).filter { pathOfShard[$0] == nil }
    if !missing.isEmpty { throw .missing(shards: missing.map { "\($0)/\(count)" }, count: count) }
  }

  private static func join(_ tables: [ShardTable], total: Int, into file: inout AtomicFile) throws {
    try file.append(Data(tables[0].header + [UInt8(ascii: "\n")]))
    // The table with the next row stands at the root.
    var heap = tables
    for table in heap { try table.advance() }
    for place in (0..<heap.count / 2).reversed() { sink(place, in: &heap) }
    var lines: [UInt8] = []
    for expected in 0..<total {
      let table = heap[0]
      guard table.index == expected else { throw try whatIsWrong(tables, found: table, expected: expected) }
      lines += table.row
      lines.append(UInt8(ascii: "\n"))
      if lines.count > 1 << 16 {
        try file.append(Data(lines))
        lines.removeAll(keepingCapacity: true)
      }
      try table.advance()
      sink(0, in: &heap)
    }
    try file.append(Data(lines))
    if let error = try incompleteTable(tables) { throw error }
  }

  private static func incompleteTable(_ tables: [ShardTable]) throws -> ShardError? {
    for table in tables {
      try table.countRest()
      if table.rows != table.stamp.rows {
        return .incomplete(path: table.path, rows: table.rows, expected: table.stamp.rows)
      }
    }
    return nil
  }

  private static func whatIsWrong(_ tables: [ShardTable], found: ShardTable, expected: Int) throws -> ShardError {
    let (line, index) = (found.line, found.index)
    return try incompleteTable(tables)
      ?? .damaged(path: found.path, line: line, reason: "row \(index) stands where row \(expected) belongs")
  }

  private static func sink(_ start: Int, in heap: inout [ShardTable]) {
    var place = start
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].index < heap[least].index {
        least = child
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }

  /// Each table is a file that is open.
  private static func raiseFileLimit(to count: Int) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < rlim_t(count) else {
      return
    }
    limit.rlim_cur = min(limit.rlim_max, rlim_t(count))
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
