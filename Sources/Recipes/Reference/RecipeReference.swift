import Foundation
import Schemas

/// The reference of all that recipes can call and are handed, made from the schemas that check them.
public enum RecipeReference {
  /// The tables of `docs/recipes.md`, as Markdown.
  public static var markdown: String {
    let surface = RecipeSurface()
    var parts = surface.sections.flatMap(section)
    parts += ["## Values", ""] + surface.classes.flatMap(values)
    return parts.joined(separator: "\n")
  }

  private static func section(_ section: RecipeSurface.Section) -> [String] {
    ["## \(section.title)", ""] + section.functions.flatMap(function)
  }

  private static func function(_ function: RecipeFunction) -> [String] {
    guard let schema = function.schema else {
      return ["### `wb.\(signature(function))`", "", function.help.sentence, ""]
        + ["| argument | is | |", "|---|---|---|"] + function.parameters.map(row) + [""]
    }
    var lines = ["### `wb.\(function.name)`", "", schema.help.sentence, ""] + table(schema)
    lines += innerTables(schema, path: "")
    return lines
  }

  /// The tables that options of this schema take, and those that theirs take.
  private static func innerTables(_ schema: Schema, path: String) -> [String] {
    schema.options.flatMap { option -> [String] in
      // The shares of a split are explained where they stand.
      guard let inner = RecipeSurface.tableSchema(of: option), option.name != "split" else { return [] }
      let name = path + option.name
      return ["### The table `\(name)`", "", inner.help.sentence, ""] + table(inner)
        + innerTables(inner, path: name + ".")
    }
  }

  private static func values(_ type: RecipeClass) -> [String] {
    if type.properties.isEmpty && type.methods.isEmpty { return [] }
    let methods = type.methods.map { method in
      "| `:\(signature(method))` | \(escaped(method.result?.phrase ?? "")) | \(escaped(method.help.sentence)) |"
    }
    let title = type.kind.word.prefix(1).uppercased() + type.kind.word.dropFirst()
    return ["### \(title)", "", type.help.sentence, "", "| | is | |", "|---|---|---|"] + type.properties.map(row)
      + methods + [""] + type.methods.flatMap { options(of: $0, type) }
  }

  /// The options of a method that takes a table of them.
  private static func options(of method: RecipeFunction, _ type: RecipeClass) -> [String] {
    guard let schema = method.schema else { return [] }
    return ["### `\(type.kind.word):\(method.name)`", "", schema.help.sentence, ""] + table(schema)
  }

  private static func signature(_ function: RecipeFunction) -> String {
    "\(function.name)(\(function.parameters.map(\.name).joined(separator: ", ")))"
  }

  private static func row(_ field: RecipeField) -> String {
    "| `\(field.name)` | \(escaped(field.type.phrase)) | \(escaped(field.help.sentence)) |"
  }

  private static func table(_ schema: Schema) -> [String] {
    if schema.options.isEmpty { return ["It has no options.", ""] }
    let rows = schema.options.map { option in
      let kind = ([option.kind.description] + [option.range].compactMap(\.self)).joined(separator: ", ")
      let preset = option.isRequired ? "required" : option.defaultText.map { "`\($0)`" } ?? ""
      return "| `\(option.name)` | \(escaped(kind)) | \(preset) | \(escaped(option.help.sentence)) |"
    }
    return ["| option | is | default | |", "|---|---|---|---|"] + rows + [""]
  }

  private static func escaped(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }
}
