import CISAL

/// The checksums of TFRecord files: CRC-32C (Castagnoli), masked so that the checksum of data that holds checksums is
/// still a good one.
enum Checksum {
  /// CRC-32C as RFC 3720 defines it: of the ASCII text `123456789` it is 0xE3069283.
  static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.baseAddress else { return 0 }
    // ISA-L leaves the inversion before and after to the caller, takes a non-const pointer that it does not write to,
    // and counts in Int32: longer data goes piece by piece.
    let start = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
    var state: UInt32 = .max
    var done = 0
    while done < bytes.count {
      let count = min(bytes.count - done, 1 << 30)
      state = crc32_iscsi(start + done, Int32(count), state)
      done += count
    }
    return ~state
  }

  /// `rotate_right(crc32c, 15) + 0xa282ead8`, as the files hold it.
  static func masked(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let crc = crc32c(bytes)
    return ((crc >> 15) | (crc << 17)) &+ 0xa282_ead8
  }
}
