import CWorkbenchPlugin
import Layers

/// Puts a plugin's computation in the place of a built-in layer's own.
enum PluginOverride {
  static func register(_ type: PluginOverrideType, of library: PluginLibrary) {
    let plugin = library.id
    OperationOverride.register(layer: type.layer) { layer, request throws(OperationError) in
      try operation(type, plugin: plugin, layer: layer, request)
    }
  }

  /// nil when the override does not claim the request.
  static func operation(
    _ type: PluginOverrideType, plugin: String, layer: any Layer, _ request: OperationRequest
  ) throws(OperationError) -> (any Operation)? {
    if request.isTraining && !type.trains { return nil }
    // The network has asked for the same signature before.
    guard let signature = try? layer.signature(for: request.inputShapes) else { return nil }
    let passed = PluginRequest(request, options: PluginOptions(layer.options, schema: layer.schema))
    let pointer = type.pointer
    do throws(PluginPlan.Failure) {
      let plan = try PluginPlan(passed, given: signature) { request, plan, message, bytes in
        pointer.pointee.claim(pointer, request, plan, message, bytes)
      }
      let raw = pointer.table
      return PluginOperation(
        plugin: plugin, request: passed, plan: plan,
        functions: PluginOperation.Functions(prepare: raw.prepare, forward: raw.forward, backward: raw.backward))
    } catch {
      if case .refused(let status, _) = error, Int(status) == Int(WORKBENCH_UNSUPPORTED) { return nil }
      throw OperationError(plugin: plugin, call: "claim of the override '\(type.name)'", reason: error.reason)
    }
  }
}
