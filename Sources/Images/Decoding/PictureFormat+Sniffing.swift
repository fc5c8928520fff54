extension PictureFormat {
  /// The built-in format whose signature the bytes begin with; nil for none.
  ///
  /// - Throws: `ImageError.empty`.
  static func sniff(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> PictureFormat? {
    if bytes.isEmpty { throw .empty }
    if bytes.starts(with: [0xff, 0xd8]), bytes.count == 2 || bytes[2] == 0xff { return .jpeg }
    if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return .png }
    if isTIFF(bytes) { return .tiff }
    if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) { return .webp }
    return isBMP(bytes) ? .bmp : nil
  }

  /// Why bytes of no format that is read are none: `.unsupported` for pictures of known formats, else `.notAnImage`.
  static func unknown(_ bytes: UnsafeRawBufferPointer) -> ImageError {
    unsupportedFormat(bytes).map { .unsupported(what: $0) } ?? .notAnImage
  }

  private static func isTIFF(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // 42 is TIFF, 43 BigTIFF.
    for magic: [UInt8] in [[0x49, 0x49, 42, 0], [0x4d, 0x4d, 0, 42], [0x49, 0x49, 43, 0], [0x4d, 0x4d, 0, 43]]
    where bytes.starts(with: magic) {
      return true
    }
    return false
  }

  /// `BM` begins many a text: the header's size must be one that exists.
  private static func isBMP(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.starts(with: "BM".utf8), bytes.count >= 18 else { return false }
    return [12, 16, 40, 52, 56, 64, 108, 124].contains(bytes.loadUnaligned(fromByteOffset: 14, as: UInt32.self))
  }

  private static func unsupportedFormat(_ bytes: UnsafeRawBufferPointer) -> String? {
    let signatures: [(String, Int, [UInt8])] = [
      ("GIF", 0, Array("GIF8".utf8)),
      ("JPEG 2000", 0, [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20]),
      ("JPEG 2000", 0, [0xff, 0x4f, 0xff, 0x51]),
      ("JPEG XL", 0, [0xff, 0x0a]),
      ("JPEG XL", 0, [0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20]),
      ("AVIF", 4, Array("ftypavif".utf8)),
      ("HEIF", 4, Array("ftyphei".utf8)),
      ("HEIF", 4, Array("ftypmif1".utf8)),
      ("Photoshop", 0, Array("8BPS".utf8)),
      ("PDF", 0, Array("%PDF".utf8)),
    ]
    return signatures.first { bytes.dropFirst($0.1).starts(with: $0.2) }?.0
  }
}
