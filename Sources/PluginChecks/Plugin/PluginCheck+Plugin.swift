import CWorkbenchPlugin
import PluginHost

extension PluginCheck {
  /// What holds for every plugin.
  static let plugin: [PluginCheck] = [
    PluginCheck("load", [.plugin], help: "loads; versions, sizes, names, tables and schemas are as the header says") {
      // What the host checks of every plugin that it loads; by now it has.
      $0.doing("loading the plugin")
    },
    PluginCheck("unknown-ids", [.plugin], help: "every capability that it does not know is answered with NULL") {
      try unknownIDs($0)
    },
    PluginCheck("contents", [.plugin], help: "it brings something; sizes, reserved fields and flags are of version 1.0")
    {
      contents($0)
    },
  ]

  private static func unknownIDs(_ context: CheckContext) throws {
    let plugin = context.library.pointer
    guard let capability = plugin.pointee.capability else { throw CheckContext.Stop() }
    let strange = [
      "", "/", "1", "workbench", "workbench.", "workbench.layers", "workbench.layers/", "workbench.layers/0",
      "workbench.layers/2", "workbench.layers/10", "workbench.layers/1 ", "Workbench.Layers/1", "workbench.sources/2",
      "workbench.codecs/2", "workbench.overrides/2", "workbench.nothing/1", "workbench.host.log/1", "\u{e9}\u{1f33f}",
      String(repeating: "x", count: 5000),
    ]
    for id in strange {
      let text = id.count > 40 ? "\(id.prefix(8))... of \(id.count) letters" : id
      context.doing("asking for the capability '\(text)'")
      context.expect(
        capability(plugin, id) == nil, "capability '\(text)': expected NULL, found a pointer")
    }
    for id in [WORKBENCH_LAYERS, WORKBENCH_SOURCES, WORKBENCH_CODECS, WORKBENCH_OVERRIDES] {
      context.doing("asking for the capability '\(id)' twice")
      let (first, second) = (capability(plugin, id), capability(plugin, id))
      context.expect(
        first == second, "capability '\(id)': the second answer is another pointer than the first")
    }
  }

  private static func contents(_ context: CheckContext) {
    let library = context.library
    let raw = library.pointer.pointee
    context.expect(!library.kinds.isEmpty, "the plugin brings no layer, source, codec or override")
    context.expect(raw.reserved == 0, "workbench_plugin.reserved: expected 0, found \(raw.reserved)")
    context.expect(
      raw.abi_minor <= WORKBENCH_PLUGIN_MINOR || raw.struct_size >= MemoryLayout<workbench_plugin>.size,
      "abi_minor \(raw.abi_minor) with struct_size \(raw.struct_size)")
    for layer in library.layers {
      let raw = layer.pointer.pointee
      let known = WORKBENCH_INFERENCE_ONLY | WORKBENCH_IS_RANDOM
      context.expect(
        raw.flags & ~known == 0, "layer \(layer.name): flags 0x\(hex(raw.flags)), known are 0x\(hex(known))")
      context.expect(raw.reserved == 0, "layer \(layer.name): reserved: expected 0, found \(raw.reserved)")
      context.expect(
        !layer.isInferenceOnly || raw.backward == nil,
        "layer \(layer.name): WORKBENCH_INFERENCE_ONLY is set, but backward is not NULL")
      checkOptions(context, "layer \(layer.name)", raw.options, raw.option_count)
    }
    for source in library.sources {
      let raw = source.pointer.pointee
      context.expect(
        raw.reserved == 0 && raw.reserved_2 == 0,
        "source \(source.name): reserved: expected 0, found \(raw.reserved) and \(raw.reserved_2)")
      checkOptions(context, "source \(source.name)", raw.options, raw.option_count)
    }
    for override in library.overrides {
      context.expect(override.pointer.pointee.reserved == 0, "override \(override.name): reserved is not 0")
    }
  }

  private static func checkOptions(
    _ context: CheckContext, _ owner: String, _ options: UnsafePointer<UnsafePointer<workbench_option>?>?,
    _ count: UInt32
  ) {
    guard let options else { return }
    for index in 0..<Int(count) {
      guard let option = options[index]?.pointee else { continue }
      let name = option.name.map { String(cString: $0) } ?? "\(index)"
      context.expect(
        option.reserved == 0, "\(owner), option '\(name)': reserved: expected 0, found \(option.reserved)")
    }
  }
}

func hex(_ number: UInt32) -> String { String(number, radix: 16) }
