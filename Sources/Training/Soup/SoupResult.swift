import Inference
import ModelFiles

/// What became of one candidate.
public struct SoupRow: Codable, Equatable, Sendable {
  public enum Decision: String, CaseIterable, Codable, Sendable {
    /// It is in the soup.
    case kept
    /// It would have made the soup worse.
    case dropped
    /// It was not good enough to be an ingredient.
    case notSelected = "not_selected"
    /// It cannot be read, or does not compute numbers.
    case unusable
  }

  /// From 1: its place among the candidates; nil when it cannot be used.
  public var rank: Int?
  public var file: String
  /// Of the candidate alone.
  public var value: Double?
  /// Of the soup with it; nil where that was not measured.
  public var soupValue: Double?
  public var decision: Decision
  /// Why it cannot be used.
  public var message = ""
}

/// A soup, and how it came about.
public struct SoupResult: Sendable {
  public let model: Model
  public let metric: SoupMetric
  /// Of the soup, on the split that decided.
  public let value: Double
  public let split: String
  /// Ingredients by rank, then the other candidates by rank, then those that cannot be used.
  public let rows: [SoupRow]

  /// The value of the best candidate alone.
  public var bestValue: Double? { rows.first { $0.rank == 1 }?.value }
  /// The names of what is in the soup, the best first.
  public var ingredients: [String] { rows.filter { $0.decision == .kept }.map(\.file) }

  /// `soup.tsv`
  public static func table(_ rows: [SoupRow], metric: SoupMetric) -> String {
    let name = metric.rawValue
    let lines = rows.map { row in
      TSV.line([
        row.rank.map { "\($0)" } ?? "", row.file, row.value.map { "\($0)" } ?? "",
        row.soupValue.map { "\($0)" } ?? "", row.decision.rawValue, row.message,
      ])
    }
    return ([TSV.line(["rank", "file", name, "\(name)_with_it", "decision", "message"])] + lines)
      .joined(separator: "\n") + "\n"
  }
}
