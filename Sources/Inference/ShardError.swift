/// Why tables of shards cannot be joined.
public enum ShardError: Error, Equatable, Sendable {
  case notAShard(path: String)
  /// Shards of two predictions: another model, other options, or other files.
  case mixed(path: String, other: String)
  case twice(shard: String, path: String, other: String)
  case missing(shards: [String], count: Int)
  /// The table has fewer or more rows than it says.
  case incomplete(path: String, rows: Int, expected: Int)
  case damaged(path: String, line: Int, reason: String)
}

extension ShardError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notAShard(let path): "\(path): is not the table of a shard (as predict --shard I/N writes it)"
    case .mixed(let path, let other):
      "\(path): is of another prediction than \(other): the model, the options or the files were not the same"
    case .twice(let shard, let path, let other): "\(path): holds shard \(shard), and so does \(other)"
    case .missing(let shards, let count):
      "shard\(shards.count == 1 ? "" : "s") \(shards.prefix(10).joined(separator: ", "))"
        + "\(shards.count > 10 ? ", ..." : "") of \(count) \(shards.count == 1 ? "is" : "are") missing"
    case .incomplete(let path, let rows, let expected):
      "\(path): is not complete: it has \(rows) of its \(expected) rows"
    case .damaged(let path, let line, let reason): "\(path):\(line): \(reason)"
    }
  }
}
