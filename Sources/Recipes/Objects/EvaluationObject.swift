import Datasets
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

  static let kind = RecipeKind.evaluation
  static let help = "The figures of a model on one split, from `wb.evaluate`; not-a-number in check mode."
  static let properties: [RecipeProperty<EvaluationObject>] = [
    .init("accuracy", .number, "The share of pictures whose class was found.") {
      .number($0.results?.accuracy ?? .nan)
    },
    .init("macro_f1", .number, "The mean of the classes' F1 scores.") { .number($0.results?.macroF1 ?? .nan) },
    .init("aucpr", .number, "The area under the precision-recall curve of all pairs of picture and class.") {
      .number($0.results?.aucpr ?? .nan)
    },
    .init("loss", .number, "The mean cross-entropy.") { .number($0.results?.loss ?? .nan) },
    .init("count", .integer, "Pictures.") { .integer($0.results?.count ?? 0) },
    .init("split", .choice(Split.allCases.map(\.rawValue)), "Which pictures.") { .string($0.split) },
    .init("classes", .list(.string), "The names of the classes.") {
      .table(LuaTable(list: ($0.results?.classes ?? []).map { .string($0) }))
    },
    .init("confusion", .list(.list(.integer)), "Pictures by true class (row) and found class.") {
      .table($0.confusion)
    },
    .init("per_class", .list(.record(classScores)), "The scores of each class.") { .table($0.perClass) },
  ]
  static let methods = [
    RecipeFunction(
      "save", help: "Writes tables and report of all evaluations so far into the run folder.",
      result: .object(.evaluation)),
    RecipeFunction("print", help: "Prints the figures and the confusion matrix."),
  ]

  private static let classScores = RecipeRecord(
    "ClassScores", help: "The scores of one class.",
    fields: [
      RecipeField("class", .string, "The name of the class."),
      RecipeField("precision", .number, "The share that is right of the pictures put into the class."),
      RecipeField("recall", .number, "The share that was found of the pictures of the class."),
      RecipeField("f1", .number, "The harmonic mean of the two."),
      RecipeField("count", .integer, "Pictures of the class."),
    ])

  var text: String { results?.headline ?? "an evaluation of the \(split) split, not computed" }

  private var confusion: LuaTable {
    let count = results?.classes.count ?? 0
    return LuaTable(
      list: (0..<count).map { row in
        .table(LuaTable(list: (0..<count).map { .integer(results?.confusion[row, $0] ?? 0) }))
      })
  }

  private var perClass: LuaTable {
    LuaTable(
      list: zip(results?.classes ?? [], results?.confusion.perClass ?? []).map { name, score in
        .table(
          LuaTable(fields: [
            "class": .string(name), "precision": .number(score.precision), "recall": .number(score.recall),
            "f1": .number(score.f1), "count": .integer(score.support),
          ]))
      })
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

  static let kind = RecipeKind.prediction
  static let help = "A table of predicted classes, from `wb.predict`."
  static let properties: [RecipeProperty<PredictionObject>] = [
    .init("path", .string, "The table that was written.") { .string($0.path) },
    .init("total", .integer, "Files.") { .integer($0.summary.total) },
    .init("failed", .integer, "Files that could not be read.") { .integer($0.summary.failed) },
    .init("unknown", .integer, "Pictures below `reject`.") { .integer($0.summary.unknown) },
  ]

  var text: String {
    "\(path): \(counted(summary.total, "file")), \(summary.failed) failed, \(summary.unknown) unknown"
  }
}
