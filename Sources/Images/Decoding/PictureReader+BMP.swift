extension PictureReader {
  /// Decodes a Windows bitmap: 1 to 32 bits, bit fields, RLE4 and RLE8, bottom-up and top-down.
  ///
  /// Read by hand: TurboJPEG's loader takes only file names, and only some of these.
  func decodeBMP(_ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings) throws(ImageError) -> Pixels {
    let header = try BMPHeader(bytes)
    let (width, height) = (header.width, header.height)
    if header.isRunLength {
      let output = try makeRoom(width: width, height: height, channels: 3, maximumPixels: settings.maximumPixels)
      try BMPRuns(header: header, bytes: bytes).decode(into: output)
      return Pixels(width: width, height: height, pointer: output)
    }
    if width * height > settings.maximumPixels {
      throw .tooLarge(width: width, height: height, maximumPixels: settings.maximumPixels)
    }
    let stride = (width * header.bits + 31) / 32 * 4
    // The last row's padding may be missing.
    let needed = stride * (height - 1) + (width * header.bits + 7) / 8
    guard header.pixelOffset + needed <= bytes.count else { throw .truncated(.bmp) }
    let output = try makeRoom(width: width, height: height, channels: 3, maximumPixels: settings.maximumPixels)
    for y in 0..<height {
      let row = header.pixelOffset + (header.isTopDown ? y : height - 1 - y) * stride
      let target = output + y * width * 3
      if header.bits <= 8 {
        try indexedRow(bytes, row, header, target)
      } else if header.masks == nil {
        let step = header.bits / 8
        for x in 0..<width {
          target[3 * x] = bytes[row + x * step + 2]
          target[3 * x + 1] = bytes[row + x * step + 1]
          target[3 * x + 2] = bytes[row + x * step]
        }
      } else if let masks = header.masks {
        fieldRow(bytes, row, header, masks, target)
      }
    }
    return Pixels(width: width, height: height, pointer: output)
  }

  private func indexedRow(
    _ bytes: UnsafeRawBufferPointer, _ row: Int, _ header: BMPHeader, _ target: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    let perByte = 8 / header.bits
    let mask = (1 << header.bits) - 1
    for x in 0..<header.width {
      let shift = 8 - header.bits * (x % perByte + 1)
      let colour = try header.colour(Int(bytes[row + x / perByte]) >> shift & mask)
      (target[3 * x], target[3 * x + 1], target[3 * x + 2]) = colour
    }
  }

  private func fieldRow(
    _ bytes: UnsafeRawBufferPointer, _ row: Int, _ header: BMPHeader, _ masks: BMPHeader.Masks,
    _ target: UnsafeMutablePointer<UInt8>
  ) {
    for x in 0..<header.width {
      let value =
        header.bits == 16
        ? UInt32(bytes.loadUnaligned(fromByteOffset: row + 2 * x, as: UInt16.self).littleEndian)
        : bytes.loadUnaligned(fromByteOffset: row + 4 * x, as: UInt32.self).littleEndian
      // Over white, as everywhere.
      let alpha = masks.alpha == 0 ? 255 : Int(BMPHeader.field(value, masks.alpha))
      for (c, mask) in [masks.red, masks.green, masks.blue].enumerated() {
        let colour = Int(BMPHeader.field(value, mask))
        target[3 * x + c] = UInt8((colour * alpha + (255 - alpha) * 255 + 127) / 255)
      }
    }
  }
}

/// The headers of a Windows bitmap.
struct BMPHeader {
  struct Masks: Equatable {
    var red: UInt32
    var green: UInt32
    var blue: UInt32
    var alpha: UInt32
  }

  private(set) var width = 0
  private(set) var height = 0
  private(set) var isTopDown = false
  private(set) var bits = 0
  private(set) var pixelOffset = 0
  /// RLE4 or RLE8.
  private(set) var isRunLength = false
  /// For 16 and 32 bits that are not plain blue, green, red bytes.
  private(set) var masks: Masks?
  private var palette: [(UInt8, UInt8, UInt8)] = []

  init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    guard bytes.count >= 26 else { throw .truncated(.bmp) }
    func long(_ offset: Int) -> Int {
      Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }
    func short(_ offset: Int) -> Int {
      Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    }
    let headerSize = long(14)
    let isCore = headerSize == 12
    guard 14 + headerSize <= bytes.count, isCore || headerSize >= 40 else {
      if headerSize == 16 { throw .unsupported(what: "an OS/2 BMP") }
      throw .truncated(.bmp)
    }
    pixelOffset = Int(UInt32(truncatingIfNeeded: long(10)))
    width = isCore ? short(18) : long(18)
    let signedHeight = isCore ? short(20) : long(22)
    isTopDown = signedHeight < 0
    height = abs(signedHeight)
    bits = isCore ? short(24) : short(28)
    let compression = isCore ? 0 : long(30)
    guard width > 0, height > 0, width <= 1 << 30, height <= 1 << 30 else {
      throw .corrupt(.bmp, message: "a size of \(width) x \(signedHeight)")
    }
    switch (compression, bits) {
    case (0, 1), (0, 4), (0, 8), (0, 24), (0, 32): break
    case (0, 16): masks = Masks(red: 0x7c00, green: 0x3e0, blue: 0x1f, alpha: 0)
    case (1, 8), (2, 4): isRunLength = true
    case (3, 16), (3, 32), (6, 16), (6, 32): masks = try BMPHeader.masks(bytes, headerSize: headerSize, compression)
    default: throw .unsupported(what: "a BMP of \(bits) bits with compression \(compression)")
    }
    if bits <= 8 {
      let entry = isCore ? 3 : 4
      let declared = isCore ? 0 : long(46)
      let count = declared > 0 && declared <= 1 << bits ? declared : 1 << bits
      let start = 14 + headerSize
      // Some writers store fewer colours than they declare: what the pixels do not use is not missed.
      let end = min(start + count * entry, min(bytes.count, max(pixelOffset, start)))
      palette = stride(from: start, to: end - entry + 1, by: entry).map {
        (bytes[$0 + 2], bytes[$0 + 1], bytes[$0])
      }
    }
  }

  func colour(_ index: Int) throws(ImageError) -> (UInt8, UInt8, UInt8) {
    guard index < palette.count else { throw .corrupt(.bmp, message: "colour \(index) of \(palette.count)") }
    return palette[index]
  }

  private static func masks(
    _ bytes: UnsafeRawBufferPointer, headerSize: Int, _ compression: Int
  ) throws(ImageError) -> Masks {
    // Behind the oldest header, inside the newer ones, which is the same place.
    let hasAlpha = headerSize >= 56 || compression == 6
    guard bytes.count >= (hasAlpha ? 70 : 66) else { throw .truncated(.bmp) }
    func mask(_ offset: Int) -> UInt32 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian }
    return Masks(red: mask(54), green: mask(58), blue: mask(62), alpha: hasAlpha ? mask(66) : 0)
  }

  /// The bits under a mask, brought to 0 to 255.
  static func field(_ value: UInt32, _ mask: UInt32) -> UInt8 {
    if mask == 0 { return 0 }
    let shift = mask.trailingZeroBitCount
    let maximum = UInt64(mask >> shift)
    return UInt8(truncatingIfNeeded: (UInt64((value & mask) >> shift) * 255 + maximum / 2) / maximum)
  }
}

/// Run-length coded pixels of 4 or 8 bits.
struct BMPRuns {
  let header: BMPHeader
  let bytes: UnsafeRawBufferPointer

  func decode(into output: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    // What is skipped has the first colour.
    let background = try header.colour(0)
    for i in 0..<header.width * header.height {
      (output[3 * i], output[3 * i + 1], output[3 * i + 2]) = background
    }
    var offset = header.pixelOffset
    var x = 0
    var y = 0
    func byte() throws(ImageError) -> Int {
      guard offset < bytes.count else { throw .truncated(.bmp) }
      offset += 1
      return Int(bytes[offset - 1])
    }
    func put(_ index: Int) throws(ImageError) {
      let colour = try header.colour(index)
      if x < header.width, y < header.height {
        let row = header.isTopDown ? y : header.height - 1 - y
        let target = output + (row * header.width + x) * 3
        (target[0], target[1], target[2]) = colour
      }
      x += 1
    }
    while y < header.height {
      let count = try byte()
      let value = try byte()
      switch (count, value) {
      case (1..., _):
        for i in 0..<count { try put(header.bits == 8 ? value : (i % 2 == 0 ? value >> 4 : value & 15)) }
      case (_, 0):
        x = 0
        y += 1
      case (_, 1): return
      case (_, 2):
        x += try byte()
        y += try byte()
      default:
        let perByte = 8 / header.bits
        let stored = (value + perByte - 1) / perByte
        for i in 0..<stored {
          let packed = try byte()
          if perByte == 1 {
            try put(packed)
          } else {
            try put(packed >> 4)
            if 2 * i + 1 < value { try put(packed & 15) }
          }
        }
        if stored % 2 == 1 { _ = try byte() }
      }
    }
  }
}
