/// The plugin that a layer comes from.
public struct LayerOrigin: Codable, Hashable, Sendable {
  /// The plugin's id: `gem_pooling`.
  public let plugin: String
  /// `1.2.0`
  public let version: String

  public init(plugin: String, version: String) {
    self.plugin = plugin
    self.version = version
  }
}
