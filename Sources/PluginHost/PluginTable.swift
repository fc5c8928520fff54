import CWorkbenchPlugin
import Foundation

/// A struct of `workbench_plugin.h` that a plugin makes and the host reads.
protocol PluginTable {
  init()
  var struct_size: UInt32 { get }
  /// Its bytes in version 1.0: a plugin's struct has at least these.
  static var firstSize: Int { get }
}

/// Reads what a plugin hands out, and says in words what is wrong with it.
struct PluginTableReader {
  /// A sentence without its full stop; the library puts the file in front.
  struct Fault: Error {
    let reason: String
  }

  /// More entries than this in a list of a plugin are taken for garbage.
  static let mostEntries = 1024
  static let mostBytes = 4096

  /// Whom messages name: `layer 'gem_pooling'`.
  let owner: String

  func fault(_ reason: String) -> Fault { Fault(reason: "\(owner): \(reason)") }

  func table<Table: PluginTable>(_ pointer: UnsafePointer<Table>?, _ what: String) throws(Fault) -> Table {
    guard let pointer else { throw fault("\(what) is NULL") }
    guard Int(bitPattern: pointer) % MemoryLayout<Table>.alignment == 0 else {
      throw fault("\(what) is not aligned: the pointer is wrong")
    }
    let size = Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
    guard size >= Table.firstSize else {
      throw fault("\(what) has struct_size \(size), but has \(Table.firstSize) bytes or more")
    }
    return pointer.table
  }

  func entries<Table: PluginTable>(
    _ list: UnsafePointer<UnsafePointer<Table>?>?, count: UInt32, _ what: String
  ) throws(Fault) -> [UnsafePointer<Table>] {
    guard count > 0 else { return [] }
    guard Int(count) <= PluginTableReader.mostEntries else { throw fault("its list of \(what)s has \(count) entries") }
    guard let list else { throw fault("its list of \(what)s is NULL, but has \(count) entries") }
    var result: [UnsafePointer<Table>] = []
    for index in 0..<Int(count) {
      _ = try table(list[index], "\(what) \(index + 1)")
      if let pointer = list[index] { result.append(pointer) }
    }
    return result
  }

  /// A text that must be there.
  func text(_ pointer: UnsafePointer<CChar>?, _ what: String) throws(Fault) -> String {
    guard let text = try optionalText(pointer, what), !text.isEmpty else { throw fault("it has no \(what)") }
    return text
  }

  func optionalText(_ pointer: UnsafePointer<CChar>?, _ what: String) throws(Fault) -> String? {
    guard let pointer else { return nil }
    guard strnlen(pointer, PluginTableReader.mostBytes) < PluginTableReader.mostBytes else {
      throw fault("its \(what) does not end within \(PluginTableReader.mostBytes) bytes")
    }
    guard let text = String(validatingCString: pointer) else { throw fault("its \(what) is not UTF-8") }
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }) else {
      throw fault("its \(what) has control characters or several lines")
    }
    return text
  }

  func name(_ pointer: UnsafePointer<CChar>?, _ what: String = "name") throws(Fault) -> String {
    let name = try text(pointer, what)
    guard PluginTableReader.isName(name) else {
      throw fault("its \(what) '\(name.prefix(80))' must be made of a to z, 0 to 9 and _, at most 63, a letter first")
    }
    return name
  }

  /// [a-z][a-z0-9_]*, at most 63 bytes.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
    return text.utf8.count < Int(WORKBENCH_NAME_BYTES)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
      }
  }
}

extension UnsafePointer where Pointee: PluginTable {
  /// As much of the struct as the plugin was compiled with; fields that came later are 0.
  var table: Pointee {
    var table = Pointee()
    memcpy(&table, self, Swift.min(Int(pointee.struct_size), MemoryLayout<Pointee>.size))
    return table
  }
}

/// The bytes up to the end of the last field of version 1.0.
private func end<Table, Field>(_ field: KeyPath<Table, Field>) -> Int {
  MemoryLayout<Table>.offset(of: field).map { $0 + MemoryLayout<Field>.size } ?? MemoryLayout<Table>.size
}

extension workbench_plugin: PluginTable { static var firstSize: Int { end(\Self.capability) } }
extension workbench_option: PluginTable { static var firstSize: Int { end(\Self.reserved) } }
extension workbench_layers: PluginTable { static var firstSize: Int { end(\Self.types) } }
extension workbench_layer_type: PluginTable { static var firstSize: Int { end(\Self.backward) } }
extension workbench_sources: PluginTable { static var firstSize: Int { end(\Self.types) } }
extension workbench_source_type: PluginTable { static var firstSize: Int { end(\Self.read) } }
extension workbench_codecs: PluginTable { static var firstSize: Int { end(\Self.types) } }
extension workbench_codec_type: PluginTable { static var firstSize: Int { end(\Self.decode) } }
extension workbench_overrides: PluginTable { static var firstSize: Int { end(\Self.types) } }
extension workbench_override_type: PluginTable { static var firstSize: Int { end(\Self.backward) } }
