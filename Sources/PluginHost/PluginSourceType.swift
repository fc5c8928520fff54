import CWorkbenchPlugin
import Schemas

/// A kind of data source that a plugin brings.
public struct PluginSourceType: @unchecked Sendable {
  /// The plugin's; valid until the process ends.
  public let pointer: UnsafePointer<workbench_source_type>
  public let schema: Schema

  public var name: String { schema.name }

  /// Options of every source besides its own, as of version 1.0. A later host's further options give way to those of a
  /// plugin, so that no plugin is ever refused for them.
  public static let reservedOptions = [
    "size", "decoder", "dct_scaling", "resize", "fit", "pad_colour", "rounded", "range", "split", "resplit", "augment",
    "duplicates",
  ]

  /// The built-in sources.
  public static let reservedNames = ["folder", "manifest", "tfrecord"]

  init(_ pointer: UnsafePointer<workbench_source_type>) throws(PluginTableReader.Fault) {
    let raw = pointer.table
    let name = try PluginTableReader(owner: "a source").name(raw.name)
    let reader = PluginTableReader(owner: "source '\(name)'")
    self.pointer = pointer
    schema = try reader.schema(
      name, help: try reader.text(raw.help, "help"), count: raw.option_count, options: raw.options,
      reserved: PluginSourceType.reservedOptions)
    if PluginSourceType.reservedNames.contains(name) { throw reader.fault("a built-in source has this name") }
    let functions: [(String, Bool)] = [
      ("open", raw.open == nil), ("close", raw.close == nil), ("class_name", raw.class_name == nil),
      ("describe", raw.describe == nil), ("read", raw.read == nil),
    ]
    for (name, isMissing) in functions where isMissing { throw reader.fault("\(name) is NULL") }
  }
}
