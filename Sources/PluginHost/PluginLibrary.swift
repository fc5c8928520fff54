import CWorkbenchPlugin
import Foundation
import Layers
import Schemas

/// A plugin that has been loaded: its tables, checked, with the pointers to its functions. Never unloaded.
public final class PluginLibrary: @unchecked Sendable {
  /// What recipes ask for.
  public let id: String
  /// `1.2.0`, `2.0.0-beta.1`
  public let version: String
  public let help: String
  public let author: String?
  public let license: String?
  public let url: String?
  /// The file, absolute.
  public let path: String
  /// The plugin's own table.
  public let pointer: UnsafePointer<workbench_plugin>

  public let layers: [PluginLayerType]
  public let sources: [PluginSourceType]
  public let codecs: [PluginCodecType]
  public let overrides: [PluginOverrideType]

  /// Held during the calls of sources that the header says come one at a time.
  let calls = NSLock()

  /// Loads a file and checks all that it says about itself. Runs the code of the file.
  ///
  /// To be called once for one file: `workbench_plugin_main` is called each time. `PluginHost` sees to that.
  public init(path: String) throws(PluginError) {
    let path = URL(fileURLWithPath: path).standardizedFileURL.path
    let pointer = try PluginLibrary.open(path)
    do throws(PluginTableReader.Fault) {
      let reader = PluginTableReader(owner: "its table")
      let raw = try reader.table(pointer, "workbench_plugin")
      self.path = path
      self.pointer = pointer
      id = try reader.name(raw.id, "id")
      version = try PluginLibrary.version(raw.version, reader)
      help = try reader.text(raw.help, "help")
      author = try reader.optionalText(raw.author, "author")
      license = try reader.optionalText(raw.license, "license")
      url = try reader.optionalText(raw.url, "url")
      guard let capability = raw.capability else { throw reader.fault("capability is NULL") }

      layers = try reader.types(
        capability(pointer, WORKBENCH_LAYERS), workbench_layers.self, "layer", list: { ($0.count, $0.types) },
        make: PluginLayerType.init)
      sources = try reader.types(
        capability(pointer, WORKBENCH_SOURCES), workbench_sources.self, "source", list: { ($0.count, $0.types) },
        make: PluginSourceType.init)
      codecs = try reader.types(
        capability(pointer, WORKBENCH_CODECS), workbench_codecs.self, "codec", list: { ($0.count, $0.types) },
        make: PluginCodecType.init)
      overrides = try reader.types(
        capability(pointer, WORKBENCH_OVERRIDES), workbench_overrides.self, "override", list: { ($0.count, $0.types) },
        make: PluginOverrideType.init)
    } catch {
      throw .malformed(path: path, reason: error.reason)
    }
    try check()
  }

  /// `layer, source`: what it brings.
  public var kinds: [String] {
    [
      layers.isEmpty ? nil : "layer", sources.isEmpty ? nil : "source", codecs.isEmpty ? nil : "codec",
      overrides.isEmpty ? nil : "override",
    ].compactMap(\.self)
  }

  private static func version(
    _ pointer: UnsafePointer<CChar>?, _ reader: PluginTableReader
  ) throws(PluginTableReader.Fault) -> String {
    let version = try reader.text(pointer, "version")
    let number = "(0|[1-9][0-9]{0,8})"
    let pattern = "^\(number)\\.\(number)\\.\(number)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$"
    guard version.utf8.count <= 63, version.range(of: pattern, options: .regularExpression) != nil else {
      throw reader.fault("its version '\(version.prefix(80))' is not of the form 1.2.0 (semver.org)")
    }
    return version
  }

  /// What the tables are to each other and to the file.
  private func check() throws(PluginError) {
    let name = URL(fileURLWithPath: path).lastPathComponent
    guard name == "\(id).so" || name == "lib\(id).so" else { throw .fileName(path: path, id: id) }
    if kinds.isEmpty { throw .malformed(path: path, reason: "it brings no layer, source, codec or override") }
    for (what, names) in [
      // Recipes find layers and sources as fields of one object.
      ("layer or source", layers.map(\.name) + sources.map(\.name)), ("codec", codecs.map(\.name)),
      ("override", overrides.map(\.name)),
    ] {
      var seen: Set<String> = []
      for name in names where !seen.insert(name).inserted {
        throw .malformed(path: path, reason: "it brings two things of the name '\(name)' (\(what))")
      }
    }
    for override in overrides where !LayerRegistry.all.contains(where: { $0.schema.name == override.layer }) {
      let suggestion = nearest(to: override.layer, among: LayerRegistry.all.map { $0.schema.name })
      throw .malformed(
        path: path,
        reason: "override '\(override.name)': there is no built-in layer '\(override.layer)'"
          + (suggestion.map { " (did you mean '\($0)'?)" } ?? ""))
    }
  }
}

extension PluginTableReader {
  /// What a capability lists; empty when the plugin does not have it.
  fileprivate func types<List: PluginTable, Raw: PluginTable, Kind>(
    _ pointer: UnsafeRawPointer?, _ type: List.Type, _ what: String,
    list: (List) -> (UInt32, UnsafePointer<UnsafePointer<Raw>?>?), make: (UnsafePointer<Raw>) throws(Fault) -> Kind
  ) throws(Fault) -> [Kind] {
    guard let pointer else { return [] }
    let (count, types) = list(try table(pointer.assumingMemoryBound(to: List.self), "\(type)"))
    var result: [Kind] = []
    for pointer in try entries(types, count: count, what) { result.append(try make(pointer)) }
    return result
  }
}
