import PluginHost

/// What `wb.plugin "gem_pooling"` gives: id, version, and its layers and sources as fields.
final class PluginObject: RecipeObject {
  let library: PluginLibrary
  private let functions: [String: LuaRuntime.Handler]

  init(_ library: PluginLibrary, functions: [String: LuaRuntime.Handler]) {
    self.library = library
    self.functions = functions
  }

  static let kind = RecipeKind.plugin
  static let help = "A plugin, from `wb.plugin`; its layers and data sources are fields too, to be called."
  static let properties: [RecipeProperty<PluginObject>] = [
    .init("id", .string, "What the recipe asked for.") { .string($0.library.id) },
    .init("version", .string, "Of the plugin: `1.2.0`.") { .string($0.library.version) },
    .init("help", .string, "What it is for.") { .string($0.library.help) },
    .init("path", .string, "The file.") { .string($0.library.path) },
  ]

  var text: String { "plugin \(library.id) \(library.version)" }

  var propertyNames: [String] { Self.properties.map(\.field.name) + functions.keys.sorted() }

  func property(_ name: String) throws -> LuaValue? {
    if let property = Self.properties.first(where: { $0.field.name == name }) { return try property.read(self) }
    return functions[name].map { .object(PluginFunctionObject(name: name, handler: $0)) }
  }
}

/// A layer or source of a plugin before it is called: `plugin.gem_pooling`.
final class PluginFunctionObject: RecipeObject {
  private let name: String
  private let handler: LuaRuntime.Handler

  init(name: String, handler: @escaping LuaRuntime.Handler) {
    self.name = name
    self.handler = handler
  }

  static let kind = RecipeKind.pluginFunction
  static let help = "A layer or a data source of a plugin: call it with its options."

  var text: String { "function \(name) of a plugin" }

  func apply(_ call: LuaCall) throws -> LuaValue { try handler(call) }
}
