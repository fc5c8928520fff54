import CWorkbenchPlugin
import Foundation
import Synchronization

extension PluginLibrary {
  private typealias Entry =
    @convention(c) (
      UnsafePointer<workbench_host>?, UnsafeMutablePointer<CChar>?, Int
    ) -> UnsafePointer<workbench_plugin>?

  /// Loads the library and asks it for its table, whose version is looked at before anything else of it.
  static func open(_ path: String) throws(PluginError) -> UnsafePointer<workbench_plugin> {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .notThere(path: path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notALibrary(path: path, reason: "it is not a file") }
    try checkSymbol(path)
    loadedAny.store(true, ordering: .relaxed)
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw .notALibrary(path: path, reason: loaderMessage(path))
    }
    guard let symbol = dlsym(handle, "workbench_plugin_main") else { throw .noEntry(path: path) }
    let main = unsafeBitCast(symbol, to: Entry.self)
    let (table, message) = MessageBuffer.with { buffer in
      let table = main(HostTable.pointer, buffer, MessageBuffer.byteCount)
      return (table, MessageBuffer.text(buffer, fallback: "it does not say why"))
    }
    guard let table else { throw .refused(path: path, reason: message) }
    guard Int(bitPattern: table) % MemoryLayout<workbench_plugin>.alignment == 0 else {
      throw .malformed(path: path, reason: "workbench_plugin_main gives a pointer that is not aligned")
    }
    // The first two fields stand where they stand in every version.
    let major = UnsafeRawPointer(table).load(fromByteOffset: 4, as: UInt32.self)
    guard major == WORKBENCH_PLUGIN_MAJOR else {
      throw .version(path: path, plugin: Int(major), host: Int(WORKBENCH_PLUGIN_MAJOR))
    }
    return table
  }

  /// Whether code of a plugin has had the chance to run.
  public static var hasLoadedAny: Bool { loadedAny.load(ordering: .relaxed) }
  private static let loadedAny = Atomic<Bool>(false)

  /// Refuses a library that does not name the entry, before any of its code runs: loading already runs constructors.
  private static func checkSymbol(_ path: String) throws(PluginError) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped),
      data.starts(with: [0x7f, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F")])
    else { return }
    if isCutShort(data) { throw .notALibrary(path: path, reason: "the file is cut short") }
    if data.range(of: Data("workbench_plugin_main".utf8)) == nil { throw .noEntry(path: path) }
  }

  /// Whether a part that the loader maps lies beyond the file's end: it does not look, and the program would end by
  /// SIGBUS. Only for 64-bit little-endian ELF; the loader refuses others by itself.
  private static func isCutShort(_ data: Data) -> Bool {
    data.withUnsafeBytes { bytes in
      guard bytes.count >= 64 else { return true }
      guard bytes[4] == 2, bytes[5] == 1 else { return false }
      func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
        Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
      }
      let (size, count) = (Int(number(54, UInt16.self)), Int(number(56, UInt16.self)))
      guard size >= 56, let first = Int(exactly: number(32, UInt64.self)), first <= bytes.count,
        count * size <= bytes.count - first
      else { return true }
      for header in stride(from: first, to: first + count * size, by: size) {
        guard number(header, UInt32.self) == 1 else { continue }  // PT_LOAD
        let (end, overflows) = number(header + 8, UInt64.self).addingReportingOverflow(number(header + 32, UInt64.self))
        if overflows || end > UInt64(bytes.count) { return true }
      }
      return false
    }
  }

  /// The loader's sentence, without the file's name that it begins with.
  private static func loaderMessage(_ path: String) -> String {
    guard let error = dlerror() else { return "the system does not say why" }
    let text = String(cString: error)
    return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.utf8.count + 2)) : text
  }
}
