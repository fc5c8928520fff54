/// What can keep a soup from being made.
public enum SoupError: Error, Equatable, Sendable {
  /// The table `select` names none of its ways, or several.
  case selection
  /// No candidates at all; `what` is where they were looked for.
  case noCandidates(what: String)
  case missing(path: String)
  /// None of them can be used; `reason` is that of the first.
  case noneUsable(count: Int, first: String, reason: String)
  /// No candidate is at or above the threshold.
  case noneSelected(metric: String, best: Double)
  /// Two candidates are no versions of one model; `what` is a clause.
  case mismatch(file: String, reference: String, what: String)
  /// The split that is to decide, or the train split for batch norms' statistics, has no pictures.
  case emptySplit(split: String, purpose: String)
  /// The soup of models with finite numbers computes something that is none.
  case notFinite(metric: String)
  /// A wish to stop came; what was measured is kept.
  case interrupted(state: String, evaluated: Int)
}

extension SoupError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .selection: "'select' must have one of percentile, threshold and best"
    case .missing(let path): "\(path): there is no such file or folder"
    case .noCandidates(let what): "\(what): no models to make a soup of"
    case .noneUsable(let count, let first, let reason):
      "none of the \(count) models can be used; the first, \(first): \(reason)"
    case .noneSelected(let metric, let best):
      "no model reaches the threshold; the best \(metric) is \(best)"
    case .mismatch(let file, let reference, let what):
      "\(file) cannot be mixed with \(reference): \(what)"
    case .emptySplit(let split, let purpose): "the \(split) split has no pictures, but \(purpose)"
    case .notFinite(let metric): "the \(metric) of the soup is not a number, although its ingredients are finite"
    case .interrupted(let state, let evaluated):
      "stopped after \(evaluated) evaluations; saved in \(state), continue with --resume"
    }
  }
}
