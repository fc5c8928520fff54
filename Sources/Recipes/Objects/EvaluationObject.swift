import Inference
import Reports

/// What `wb.evaluate` gives.
final class EvaluationObject: RecipeObject {
  /// nil in check mode: every figure is then NaN.
  let results: TestResults?
  let split: String

  init(results: TestResults?, split: String) {
    self.results = results
    self.split = split
  }

  var kind: RecipeKind { .evaluation }
  var text: String { results?.headline ?? "an evaluation of the \(split) split, not computed" }
  var propertyNames: [String] {
    ["accuracy", "macro_f1", "aucpr", "loss", "count", "split", "classes", "confusion", "per_class", "save", "print"]
  }

  func property(_ name: String) -> LuaValue? {
    switch name {
    case "accuracy": return .number(results?.accuracy ?? .nan)
    case "macro_f1": return .number(results?.macroF1 ?? .nan)
    case "aucpr": return .number(results?.aucpr ?? .nan)
    case "loss": return .number(results?.loss ?? .nan)
    case "count": return .integer(results?.count ?? 0)
    case "split": return .string(split)
    case "classes": return .table(LuaTable(list: (results?.classes ?? []).map { .string($0) }))
    case "confusion":
      let count = results?.classes.count ?? 0
      return .table(
        LuaTable(
          list: (0..<count).map { row in
            .table(LuaTable(list: (0..<count).map { .integer(results?.confusion[row, $0] ?? 0) }))
          }))
    case "per_class":
      return .table(
        LuaTable(
          list: zip(results?.classes ?? [], results?.confusion.perClass ?? []).map { name, score in
            .table(
              LuaTable(fields: [
                "class": .string(name), "precision": .number(score.precision), "recall": .number(score.recall),
                "f1": .number(score.f1), "count": .integer(score.support),
              ]))
          }))
    default: return nil
    }
  }
}

/// What `wb.predict` gives.
final class PredictionObject: RecipeObject {
  let summary: PredictionSummary
  /// The table that was written.
  let path: String

  init(summary: PredictionSummary, path: String) {
    self.summary = summary
    self.path = path
  }

  var kind: RecipeKind { .prediction }
  var text: String {
    "\(path): \(counted(summary.total, "file")), \(summary.failed) failed, \(summary.unknown) unknown"
  }
  var propertyNames: [String] { ["path", "total", "failed", "unknown"] }

  func property(_ name: String) -> LuaValue? {
    switch name {
    case "path": .string(path)
    case "total": .integer(summary.total)
    case "failed": .integer(summary.failed)
    case "unknown": .integer(summary.unknown)
    default: nil
    }
  }
}
