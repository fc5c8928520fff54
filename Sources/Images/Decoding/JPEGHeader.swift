/// What a JPEG's segments say before its first scan (ITU T.81, annex B).
struct JPEGHeader: Equatable {
  var width = 0
  var height = 0
  var components = 0
  var precision = 8
  /// The frame's marker: 0xC0 baseline, 0xC2 progressive, ...
  var frame: UInt8 = 0
  /// Whether an Adobe segment is there: its CMYK is stored inverted.
  var isAdobe = false
  /// 1 to 8.
  var orientation = 1
  /// Where the first scan begins.
  var scanOffset = 0

  var isHuffman: Bool { frame <= 0xc2 }

  /// - Throws: `ImageError.truncated`, `.corrupt`, or `.unsupported` for other processes than baseline, extended and
  ///   progressive, and for more than 8 bits.
  init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    var offset = 2
    var hasOrientation = false
    while true {
      // Like libjpeg: what stands between segments is skipped, and 0xFF may be repeated.
      while offset < bytes.count, bytes[offset] != 0xff { offset += 1 }
      while offset < bytes.count, bytes[offset] == 0xff { offset += 1 }
      guard offset < bytes.count else { throw .truncated(.jpeg) }
      let marker = bytes[offset]
      offset += 1
      if marker == 0 || marker == 1 || (0xd0...0xd8).contains(marker) { continue }
      if marker == 0xd9 { throw .corrupt(.jpeg, message: "it ends before the first scan") }
      guard offset + 2 <= bytes.count else { throw .truncated(.jpeg) }
      let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
      guard length >= 2 else { throw .corrupt(.jpeg, message: "a segment of length \(length)") }
      guard length <= bytes.count - offset else { throw .truncated(.jpeg) }
      let segment = UnsafeRawBufferPointer(rebasing: bytes[(offset + 2)..<(offset + length)])
      offset += length
      switch marker {
      case 0xda:
        guard frame != 0 else { throw .corrupt(.jpeg, message: "a scan without a frame") }
        scanOffset = offset
        return
      case 0xc4, 0xc8, 0xcc: break
      case 0xc0...0xcf: try readFrame(marker, segment)
      case 0xe1 where !hasOrientation && segment.starts(with: Array("Exif".utf8) + [0, 0]):
        hasOrientation = true
        orientation = Exif.orientation(UnsafeRawBufferPointer(rebasing: segment.dropFirst(6)))
      case 0xee where segment.starts(with: "Adobe".utf8): isAdobe = true
      default: break
      }
    }
  }

  private mutating func readFrame(_ marker: UInt8, _ segment: UnsafeRawBufferPointer) throws(ImageError) {
    guard segment.count >= 6 else { throw .corrupt(.jpeg, message: "a frame of \(segment.count) bytes") }
    guard [0xc0, 0xc1, 0xc2, 0xc9, 0xca].contains(marker) else { throw .unsupported(what: "a lossless JPEG") }
    frame = marker
    precision = Int(segment[0])
    height = Int(segment[1]) << 8 | Int(segment[2])
    width = Int(segment[3]) << 8 | Int(segment[4])
    components = Int(segment[5])
    guard precision == 8 else { throw .unsupported(what: "a JPEG of \(precision) bits") }
    guard width > 0, height > 0 else { throw .corrupt(.jpeg, message: "a frame of \(width) x \(height) pixels") }
    guard [1, 3, 4].contains(components) else { throw .unsupported(what: "a JPEG of \(components) components") }
  }

  /// Whether the end marker stands somewhere after the first scan.
  func hasEnd(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var offset = bytes.count - 2
    while offset >= scanOffset {
      if bytes[offset] == 0xff, bytes[offset + 1] == 0xd9 { return true }
      offset -= 1
    }
    return false
  }
}
