import Schemas

/// What a recipe declared by `wb.param`, and what `--set` made of it.
struct ParameterTable {
  private struct Entry {
    let name: String
    let defaultValue: LuaValue
    let value: LuaValue
    let help: String
  }

  private let settings: [String: String]
  private var entries: [Entry] = []

  init(settings: [String: String]) { self.settings = settings }

  /// `wb.param(name, default, help)`: the value of `--set name=...` as the default's type, else the default.
  mutating func declare(_ call: LuaCall) throws -> LuaValue {
    guard case .string(let name) = call[0], !name.isEmpty else {
      throw RequestError.parameter("param: the first argument must be the parameter's name, a string")
    }
    let help: String
    switch call[2] {
    case .none: help = ""
    case .string(let text): help = text
    default: throw RequestError.parameter("param '\(name)': the third argument must be a line of help")
    }
    if let earlier = entries.first(where: { $0.name == name }) {
      guard ParameterTable.text(earlier.defaultValue) == ParameterTable.text(call[1]) else {
        throw RequestError.parameter("param '\(name)' was declared before, with another default")
      }
      return earlier.value
    }
    let expected = try ParameterTable.expectation(call[1], name: name)
    var value = call[1]
    if let text = settings[name] {
      guard let parsed = ParameterTable.parse(text, like: call[1]) else {
        throw PositionedError(
          position: "",
          error: RecipeError.invalidSetting(position: call.position, name: name, text: text, expected: expected))
      }
      value = parsed
    }
    entries.append(Entry(name: name, defaultValue: call[1], value: value, help: help))
    return value
  }

  /// - Parameter exceptions: settings that may still be declared.
  /// - Throws: `RecipeError.unknownSetting` for the first setting, in order of name, that no `wb.param` has declared.
  func checkSettings(except exceptions: [String] = []) throws(RecipeError) {
    let names = entries.map(\.name)
    for name in settings.keys.sorted() where !names.contains(name) && !exceptions.contains(name) {
      throw .unknownSetting(name: name, suggestion: nearest(to: name, among: names), known: names)
    }
  }

  var resolved: [RecipeParameter] {
    entries.map { RecipeParameter(name: $0.name, value: ParameterTable.text($0.value), help: $0.help) }
  }

  private static func expectation(_ value: LuaValue, name: String) throws -> String {
    switch value {
    case .boolean: "true or false"
    case .integer: "an integer"
    case .number: "a number"
    case .string, .none: "a text"
    case .table(let table) where table.fields.isEmpty && !table.list.isEmpty && table.strayKey == nil:
      "a list such as " + text(value)
    default:
      throw RequestError.parameter(
        "param '\(name)': the default must be a boolean, a number, a string or a list of these, not "
          + value.kindDescription)
    }
  }

  /// nil when the text is not of the default's type. A parameter without a default is a text.
  private static func parse(_ text: String, like model: LuaValue) -> LuaValue? {
    switch model {
    case .boolean:
      return switch text.lowercased() {
      case "true", "yes", "on", "1": .boolean(true)
      case "false", "no", "off", "0": .boolean(false)
      default: nil
      }
    case .integer: return Int(text).map { .integer($0) }
    case .number: return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    case .table(let table):
      guard let first = table.list.first else { return nil }
      let parts = text.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }
      let values = parts.compactMap { parse(String($0), like: first) }
      return values.isEmpty || values.count != parts.count ? nil : .table(LuaTable(list: values))
    default: return .string(text)
    }
  }

  /// As it would stand after `--set name=`.
  private static func text(_ value: LuaValue) -> String {
    switch value {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .table(let table): table.list.map(text).joined(separator: ",")
    default: ""
    }
  }
}
