import Foundation
import Images
import Layers
import Schemas
import Training

/// The reference of all that recipes can call, made from the schemas that check them.
public enum RecipeReference {
  /// The tables of `docs/recipes.md`, as Markdown.
  public static var markdown: String {
    var parts: [String] = []
    parts += section("Data", [RecipeSession.folderSchema, RecipeSession.manifestSchema, RecipeSession.recordSchema])
    parts += section("Augmentations", AugmentationRegistry.schemas.map { prefixed("augment", $0) })
    parts += section(
      "Networks",
      [
        RecipeSession.inputSchema, RecipeSession.sequentialSchema, RecipeSession.modelSchema,
        RecipeSession.initializeSchema,
      ])
    parts += section("Layers", LayerRegistry.all.map { RecipeSession.recipeSchema(of: $0) })
    parts += section("Training", [RecipeSession.trainSchema])
    parts += ["### The table `stop`", "", EarlyStopping.schema.help, ""] + table(EarlyStopping.schema)
    parts += section("Losses", LossRegistry.all.map { prefixed("loss", $0.schema) })
    parts += section("Optimizers", OptimizerRegistry.all.map { prefixed("optimizer", $0.schema) })
    parts += section("Schedules", ScheduleRegistry.all.map { prefixed("schedule", $0.schema) })
    parts += section("Use", [RecipeSession.evaluateSchema, RecipeSession.predictSchema, RecipeSession.loadSchema])
    return parts.joined(separator: "\n")
  }

  private static func prefixed(_ namespace: String, _ schema: Schema) -> Schema {
    Schema("\(namespace).\(schema.name)", help: schema.help, options: schema.options)
  }

  private static func section(_ title: String, _ schemas: [Schema]) -> [String] {
    ["## \(title)", ""] + schemas.flatMap { ["### `wb.\($0.name)`", "", sentence($0.help), ""] + table($0) }
  }

  private static func table(_ schema: Schema) -> [String] {
    if schema.options.isEmpty { return ["It has no options.", ""] }
    let rows = schema.options.map { option in
      "| `\(option.name)` | \(kind(option)) | \(defaultText(option)) | \(escaped(sentence(option.help))) |"
    }
    return ["| option | is | default | |", "|---|---|---|---|"] + rows + [""]
  }

  private static func kind(_ option: OptionSchema) -> String {
    let range =
      switch (option.minimum, option.maximum) {
      case (let low?, let high?): ", \(plain(low)) to \(plain(high))"
      case (let low?, nil): ", \(plain(low)) or more"
      case (nil, let high?): ", \(plain(high)) or less"
      default: ""
      }
    return escaped(option.kind.description + range)
  }

  private static func defaultText(_ option: OptionSchema) -> String {
    if option.isRequired { return "required" }
    return option.defaultValue.map { "`\(lua($0))`" } ?? ""
  }

  /// As a recipe would write it.
  private static func lua(_ value: OptionValue) -> String {
    switch value {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): plain(value)
    case .string(let value): "\"\(value)\""
    case .list(let values): values.isEmpty ? "{}" : "{ " + values.map(lua).joined(separator: ", ") + " }"
    case .table(let values):
      values.isEmpty
        ? "{}"
        : "{ " + values.sorted { $0.key < $1.key }.map { "\($0.key) = \(lua($0.value))" }.joined(separator: ", ") + " }"
    case .reference(let kind, _): kind
    }
  }

  private static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

  /// With a capital letter and a full stop: the schemas of different rooms differ in these.
  private static func sentence(_ text: String) -> String {
    let capital = text.first.map { $0 == "`" ? String($0) : $0.uppercased() } ?? ""
    return capital + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }

  private static func escaped(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }
}
