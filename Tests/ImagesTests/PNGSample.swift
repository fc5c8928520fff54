import Foundation

/// Writes PNG files of every kind, with deflate's stored blocks: no library could make them all.
struct PNGSample {
  var width: Int
  var height: Int
  var bits: Int
  /// 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha.
  var colourType: Int
  var palette: [UInt8] = []
  var transparency: [UInt8] = []
  var isInterlaced = false
  var extraChunk: (String, Data)?

  private var samplesPerPixel: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colourType] ?? 1 }

  /// - Parameter sample: the value of channel c at column x, row y.
  func data(_ sample: (Int, Int, Int) -> Int) -> Data {
    var raw = Data()
    let passes =
      isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    for (startX, startY, stepX, stepY) in passes where startX < width {
      for y in stride(from: startY, to: height, by: stepY) {
        raw.append(0)
        var accumulator = 0
        var filled = 0
        for x in stride(from: startX, to: width, by: stepX) {
          for c in 0..<samplesPerPixel {
            accumulator = accumulator << bits | sample(x, y, c)
            filled += bits
            while filled >= 8 {
              filled -= 8
              raw.append(UInt8(truncatingIfNeeded: accumulator >> filled))
              accumulator &= (1 << filled) - 1
            }
          }
        }
        if filled > 0 { raw.append(UInt8(truncatingIfNeeded: accumulator << (8 - filled))) }
      }
    }
    return file(holding: PNGSample.stored(raw))
  }

  /// - Parameter stream: what stands where the compressed pixels should.
  func file(holding stream: Data) -> Data {
    var file = Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    file += chunk(
      "IHDR", big(width) + big(height) + Data([UInt8(bits), UInt8(colourType), 0, 0, isInterlaced ? 1 : 0]))
    if !palette.isEmpty { file += chunk("PLTE", Data(palette)) }
    if !transparency.isEmpty { file += chunk("tRNS", Data(transparency)) }
    if let (name, content) = extraChunk { file += chunk(name, content) }
    file += chunk("IDAT", stream)
    return file + chunk("IEND", Data())
  }

  /// A zlib stream that only stores.
  static func stored(_ raw: Data) -> Data {
    var stream = Data([0x78, 0x01])
    var offset = 0
    repeat {
      let count = min(65535, raw.count - offset)
      let isLast: UInt8 = offset + count == raw.count ? 1 : 0
      stream += [isLast, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8 & 255)]
      stream += raw[offset..<offset + count]
      offset += count
    } while offset < raw.count
    var (a, b) = (1, 0)
    for byte in raw {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    return stream + big(b << 16 | a)
  }

  private static func big(_ value: Int) -> Data { withUnsafeBytes(of: UInt32(value).bigEndian) { Data($0) } }
  private func big(_ value: Int) -> Data { PNGSample.big(value) }

  private func chunk(_ name: String, _ content: Data) -> Data {
    let body = Data(name.utf8) + content
    var crc: UInt32 = 0xffff_ffff
    for byte in body {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return big(content.count) + body + big(Int(crc ^ 0xffff_ffff))
  }
}
