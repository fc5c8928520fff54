import CWorkbenchPlugin

/// The one exported function: the plugin's tables, made once and never freed.
@c @implementation
public func workbench_plugin_main(
  _ host: UnsafePointer<workbench_host>?, _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> UnsafePointer<workbench_plugin>? {
  plugin
}

/// Memory for one value that lives as long as the process.
func forever<Value>(_ value: Value) -> UnsafePointer<Value> {
  let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
  place.initialize(to: value)
  return UnsafePointer(place)
}

/// A list of pointers that lives as long as the process.
func forever<Value>(_ pointers: [UnsafePointer<Value>]) -> UnsafePointer<UnsafePointer<Value>?> {
  let place = UnsafeMutablePointer<UnsafePointer<Value>?>.allocate(capacity: pointers.count)
  for (index, pointer) in pointers.enumerated() { (place + index).initialize(to: pointer) }
  return UnsafePointer(place)
}

/// A C string that lives as long as the process.
func forever(_ text: String) -> UnsafePointer<CChar> {
  let bytes = text.utf8CString
  let place = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  for (index, byte) in bytes.enumerated() { (place + index).initialize(to: byte) }
  return UnsafePointer(place)
}

// Written once, by the first call, and only read from then on.
nonisolated(unsafe) private let plugin: UnsafePointer<workbench_plugin> = {
  var plugin = workbench_plugin()
  plugin.struct_size = UInt32(MemoryLayout<workbench_plugin>.size)
  plugin.abi_major = WORKBENCH_PLUGIN_MAJOR
  plugin.abi_minor = WORKBENCH_PLUGIN_MINOR
  plugin.id = forever("herbarium_sheets")
  plugin.version = forever("1.0.0")
  plugin.help = forever("draws pressed clubmosses and spikemosses on herbarium sheets, some of them stained by mercury")
  plugin.author = forever("the authors of workbench")
  plugin.license = forever("MIT")
  plugin.capability = { _, id in
    guard let id, String(cString: id) == WORKBENCH_SOURCES else { return nil }
    return UnsafeRawPointer(sources)
  }
  return forever(plugin)
}()

nonisolated(unsafe) private let sources: UnsafePointer<workbench_sources> = {
  var sources = workbench_sources()
  sources.struct_size = UInt32(MemoryLayout<workbench_sources>.size)
  sources.count = 1
  sources.types = forever([forever(sheetSource())])
  return forever(sources)
}()
