import Foundation

/// Where a plugin writes why a call failed.
enum MessageBuffer {
  static let byteCount = 512

  /// The sentence in the buffer, without control characters; `fallback` when there is none.
  static func text(_ buffer: UnsafeMutablePointer<CChar>, fallback: String) -> String {
    let bytes = UnsafeRawBufferPointer(start: buffer, count: strnlen(buffer, byteCount))
    let text = String(decoding: bytes, as: UTF8.self)
    let printable = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 })
    )
    .trimmingCharacters(in: .whitespaces)
    return printable.isEmpty ? fallback : printable
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
