import CWorkbenchPlugin
import Foundation
import Schemas
import Synchronization

/// What a plugin gets of the host: its version, and a way to show lines to the user.
public enum HostTable {
  /// Handed to `workbench_plugin_main`; valid until the process ends.
  public static var pointer: UnsafePointer<workbench_host> { table.pointer }

  /// Who shows the lines that plugins write; standard error unless somebody says otherwise. Called from any thread.
  public static func setNote(_ note: @escaping @Sendable (String) -> Void) { sink.withLock { $0 = note } }

  private static let sink = Mutex<@Sendable (String) -> Void> { line in
    // On a terminal a progress line may stand where this one goes.
    FileHandle.standardError.write(Data(((isatty(STDERR_FILENO) == 1 ? "\r\u{1b}[K" : "") + line + "\n").utf8))
  }

  /// More bytes than this of one line are not shown.
  private static let longestLine = 4096

  private struct Table: @unchecked Sendable {
    let pointer: UnsafePointer<workbench_host>
    let log: UnsafePointer<workbench_host_log>
  }

  private static let table: Table = {
    let log = UnsafeMutablePointer<workbench_host_log>.allocate(capacity: 1)
    log.initialize(
      to: workbench_host_log(
        struct_size: UInt32(MemoryLayout<workbench_host_log>.size), reserved: 0,
        note: { _, line in if let line { HostTable.show(line) } }))
    let host = UnsafeMutablePointer<workbench_host>.allocate(capacity: 1)
    host.initialize(
      to: workbench_host(
        struct_size: UInt32(MemoryLayout<workbench_host>.size), abi_major: WORKBENCH_PLUGIN_MAJOR,
        abi_minor: WORKBENCH_PLUGIN_MINOR, reserved: 0, name: UnsafePointer(strdup("workbench")),
        version: UnsafePointer(strdup(WorkbenchVersion.current)),
        capability: { _, id in
          guard let id, strcmp(id, WORKBENCH_HOST_LOG) == 0 else { return nil }
          return HostTable.logPointer
        }))
    return Table(pointer: UnsafePointer(host), log: UnsafePointer(log))
  }()

  private static var logPointer: UnsafeRawPointer { UnsafeRawPointer(table.log) }

  /// Shows the user one line.
  public static func note(_ line: String) {
    let note = sink.withLock { $0 }
    note(line)
  }

  private static func show(_ line: UnsafePointer<CChar>) {
    let bytes = UnsafeRawBufferPointer(start: line, count: strnlen(line, longestLine))
    note(MessageBuffer.printable(String(decoding: bytes, as: UTF8.self)))
  }
}
