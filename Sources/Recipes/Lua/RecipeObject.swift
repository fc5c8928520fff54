/// What recipes can hold besides plain values.
package enum RecipeKind: Int32, CaseIterable {
  case layer, node, model, dataset, loss, optimizer, schedule, augmentation, run, evaluation, prediction, plugin
  case checkpoint, soup, pluginFunction

  /// As schemas and messages name it.
  package var word: String {
    switch self {
    case .dataset: "data set"
    case .pluginFunction: "plugin function"
    default: "\(self)"
    }
  }

  /// With its article: `an optimizer`.
  package var phrase: String { ("aeiou".contains(word.first ?? "x") ? "an " : "a ") + word }
}

/// A Swift value that a recipe holds by reference. Lua keeps it alive; it dies when Lua collects it and Swift lets go.
package protocol RecipeObject: AnyObject {
  static var kind: RecipeKind { get }
  /// One line: what it is, and what gives one.
  static var help: String { get }
  /// All that `object.name` answers, besides the methods.
  static var properties: [RecipeProperty<Self>] { get }
  /// What the session defines by `LuaRuntime.defineMethod`.
  static var methods: [RecipeFunction] { get }
  /// Names for suggestions.
  var propertyNames: [String] { get }
  /// nil when there is no such property.
  func property(_ name: String) throws -> LuaValue?
  /// What `tostring` and `print` show.
  var text: String { get }
  /// `object(...)`. - Throws: `RequestError.cannotCall` unless it can be called.
  func apply(_ call: LuaCall) throws -> LuaValue
}

extension RecipeObject {
  package static var properties: [RecipeProperty<Self>] { [] }
  package static var methods: [RecipeFunction] { [] }

  package var kind: RecipeKind { Self.kind }

  package var propertyNames: [String] { Self.properties.map(\.field.name) + Self.methods.map(\.name) }

  package func property(_ name: String) throws -> LuaValue? {
    try Self.properties.first { $0.field.name == name }?.read(self)
  }

  package func apply(_ call: LuaCall) throws -> LuaValue { throw RequestError.cannotCall(kind.phrase) }

  package static var declaration: RecipeClass {
    RecipeClass(kind: kind, help: help, properties: properties.map(\.field), methods: methods)
  }
}

/// A function of a recipe.
package final class LuaFunction {
  package let id: Int
  private unowned let runtime: LuaRuntime

  init(id: Int, runtime: LuaRuntime) {
    self.id = id
    self.runtime = runtime
  }

  /// - Throws: `LuaFailure` when the function raises an error, or the run is to stop.
  package func call(_ arguments: [LuaValue]) throws(LuaFailure) -> LuaValue {
    try runtime.call(self, arguments)
  }
}

/// A table that lives in Lua: what a function writes into it is there at the next call.
package final class SharedTable {
  let number: Int
  private unowned let runtime: LuaRuntime

  init(number: Int, runtime: LuaRuntime) {
    self.number = number
    self.runtime = runtime
  }

  /// A copy of what it holds now.
  package func read() throws(LuaFailure) -> LuaTable { try runtime.read(self) }
  package func write(_ table: LuaTable) throws(LuaFailure) { try runtime.write(table, to: self) }
}

/// A call from a recipe into Swift.
package struct LuaCall {
  /// A method's first argument is its object.
  package let arguments: [LuaValue]
  /// `recipe.lua:14`, where the call stands.
  package let position: String

  package subscript(index: Int) -> LuaValue { index < arguments.count ? arguments[index] : .none }
}

/// An error that Lua code raised, as a value.
package struct LuaFailure: Error {
  package enum Kind { case syntax, script, memory, stopped }

  package let kind: Kind
  /// With the position in front.
  package let message: String
  /// Lines like `recipe.lua:14: in function 'block'`; empty when there is only the main chunk.
  package let traceback: String
}
