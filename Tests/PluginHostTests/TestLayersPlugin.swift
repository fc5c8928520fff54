import Layers
import Networks
import PluginHost
import Schemas
import TestSupport

/// The plugin `test_layers` of `Tests/Plugins/test_layers`, loaded into this process.
enum TestLayersPlugin {
  static func library() throws -> PluginLibrary {
    try PluginHost.shared.load(file: BuiltPlugin.path("test_layers"))
  }

  static func layer(_ name: String, _ options: [String: OptionValue] = [:]) throws -> any Layer {
    _ = try library()
    return try LayerRegistry.layer(named: name, options: options)
  }

  /// A chain of layers behind an input.
  static func network(_ input: Int, _ layers: [(String, [String: OptionValue])]) throws -> Network {
    _ = try library()
    var builder = NetworkBuilder()
    var node = try builder.input([input])
    for (name, options) in layers { node = try builder.add(layer(name, options), inputs: [node]) }
    return try builder.network(output: node)
  }
}
