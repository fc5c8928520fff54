import Inference

/// What ingredients and soups are judged by: a figure of `Evaluation`, and which of two is better.
public enum SoupMetric: String, CaseIterable, Codable, Sendable {
  case accuracy
  case macroF1 = "macro_f1"
  case aucpr
  case loss

  /// Whether more is better; a loss is to fall.
  public var isHigherBetter: Bool { self != .loss }

  public func value(of evaluation: Evaluation) -> Double {
    switch self {
    case .accuracy: evaluation.accuracy
    case .macroF1: evaluation.macroF1
    case .aucpr: evaluation.aucpr
    case .loss: evaluation.loss
    }
  }

  /// Makes a number of a value that is larger for the better.
  func merit(_ value: Double) -> Double { isHigherBetter ? value : -value }
}
