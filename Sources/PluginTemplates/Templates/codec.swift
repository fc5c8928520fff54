import CWorkbenchPlugin

// my_plugin: reads farbfeld pictures, a format that fits on a beer mat (https://tools.suckless.org/farbfeld):
//
//   bytes  0 ...  7   the word "farbfeld"
//   bytes  8 ... 11   width, big-endian
//   bytes 12 ... 15   height, big-endian
//   then, row by row, for each pixel red, green, blue and opacity, 16 bits each, big-endian
//
// What a plugin must keep to stands at the top of workbench_plugin.h.

private let magic = Array("farbfeld".utf8)
private let headerBytes = 16
private let pixelBytes = 8

private typealias Codec = UnsafePointer<workbench_codec_type>

/// A file's bytes. Nothing but the checks below keeps one from reading beyond them.
private func file(_ bytes: UnsafePointer<UInt8>?, _ count: UInt64) -> UnsafeBufferPointer<UInt8> {
  UnsafeBufferPointer(start: bytes, count: Int(count))
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func number(at first: Int, bytes: Int) -> UInt64 {
    self[first..<first + bytes].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// [any]
private func recognises(_: Codec?, _ bytes: UnsafePointer<UInt8>?, _ count: UInt64) -> Int32 {
  file(bytes, count).starts(with: magic) ? 1 : 0
}

/// [any]
private func header(
  _: Codec?, _ bytes: UnsafePointer<UInt8>?, _ count: UInt64, _ picture: UnsafeMutablePointer<workbench_picture>?,
  _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> workbench_status {
  let file = file(bytes, count)
  guard file.starts(with: magic) else {
    return fail(WORKBENCH_CORRUPT, "is no farbfeld file", message, messageBytes)
  }
  guard file.count >= headerBytes else {
    return fail(WORKBENCH_TRUNCATED, "ends within its header", message, messageBytes)
  }
  let (width, height) = (file.number(at: 8, bytes: 4), file.number(at: 12, bytes: 4))
  guard width > 0, height > 0 else { return fail(WORKBENCH_CORRUPT, "has no pixels", message, messageBytes) }
  (picture!.pointee.width, picture!.pointee.height) = (UInt32(width), UInt32(height))
  return workbench_status(WORKBENCH_OK)
}

/// [any]
private func decode(
  _: Codec?, _ bytes: UnsafePointer<UInt8>?, _ count: UInt64, _ picture: UnsafePointer<workbench_picture>?,
  _ rgb: UnsafeMutablePointer<UInt8>?, _: UnsafeMutableRawPointer?, _ message: UnsafeMutablePointer<CChar>?,
  _ messageBytes: Int
) -> workbench_status {
  let file = file(bytes, count)
  // Two numbers of 32 bits: their product fits 64, and 8 times as much is not asked for before it is known to.
  let pixels = UInt64(picture!.pointee.width) * UInt64(picture!.pointee.height)
  guard file.count >= headerBytes, UInt64((file.count - headerBytes) / pixelBytes) >= pixels else {
    return fail(WORKBENCH_TRUNCATED, "ends before its last pixel", message, messageBytes)
  }
  let full: UInt64 = 65535
  for i in 0..<Int(pixels) {
    let at = headerBytes + i * pixelBytes
    let opacity = file.number(at: at + 6, bytes: 2)
    for channel in 0..<3 {
      // Laid on white, then from 16 bits to 8, rounded.
      let value = file.number(at: at + 2 * channel, bytes: 2) * opacity + full * (full - opacity)
      rgb![3 * i + channel] = UInt8((value * 255 + full * full / 2) / (full * full))
    }
  }
  return workbench_status(WORKBENCH_OK)
}

// MARK: What the plugin brings

nonisolated(unsafe) private let codecs: UnsafePointer<workbench_codecs> = {
  var codec = workbench_codec_type()
  codec.struct_size = UInt32(MemoryLayout<workbench_codec_type>.size)
  codec.name = ("my_plugin" as StaticString).c
  codec.help = ("farbfeld pictures" as StaticString).c
  codec.extension_count = 1
  codec.extensions = UnsafePointer(kept: [("ff" as StaticString).c])
  codec.recognises = recognises
  codec.header = header
  codec.decode = decode

  var codecs = workbench_codecs()
  codecs.struct_size = UInt32(MemoryLayout<workbench_codecs>.size)
  codecs.count = 1
  codecs.types = UnsafePointer(kept: [UnsafePointer(kept: codec)])
  return UnsafePointer(kept: codecs)
}()

nonisolated(unsafe) private let plugin: UnsafePointer<workbench_plugin> = {
  var plugin = workbench_plugin()
  plugin.struct_size = UInt32(MemoryLayout<workbench_plugin>.size)
  (plugin.abi_major, plugin.abi_minor) = (WORKBENCH_PLUGIN_MAJOR, WORKBENCH_PLUGIN_MINOR)
  plugin.id = ("my_plugin" as StaticString).c
  plugin.version = ("0.1.0" as StaticString).c
  plugin.help = ("the picture format of my_plugin: farbfeld" as StaticString).c
  plugin.capability = { _, id in id.map { String(cString: $0) } == WORKBENCH_CODECS ? UnsafeRawPointer(codecs) : nil }
  return UnsafePointer(kept: plugin)
}()

/// [main]
@_cdecl("workbench_plugin_main")
public func workbenchPluginMain(
  _ host: UnsafePointer<workbench_host>?, _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> UnsafePointer<workbench_plugin>? {
  plugin
}
