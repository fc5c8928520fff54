/// Where the records of a file begin.
struct RecordIndex {
  /// One more than there are records: the last is where they end.
  private(set) var offsets: [Int] = [0]
  /// What stands behind each payload. They lie beside the next length, so that reading them costs nothing.
  private(set) var checksums: [UInt32] = []
  /// Why there are no more, unless the file ends there.
  private(set) var tail: RecordError?

  /// - Parameter noteRead: told how many bytes were passed, again and again.
  init(_ bytes: UnsafeRawBufferPointer, path: String, noteRead: (Int) -> Void) {
    var offset = 0
    while offset < bytes.count {
      let place = RecordPlace(path: path, index: offsets.count - 1, offset: offset)
      let available = bytes.count - offset
      guard available >= 12 else {
        tail = .cutLength(place, found: available)
        return
      }
      let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
      guard Checksum.masked(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 8])) == checksum else {
        tail = .damagedLength(place)
        return
      }
      // Compared without a sum, which a hostile length would let overflow.
      guard available >= RecordFile.overhead, length <= UInt64(available - RecordFile.overhead) else {
        tail = .cutPayload(place, wanted: length, found: available - 12)
        return
      }
      offset += Int(length) + RecordFile.overhead
      noteRead(Int(length) + RecordFile.overhead)
      offsets.append(offset)
      checksums.append(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset - 4, as: UInt32.self)))
    }
  }
}
