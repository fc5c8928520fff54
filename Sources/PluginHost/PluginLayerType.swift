import CWorkbenchPlugin
import Schemas

/// A kind of layer that a plugin brings.
public struct PluginLayerType: @unchecked Sendable {
  /// The plugin's; valid until the process ends.
  public let pointer: UnsafePointer<workbench_layer_type>
  public let schema: Schema
  public let inputCounts: ClosedRange<Int>
  /// Whether it has no `backward`.
  public let isInferenceOnly: Bool
  /// Whether it does something else in training even where nothing learns.
  public let isRandom: Bool

  public var name: String { schema.name }

  /// Stands in every layer besides its own options.
  static let reservedOptions = ["name"]

  init(_ pointer: UnsafePointer<workbench_layer_type>) throws(PluginTableReader.Fault) {
    let raw = pointer.table
    let name = try PluginTableReader(owner: "a layer").name(raw.name)
    let reader = PluginTableReader(owner: "layer '\(name)'")
    self.pointer = pointer
    schema = try reader.schema(
      name, help: try reader.text(raw.help, "help"), count: raw.option_count, options: raw.options,
      reserved: PluginLayerType.reservedOptions)
    guard raw.minimum_inputs >= 1, raw.maximum_inputs >= raw.minimum_inputs,
      raw.maximum_inputs <= UInt32(WORKBENCH_INPUTS_MAX)
    else {
      throw reader.fault(
        "it takes \(raw.minimum_inputs) to \(raw.maximum_inputs) inputs, but 1 to \(WORKBENCH_INPUTS_MAX) can be")
    }
    inputCounts = Int(raw.minimum_inputs)...Int(raw.maximum_inputs)
    isInferenceOnly = raw.flags & WORKBENCH_INFERENCE_ONLY != 0
    isRandom = raw.flags & WORKBENCH_IS_RANDOM != 0
    if raw.plan == nil { throw reader.fault("plan is NULL") }
    if raw.forward == nil { throw reader.fault("forward is NULL") }
    if raw.backward == nil, !isInferenceOnly {
      throw reader.fault("backward is NULL, but WORKBENCH_INFERENCE_ONLY is not set")
    }
  }
}
