/// The orientation tag of EXIF data (CIPA DC-008, tag 0x0112).
enum Exif {
  /// Reads the first directory of a TIFF structure, which is what EXIF data is.
  ///
  /// - Returns: 1 to 8; 1 when there is none or the data is broken.
  static func orientation(_ data: UnsafeRawBufferPointer) -> Int {
    guard data.count >= 8 else { return 1 }
    let isLittle = data[0] == 0x49 && data[1] == 0x49
    guard isLittle || (data[0] == 0x4d && data[1] == 0x4d) else { return 1 }
    func short(_ offset: Int) -> Int {
      let value = data.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
      return Int(isLittle ? value.littleEndian : value.bigEndian)
    }
    func long(_ offset: Int) -> Int {
      let value = data.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      return Int(isLittle ? value.littleEndian : value.bigEndian)
    }
    let directory = long(4)
    guard directory <= data.count - 2 else { return 1 }
    for index in 0..<short(directory) {
      let entry = directory + 2 + 12 * index
      guard entry + 12 <= data.count else { return 1 }
      if short(entry) != 0x0112 { continue }
      // A short; some writers say long.
      let value = short(entry + 2) == 4 ? long(entry + 8) : short(entry + 8)
      return (1...8).contains(value) ? value : 1
    }
    return 1
  }

  /// The orientation of a PNG's `eXIf` chunk.
  static func orientation(png bytes: UnsafeRawBufferPointer) -> Int {
    var offset = 8
    while offset + 8 <= bytes.count {
      let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).bigEndian)
      guard length <= bytes.count - offset - 8 else { return 1 }
      let data = UnsafeRawBufferPointer(rebasing: bytes[(offset + 8)..<(offset + 8 + length)])
      if bytes[(offset + 4)..<(offset + 8)].elementsEqual("eXIf".utf8) { return orientation(data) }
      offset += 12 + length
    }
    return 1
  }

  /// The orientation of a WebP's `EXIF` chunk.
  static func orientation(webp bytes: UnsafeRawBufferPointer) -> Int {
    var offset = 12
    while offset + 8 <= bytes.count {
      let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self).littleEndian)
      guard length <= bytes.count - offset - 8 else { return 1 }
      if bytes[offset..<(offset + 4)].elementsEqual("EXIF".utf8) {
        var data = bytes[(offset + 8)..<(offset + 8 + length)]
        // Some writers keep the JPEG segment's prefix.
        if data.starts(with: Array("Exif".utf8) + [0, 0]) { data = data.dropFirst(6) }
        return orientation(UnsafeRawBufferPointer(rebasing: data))
      }
      offset += 8 + length + length % 2
    }
    return 1
  }
}
