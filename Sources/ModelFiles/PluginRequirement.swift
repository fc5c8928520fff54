import Foundation
import Layers
import Networks
import PluginHost

/// A plugin without which a model cannot be built, as the model's file names it.
struct PluginRequirement: Codable, Equatable {
  let plugin: String
  let version: String

  init(_ origin: LayerOrigin) {
    plugin = origin.plugin
    version = origin.version
  }

  /// More of them are taken for damage.
  static let maximumCount = 64

  /// Loads the plugin unless it is there; says so when it is of another version than the model was made with.
  ///
  /// - Parameter network: the network's JSON, for the name of the layer.
  /// - Throws: `ModelFileError.plugin`.
  func fulfil(for path: String, network: String) throws(ModelFileError) {
    let library: PluginLibrary
    do throws(PluginError) {
      library = try PluginHost.shared.plugin(plugin)
    } catch {
      throw .plugin(
        path: path, plugin: plugin, version: version, layer: PluginRequirement.unknownLayer(network),
        reason: "\(error)")
    }
    guard library.version != version else { return }
    let isMajor = library.version.prefix { $0 != "." } != version.prefix { $0 != "." }
    HostTable.note(
      "\(path): was made with version \(version) of the plugin '\(plugin)', this is version \(library.version)"
        + (isMajor ? "; the major version differs, so that it may compute something else" : ""))
  }

  /// `gem_pooling_1 (gem_pooling)`: the first layer of a type that is not known.
  private static func unknownLayer(_ network: String) -> String? {
    struct Document: Decodable {
      struct Entry: Decodable {
        let name: String
        let type: String
      }

      let layers: [Entry]
    }
    let document = try? JSONDecoder().decode(Document.self, from: Data(network.utf8))
    let unknown = document?.layers.first { LayerRegistry.kind(named: $0.type) == nil }
    return unknown.map { "\($0.name) (\($0.type))" }
  }
}
