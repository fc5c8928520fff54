import Foundation

/// Writes TIFF files of many kinds, uncompressed, PackBits or deflate.
struct TIFFSample {
  enum Compression: Int { case none = 1, deflate = 8, packBits = 32773 }

  var width: Int
  var height: Int
  var bits = 8
  var samples = 3
  /// 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK.
  var photometric = 2
  var orientation = 1
  var compression = Compression.none
  /// Rows in a strip; all in one when nil.
  var rowsPerStrip: Int?
  /// A multiple of 16.
  var tileSide: Int?
  var isPlanar = false
  var isBigEndian = false
  /// 1 premultiplied, 2 not.
  var extraSample: Int?
  /// 16-bit red, green and blue tables.
  var colourMap: [Int] = []

  /// - Parameter sample: the value of channel c at column x, row y.
  func data(_ sample: (Int, Int, Int) -> Int) -> Data {
    var blocks: [Data] = []
    let channelGroups = isPlanar ? (0..<samples).map { $0..<$0 + 1 } : [0..<samples]
    for channels in channelGroups {
      if let side = tileSide {
        for top in stride(from: 0, to: height, by: side) {
          for left in stride(from: 0, to: width, by: side) {
            blocks.append(block(left..<left + side, top..<top + side, channels, sample))
          }
        }
      } else {
        for top in stride(from: 0, to: height, by: rowsPerStrip ?? height) {
          blocks.append(block(0..<width, top..<min(height, top + (rowsPerStrip ?? height)), channels, sample))
        }
      }
    }
    return file(blocks.map(compressed))
  }

  private func block(
    _ columns: Range<Int>, _ rows: Range<Int>, _ channels: Range<Int>, _ sample: (Int, Int, Int) -> Int
  ) -> Data {
    var data = Data()
    for y in rows {
      var accumulator = 0
      var filled = 0
      for x in columns {
        for c in channels {
          // A tile reaches over the edge.
          let value = x < width && y < height ? sample(x, y, c) : 0
          if bits == 16 {
            data += short(value)
            continue
          }
          accumulator = accumulator << bits | value
          filled += bits
          while filled >= 8 {
            filled -= 8
            data.append(UInt8(truncatingIfNeeded: accumulator >> filled))
            accumulator &= (1 << filled) - 1
          }
        }
      }
      if filled > 0 { data.append(UInt8(truncatingIfNeeded: accumulator << (8 - filled))) }
    }
    return data
  }

  private func compressed(_ data: Data) -> Data {
    switch compression {
    case .none: return data
    case .deflate: return PNGSample.stored(data)
    case .packBits:
      // Literal runs that end with each row.
      let rowBytes = (width * samples * bits + 7) / 8
      var result = Data()
      for row in stride(from: 0, to: data.count, by: rowBytes) {
        for start in stride(from: row, to: row + rowBytes, by: 128) {
          let end = min(start + 128, row + rowBytes)
          result.append(UInt8(end - start - 1))
          result += data[start..<end]
        }
      }
      return result
    }
  }

  private func file(_ blocks: [Data]) -> Data {
    let shortType = 3
    let longType = 4
    var entries: [(tag: Int, type: Int, values: [Int])] = [
      (256, longType, [width]), (257, longType, [height]),
      (258, shortType, Array(repeating: bits, count: samples)), (259, shortType, [compression.rawValue]),
      (262, shortType, [photometric]), (274, shortType, [orientation]), (277, shortType, [samples]),
      (284, shortType, [isPlanar ? 2 : 1]),
    ]
    if let extraSample { entries.append((338, shortType, [extraSample])) }
    if !colourMap.isEmpty { entries.append((320, shortType, colourMap)) }
    var body = Data()
    var offsets: [Int] = []
    for block in blocks {
      offsets.append(8 + body.count)
      body += block
      if body.count % 2 == 1 { body.append(0) }
    }
    let sizes = blocks.map(\.count)
    if let tileSide {
      entries += [(322, longType, [tileSide]), (323, longType, [tileSide])]
      entries += [(324, longType, offsets), (325, longType, sizes)]
    } else {
      entries += [(273, longType, offsets), (278, longType, [rowsPerStrip ?? height]), (279, longType, sizes)]
    }
    entries.sort { $0.tag < $1.tag }

    // Values that do not fit into an entry stand before the directory.
    var directory = short(entries.count)
    for entry in entries {
      var values = entry.values.reduce(into: Data()) { $0 += entry.type == shortType ? short($1) : long($1) }
      directory += short(entry.tag) + short(entry.type) + long(entry.values.count)
      if values.count <= 4 {
        values += Data(repeating: 0, count: 4 - values.count)
        directory += values
      } else {
        directory += long(8 + body.count)
        body += values
        if body.count % 2 == 1 { body.append(0) }
      }
    }
    directory += long(0)
    let magic: [UInt8] = isBigEndian ? [0x4d, 0x4d, 0, 42] : [0x49, 0x49, 42, 0]
    return Data(magic) + long(8 + body.count) + body + directory
  }

  private func short(_ value: Int) -> Data {
    let number = UInt16(value)
    return withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) { Data($0) }
  }

  private func long(_ value: Int) -> Data {
    let number = UInt32(value)
    return withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) { Data($0) }
  }
}
