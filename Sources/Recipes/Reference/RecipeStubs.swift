import Foundation
import Schemas

/// Annotations of all that recipes can call, as the Lua language server (LuaLS) reads them: an editor then shows types,
/// defaults, ranges and help while a recipe is written.
///
/// The format: https://luals.github.io/wiki/annotations. The text is Lua that does nothing.
package struct RecipeStubs {
  private let surface: RecipeSurface
  private var lines: [String] = []
  private var records: [RecipeRecord] = []
  private var schemas: [Schema] = []

  private init(_ surface: RecipeSurface) { self.surface = surface }

  /// What `require "workbench"` gives, as a file named `workbench.lua`.
  package static func text(_ surface: RecipeSurface) -> String {
    var stubs = RecipeStubs(surface)
    stubs.write()
    return stubs.lines.joined(separator: "\n") + "\n"
  }

  private mutating func write() {
    // Functions first: they name the tables and records that must be declared.
    var functions: [String] = []
    for function in surface.functions { functions += declaration(function) }
    var classes: [String] = []
    for type in surface.classes { classes += declaration(type) }
    for plugin in surface.plugins { classes += declaration(plugin) }
    var tables: [String] = []
    var written = 0
    while written < schemas.count {
      tables += declaration(schemas[written])
      written += 1
    }
    lines = ["---@meta", "", "-- Made by `workbench stubs`: made anew, it loses what was changed here.", ""]
    lines += classes
    for record in allRecords() { lines += declaration(record) }
    lines += tables + header() + functions + ["return wb"]
  }

  /// Those that functions and classes name, and those within them.
  private mutating func allRecords() -> [RecipeRecord] {
    var done = 0
    while done < records.count {
      for field in records[done].fields { _ = text(field.type) }
      done += 1
    }
    return records
  }

  // MARK: Declarations

  private func header() -> [String] {
    var result = [comment("All that recipes can call: `local wb = require \"workbench\"`."), "---@class workbench"]
    for constant in surface.constants {
      result.append("---@field \(constant.name) \(plainText(constant.type)) \(Self.oneLine(constant.help))")
    }
    result += ["local wb = {}", ""]
    let spaces = surface.functions.compactMap { $0.name.contains(".") ? $0.name.split(separator: ".").first : nil }
    var seen: Set<Substring> = []
    for space in spaces where seen.insert(space).inserted {
      result += ["---@class workbench.\(space)", "wb.\(space) = {}", ""]
    }
    return result
  }

  private mutating func declaration(_ function: RecipeFunction) -> [String] {
    var result = [comment(function.help)]
    if function.isGeneric { result.append("---@generic T") }
    for parameter in function.parameters {
      result.append(parameterLine(parameter))
    }
    if let type = function.result { result.append("---@return \(text(type))") }
    if function.name == RecipeSession.pluginFunction.name {
      result += surface.plugins.map { "---@overload fun(id: \"\($0.id)\"): \(Self.name($0))" }
    }
    let parameters = function.parameters.map(\.name).joined(separator: ", ")
    var path = function.name.split(separator: ".").map(String.init)
    let last = path.removeLast()
    let owner = (["wb"] + path).joined(separator: ".")
    result +=
      Self.keywords.contains(last)
      ? ["\(owner)[\"\(last)\"] = function(\(parameters)) end", ""]
      : ["function \(owner).\(last)(\(parameters)) end", ""]
    return result
  }

  private mutating func parameterLine(_ parameter: RecipeField) -> String {
    let (type, mark) = optional(parameter.type)
    let help = Self.oneLine(parameter.help)
    return "---@param \(parameter.name)\(mark) \(text(type))" + (help.isEmpty ? "" : " " + help)
  }

  private mutating func declaration(_ type: RecipeClass) -> [String] {
    let name = Self.name(type.kind)
    var result = [comment(type.help), "---@class \(name)"]
    for property in type.properties { result.append(field(property)) }
    switch type.kind {
    case .node:
      result += ["add", "mul"].map { "---@operator \($0)(\(name)): \(name)" }
    case .layer:
      let node = Self.name(.node)
      result += ["---@overload fun(...: \(node)): \(node)", "---@overload fun(nodes: \(node)[]): \(node)"]
    default: break
    }
    let local = "\(type.kind)"
    result += ["local \(local) = {}", ""]
    for method in type.methods {
      result.append(comment(method.help))
      for parameter in method.parameters { result.append(parameterLine(parameter)) }
      if let type = method.result { result.append("---@return \(text(type))") }
      result += ["function \(local):\(method.name)(\(method.parameters.map(\.name).joined(separator: ", "))) end", ""]
    }
    return result
  }

  /// What `wb.plugin` gives for this one.
  private mutating func declaration(_ plugin: RecipeSurface.Plugin) -> [String] {
    var result = [comment(plugin.help), "---@class \(Self.name(plugin)): \(Self.name(.plugin))"]
    for function in plugin.layers + plugin.sources {
      let name = function.name.split(separator: ".").last.map(String.init) ?? function.name
      let type = RecipeType.function(function.parameters, returns: function.result)
      result.append("---@field \(Self.key(name)) \(text(type)) \(Self.oneLine(function.help.sentence))")
    }
    return result + [""]
  }

  private mutating func declaration(_ record: RecipeRecord) -> [String] {
    [comment(record.help), "---@class workbench.\(record.name)"] + record.fields.map { field($0) } + [""]
  }

  private mutating func declaration(_ schema: Schema) -> [String] {
    var result = [comment(schema.help), "---@class (exact) \(Self.name(schema))"]
    if let element = RecipeSurface.listType(of: schema) {
      result.append("---@field [integer] \(text(.optional(element)))")
    }
    for option in schema.options {
      var help = [option.help.sentence]
      if let range = option.range { help.append("\(range).".sentence) }
      if let preset = option.defaultText { help.append("Default: `\(preset)`.") }
      let mark = option.isRequired ? "" : "?"
      result.append(
        "---@field \(Self.key(option.name))\(mark) \(text(option)) \(Self.oneLine(help.joined(separator: " ")))")
    }
    return result + [""]
  }

  private mutating func field(_ field: RecipeField) -> String {
    let (type, mark) = optional(field.type)
    return "---@field \(Self.key(field.name))\(mark) \(text(type)) \(Self.oneLine(field.help.sentence))"
  }

  // MARK: Types

  private func optional(_ type: RecipeType) -> (RecipeType, String) {
    if case .optional(let inner) = type { return (inner, "?") }
    return (type, "")
  }

  /// Of a type that names no table.
  private func plainText(_ type: RecipeType) -> String {
    var copy = self
    return copy.text(type)
  }

  private mutating func text(_ type: RecipeType) -> String {
    switch type {
    case .boolean: return "boolean"
    case .integer: return "integer"
    case .number: return "number"
    case .string: return "string"
    case .table: return "table"
    case .generic: return "T"
    case .choice(let words): return Self.union(words)
    case .list(let element): return list(of: text(element))
    case .map(let element): return "table<string, \(text(element))>"
    case .object(let kind): return Self.name(kind)
    case .oneOf(let name, let kinds):
      let type = "workbench.\(name)"
      if !records.contains(where: { $0.name == name }) {
        records.append(
          RecipeRecord(
            "\(name): " + kinds.map(Self.name).joined(separator: ", "),
            help: RecipeType.oneOf(name, kinds).phrase.sentence, fields: []))
      }
      return type
    case .either(let types): return types.map { text($0) }.joined(separator: "|")
    case .optional(let type): return list(of: text(type), suffix: "?")
    case .record(let record):
      if !records.contains(where: { $0.name == record.name }) { records.append(record) }
      return "workbench.\(record.name)"
    case .options(let schema):
      if !schemas.contains(where: { $0.name == schema.name }) { schemas.append(schema) }
      // A table without names is a list to the language servers, and no table of options.
      let list = RecipeSurface.listType(of: schema).map { "|" + text(.list($0)) } ?? ""
      return Self.name(schema) + list
    case .function(let parameters, let result):
      let list = parameters.map { parameter in
        let (type, mark) = optional(parameter.type)
        return "\(parameter.name)\(mark): \(text(type))"
      }.joined(separator: ", ")
      return "fun(\(list))" + (result.map { ": \(text($0))" } ?? "")
    }
  }

  private mutating func text(_ option: OptionSchema) -> String {
    if let table = RecipeSurface.tableSchema(of: option) { return text(.options(table)) }
    return text(option.kind, of: option)
  }

  private mutating func text(_ kind: OptionKind, of option: OptionSchema) -> String {
    switch kind {
    case .boolean: return "boolean"
    case .integer: return "integer"
    case .number: return "number"
    case .string: return "string"
    case .table: return "table"
    case .choice(let words): return Self.union(words)
    case .list(let element): return list(of: text(element, of: option))
    case .either(let kinds): return kinds.map { text($0, of: option) }.joined(separator: "|")
    case .reference(let words):
      let types = words.map { word in
        if word == "function" { return "(\(text(RecipeSurface.functionType(of: option))))" }
        return RecipeKind.allCases.first { $0.word == word }.map(Self.name) ?? "any"
      }
      return types.joined(separator: "|")
    }
  }

  private func list(of element: String, suffix: String = "[]") -> String {
    element.contains("|") || element.hasPrefix("fun") ? "(\(element))\(suffix)" : element + suffix
  }

  // MARK: Names and texts

  private static func union(_ words: [String]) -> String {
    words.map { OptionValue.string($0).lua }.joined(separator: "|")
  }

  private static func name(_ kind: RecipeKind) -> String {
    "workbench." + "\(kind)".prefix(1).uppercased() + "\(kind)".dropFirst()
  }

  private static func name(_ plugin: RecipeSurface.Plugin) -> String { "workbench.plugin.\(plugin.id)" }

  private static func name(_ schema: Schema) -> String { "workbench.options.\(schema.name)" }

  private static func key(_ name: String) -> String { keywords.contains(name) ? "[\"\(name)\"]" : name }

  private static func oneLine(_ text: String) -> String {
    text.split { $0.isNewline || $0.isWhitespace || $0.unicodeScalars.contains { $0.value < 32 } }.joined(
      separator: " ")
  }

  private func comment(_ text: String) -> String { "--- " + Self.oneLine(text.sentence) }

  static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not",
    "or", "repeat", "return", "then", "true", "until", "while",
  ]
}

extension RecipeFunction {
  fileprivate var isGeneric: Bool { parameters.contains { $0.type.isGeneric } }
}

extension RecipeType {
  fileprivate var isGeneric: Bool {
    switch self {
    case .generic: true
    case .list(let type), .map(let type), .optional(let type): type.isGeneric
    case .either(let types): types.contains { $0.isGeneric }
    case .function(let fields, let result): fields.contains { $0.type.isGeneric } || result?.isGeneric == true
    default: false
    }
  }
}
