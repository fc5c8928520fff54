import CWorkbenchPlugin

/// A faster computation of a built-in layer that a plugin brings.
public struct PluginOverrideType: @unchecked Sendable {
  /// The plugin's; valid until the process ends.
  public let pointer: UnsafePointer<workbench_override_type>
  public let name: String
  public let help: String
  /// The name of the built-in layer.
  public let layer: String

  /// Whether it can be used where `backward` follows.
  public var trains: Bool { pointer.pointee.backward != nil }

  init(_ pointer: UnsafePointer<workbench_override_type>) throws(PluginTableReader.Fault) {
    let raw = pointer.table
    name = try PluginTableReader(owner: "an override").name(raw.name)
    let reader = PluginTableReader(owner: "override '\(name)'")
    self.pointer = pointer
    help = try reader.text(raw.help, "help")
    layer = try reader.name(raw.layer, "layer")
    if raw.claim == nil { throw reader.fault("claim is NULL") }
    if raw.forward == nil { throw reader.fault("forward is NULL") }
  }
}
