import Datasets
import Reports
import Training

/// What `wb.soup` gives.
final class SoupObject: RecipeObject {
  let model: ModelObject
  /// nil in check mode.
  let result: SoupResult?
  let split: String
  let metric: SoupMetric

  init(model: ModelObject, result: SoupResult?, split: String, metric: SoupMetric) {
    self.model = model
    self.result = result
    self.split = split
    self.metric = metric
  }

  static let kind = RecipeKind.soup
  static let help = "One model made of several, from `wb.soup`; its figures are not-a-number in check mode."
  static let properties: [RecipeProperty<SoupObject>] = [
    .init("model", .object(.model), "The soup.") { .object($0.model) },
    .init("value", .number, "Its value in the metric, on the split that decided.") {
      .number($0.result?.value ?? .nan)
    },
    .init("best", .number, "The value of the best candidate alone.") { .number($0.result?.bestValue ?? .nan) },
    .init("metric", .choice(SoupMetric.allCases.map(\.rawValue)), "What decided.") { .string($0.metric.rawValue) },
    .init("split", .choice(Split.allCases.map(\.rawValue)), "Which pictures decided.") { .string($0.split) },
    .init("ingredients", .list(.string), "The files (or names) of what is in it, the best first.") {
      .table(LuaTable(list: ($0.result?.ingredients ?? []).map { .string($0) }))
    },
    .init("decisions", .list(.record(decision)), "What became of each candidate; empty in check mode.") {
      .table(LuaTable(list: ($0.result?.rows ?? []).map { .table($0.luaTable) }))
    },
  ]

  private static let decision = RecipeRecord(
    "SoupDecision", help: "What became of one candidate of a soup.",
    fields: [
      RecipeField("rank", .optional(.integer), "Its place among the candidates, from 1; nil when it cannot be used."),
      RecipeField("file", .string, "The file, or the model's name."),
      RecipeField("value", .optional(.number), "Its own value."),
      RecipeField("with_it", .optional(.number), "The value of the soup with it, where that was measured."),
      RecipeField("decision", .choice(SoupRow.Decision.allCases.map(\.rawValue)), "What became of it."),
      RecipeField("message", .string, "Why it cannot be used."),
    ])

  var text: String {
    guard let result else { return "a soup, not made" }
    return "a soup of \(counted(result.ingredients.count, "model")), \(metric.rawValue) "
      + RecipeSession.fixed(result.value)
  }
}

extension SoupRow {
  fileprivate var luaTable: LuaTable {
    var table = LuaTable(fields: [
      "file": .string(file), "decision": .string(decision.rawValue), "message": .string(message),
    ])
    if let rank { table.fields["rank"] = .integer(rank) }
    if let value { table.fields["value"] = .number(value) }
    if let soupValue { table.fields["with_it"] = .number(soupValue) }
    return table
  }
}
