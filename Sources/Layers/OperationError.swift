/// Why the computation of a layer failed. Built-in layers never do; those of plugins can. The network adds the layer's
/// name in front.
public struct OperationError: Error, Equatable, Sendable {
  public let plugin: String
  /// What was called: `plan`, `forward`, ...
  public let call: String
  /// The plugin's sentence, or ours about what it did.
  public let reason: String

  public init(plugin: String, call: String, reason: String) {
    self.plugin = plugin
    self.call = call
    self.reason = reason
  }
}

extension OperationError: CustomStringConvertible {
  public var description: String { "\(call) of the plugin '\(plugin)' failed: \(reason)" }
}
