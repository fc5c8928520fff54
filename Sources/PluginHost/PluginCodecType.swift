import CWorkbenchPlugin

/// A picture format that a plugin reads.
public struct PluginCodecType: @unchecked Sendable {
  /// The plugin's; valid until the process ends.
  public let pointer: UnsafePointer<workbench_codec_type>
  public let name: String
  public let help: String
  /// Endings of file names, lower case, without the dot.
  public let extensions: [String]

  init(_ pointer: UnsafePointer<workbench_codec_type>) throws(PluginTableReader.Fault) {
    let raw = pointer.table
    name = try PluginTableReader(owner: "a codec").name(raw.name)
    let reader = PluginTableReader(owner: "codec '\(name)'")
    self.pointer = pointer
    help = try reader.text(raw.help, "help")
    guard raw.extension_count >= 1, Int(raw.extension_count) <= PluginTableReader.mostEntries,
      let list = raw.extensions
    else { throw reader.fault("it has no file name extensions") }
    var extensions: [String] = []
    for index in 0..<Int(raw.extension_count) {
      let text = try reader.text(list[index], "extension \(index + 1)")
      guard
        text.utf8.allSatisfy({
          ("a"..."z").contains(Character(.init($0))) || ("0"..."9").contains(Character(.init($0)))
        })
      else { throw reader.fault("its extension '\(text)' must be made of a to z and 0 to 9") }
      extensions.append(text)
    }
    self.extensions = extensions
    let functions: [(String, Bool)] = [
      ("recognises", raw.recognises == nil), ("header", raw.header == nil), ("decode", raw.decode == nil),
    ]
    for (name, isMissing) in functions where isMissing { throw reader.fault("\(name) is NULL") }
  }
}
