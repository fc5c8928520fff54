/// How a prediction went.
public struct PredictionSummary: Equatable, Sendable {
  /// Rows.
  public private(set) var total = 0
  /// Rows of each status: `ok`, `unknown`, `truncated`, ...
  public private(set) var counts: [String: Int] = [:]
  /// Whether the table was there already, so that nothing was done.
  public var wasComplete = false

  public init() {}

  public var ok: Int { counts["ok"] ?? 0 }
  public var unknown: Int { counts["unknown"] ?? 0 }
  /// Pictures that could not be read.
  public var failed: Int { total - ok - unknown }

  mutating func add(_ status: String) {
    total += 1
    counts[status, default: 0] += 1
  }

  /// The statuses with their counts: `ok` and `unknown` first, then the most frequent.
  public var ranked: [(status: String, count: Int)] {
    func rank(_ status: String) -> Int { status == "ok" ? 0 : status == "unknown" ? 1 : 2 }
    return counts.map { ($0.key, $0.value) }.sorted { (rank($0.0), $1.1, $0.0) < (rank($1.0), $0.1, $1.0) }
  }
}

extension PredictionSummary: CustomStringConvertible {
  /// Follows the table's name and a colon: `48 files: 45 ok, 3 truncated`.
  public var description: String {
    let files = "\(total) file\(total == 1 ? "" : "s")"
    let rows = total == 0 ? files : "\(files): " + ranked.map { "\($0.count) \($0.status)" }.joined(separator: ", ")
    return wasComplete ? "is complete already: \(rows)" : rows
  }
}
