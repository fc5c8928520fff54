import CWorkbenchPlugin
import Foundation

/// Where a plugin writes why a call failed.
enum MessageBuffer {
  static let byteCount = 512

  /// The sentence in the buffer, without control characters; `fallback` when there is none.
  static func text(_ buffer: UnsafeMutablePointer<CChar>, fallback: String) -> String {
    let bytes = UnsafeRawBufferPointer(start: buffer, count: strnlen(buffer, byteCount))
    let text = String(decoding: bytes, as: UTF8.self)
    let printable = printable(text)
    return printable.isEmpty ? fallback : printable
  }

  /// On one line, without control characters.
  static func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : $0 }
    return String(String.UnicodeScalarView(scalars)).trimmingCharacters(in: .whitespaces)
  }

  /// What a status says by itself.
  static func sentence(of status: Int32) -> String {
    switch Int(status) {
    case Int(WORKBENCH_INVALID_OPTION): "these options do not go together"
    case Int(WORKBENCH_INVALID_SHAPE): "these shapes cannot be"
    case Int(WORKBENCH_OUT_OF_RANGE): "out of range"
    case Int(WORKBENCH_UNREADABLE): "cannot be read"
    case Int(WORKBENCH_TRUNCATED): "the data end too early"
    case Int(WORKBENCH_CORRUPT): "the data are damaged"
    case Int(WORKBENCH_UNSUPPORTED): "not supported"
    case Int(WORKBENCH_OUT_OF_MEMORY): "out of memory"
    default: "status \(status), without a message"
    }
  }

  /// Calls with an empty buffer.
  static func with<Result>(_ body: (UnsafeMutablePointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: byteCount) { buffer in
      buffer.initialize(repeating: 0)
      // A buffer of bytes has an address.
      return body(buffer.baseAddress!)
    }
  }
}
