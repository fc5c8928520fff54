import Inference

extension TestResults.Failure {
  /// How many pictures could not be read, and the first ten of them with the reason, a line each; empty for none.
  ///
  ///     2 pictures could not be read and were left out:
  ///       red/cut.jpg: the file is truncated
  ///       red/text.jpg: not a picture
  ///
  /// - Parameter table: the file that names them all.
  public static func lines(_ failures: [Self], table: String) -> [String] {
    if failures.isEmpty { return [] }
    let shown = failures.prefix(10)
    let rest = failures.count - shown.count
    let verb = failures.count == 1 ? "was" : "were"
    return ["\(counted(failures.count, "picture")) could not be read and \(verb) left out:"]
      + shown.map { "  \(TSV.escaped($0.path)): \($0.message)" }
      + (rest > 0 ? ["  and \(grouped(rest)) more, which \(table) names"] : [])
  }

  /// `file  split  status  message`; the split is empty where there is none.
  package static func table(_ failures: [Self]) -> String {
    ([["file", "split", "status", "message"]] + failures.map { [$0.path, $0.split ?? "", $0.status, $0.message] })
      .map { TSV.line($0) + "\n" }.joined()
  }
}
