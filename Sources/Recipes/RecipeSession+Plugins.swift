import Foundation
import Layers
import Networks
import PluginHost
import Schemas

extension RecipeSession {
  static let pluginFunction = RecipeFunction(
    "plugin", help: "Loads a plugin; from then on `wb` has its layers, and `wb.data` its sources.",
    parameters: [
      RecipeField("id", .string, "The plugin's id. A path takes --trust, or --plugin with the same path.")
    ], result: .object(.plugin))

  func definePlugins(in runtime: LuaRuntime) throws {
    try define("plugin", in: runtime) { [unowned self, unowned runtime] in try plugin($0, runtime) }
  }

  private func plugin(_ call: LuaCall, _ runtime: LuaRuntime) throws -> LuaValue {
    guard case .string(let name) = call[0], call.arguments.count == 1 else {
      throw RequestError.invalid(
        owner: "plugin",
        reason: "the argument must be a plugin's id, as in wb.plugin \"gem_pooling\", not \(call[0].kindDescription)")
    }
    let library = try find(name)
    if let object = plugins.first(where: { $0.library === library }) { return .object(object) }
    let object = PluginObject(library, functions: try define(library, in: runtime))
    plugins.append(object)
    return .object(object)
  }

  private func find(_ name: String) throws(RequestError) -> PluginLibrary {
    let isPath = name.contains("/") || name.hasSuffix(".so")
    if isPath {
      if let library = PluginHost.shared.loaded(path: name) { return library }
      guard configuration.trust else {
        throw .invalid(
          owner: "plugin",
          reason: "'\(name)': a plugin is native code, which a recipe may load by its path only with --trust; give the "
            + "plugin's id, or the path on the command line (--plugin)")
      }
    }
    do throws(PluginError) {
      return isPath ? try PluginHost.shared.load(file: name) : try PluginHost.shared.plugin(name)
    } catch {
      throw .invalid(owner: "plugin", reason: "\(error)")
    }
  }

  /// Makes what the plugin brings part of `wb`.
  ///
  /// - Returns: its functions under their bare names, for the plugin's object.
  private func define(_ library: PluginLibrary, in runtime: LuaRuntime) throws -> [String: LuaRuntime.Handler] {
    var functions: [String: LuaRuntime.Handler] = [:]
    for type in library.layers {
      // The host has registered them.
      guard let kind = LayerRegistry.kind(named: type.name) else { continue }
      functions[type.name] = { try Self.makeLayer(kind, $0) }
    }
    let sources = sourceFunctions(of: library)
    for name in functions.keys.sorted() + sources.keys.sorted().map({ "data.\($0)" }) where names.contains(name) {
      throw RequestError.invalid(
        owner: "plugin", reason: "'\(library.id)' brings '\(name)', but there is a wb.\(name)")
    }
    for (name, handler) in functions.sorted(by: { $0.key < $1.key }) { try define(name, in: runtime, handler) }
    for (name, handler) in sources.sorted(by: { $0.key < $1.key }) { try define("data.\(name)", in: runtime, handler) }
    return functions.merging(sources) { layer, _ in layer }
  }

  /// The plugins that this run computes with: those that the recipe asks for, and those of the models that it loads.
  var pluginOrigins: [LayerOrigin] {
    let asked = plugins.map { LayerOrigin(plugin: $0.library.id, version: $0.library.version) }
    var seen: Set<LayerOrigin> = []
    return (asked + loadedOrigins).filter { seen.insert($0).inserted }.sorted { $0.plugin < $1.plugin }
  }
}
