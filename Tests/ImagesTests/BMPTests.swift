import Foundation
import Images
import Testing

/// Writes BMP files by hand.
enum BMPSample {
  static func rgb(_ picture: Picture, topDown: Bool = false) -> Data {
    var rows = Data()
    for y in 0..<picture.height {
      let row = topDown ? y : picture.height - 1 - y
      var bytes = (0..<picture.width).flatMap { x in
        [picture[x, row].blue, picture[x, row].green, picture[x, row].red]
      }
      bytes += Array(repeating: 0, count: (4 - bytes.count % 4) % 4)
      rows += bytes
    }
    return file(
      width: picture.width, height: topDown ? -picture.height : picture.height, bits: 24, compression: 0, extra: Data(),
      pixels: rows)
  }

  /// - Parameter extra: the palette or the masks.
  static func file(width: Int, height: Int, bits: Int, compression: Int, extra: Data, pixels: Data) -> Data {
    func long(_ value: Int) -> Data { withUnsafeBytes(of: Int32(value).littleEndian) { Data($0) } }
    func short(_ value: Int) -> Data { withUnsafeBytes(of: Int16(value).littleEndian) { Data($0) } }
    let offset = 54 + extra.count
    var data = Data("BM".utf8) + long(offset + pixels.count) + long(0) + long(offset)
    data += long(40) + long(width) + long(height) + short(1) + short(bits) + long(compression)
    data += long(pixels.count) + long(0) + long(0) + long(0) + long(0)
    return data + extra + pixels
  }
}

@Suite("BMP") struct BMPTests {
  @Test("24 bits, bottom-up and top-down, with and without padding", arguments: [1, 2, 3, 4, 5])
  func trueColour(width: Int) throws {
    let picture = Samples.noise(width, 7, seed: width)
    #expect(try PictureDecoder.decode(BMPSample.rgb(picture)) == picture)
    #expect(try PictureDecoder.decode(BMPSample.rgb(picture, topDown: true)) == picture)
  }

  @Test("palettes of 1, 4 and 8 bits")
  func palettes() throws {
    let palette = Data([3, 2, 1, 0, 30, 20, 10, 0])
    for (bits, rows) in [(1, [0b0110_0000, 0, 0, 0]), (4, [0x01, 0x10, 0, 0]), (8, [0, 1, 1, 0])] {
      let data = BMPSample.file(
        width: 4, height: 1, bits: bits, compression: 0,
        extra: palette + Data(repeating: 0, count: 4 * ((1 << bits) - 2)), pixels: Data(rows.map { UInt8($0) }))
      let picture = try PictureDecoder.decode(data)
      #expect(picture.pixels == [1, 2, 3, 10, 20, 30, 10, 20, 30, 1, 2, 3], "\(bits) bits")
    }
  }

  @Test("16 bits of 5, 5, 5 and bit fields of 5, 6, 5")
  func fields() throws {
    let pixels = Data([0x1f, 0x7c, 0xe0, 0x03])
    let plain = BMPSample.file(width: 2, height: 1, bits: 16, compression: 0, extra: Data(), pixels: pixels)
    #expect(try PictureDecoder.decode(plain).pixels == [255, 0, 255, 0, 255, 0])
    let masks = Data([0, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0])
    let fields = BMPSample.file(
      width: 2, height: 1, bits: 16, compression: 3, extra: masks, pixels: Data([0x1f, 0xf8, 0xe0, 0x07]))
    #expect(try PictureDecoder.decode(fields).pixels == [255, 0, 255, 0, 255, 0])
  }

  @Test("run lengths of 4 and 8 bits, with jumps and literal runs")
  func runs() throws {
    let palette = Data([0, 0, 0, 0, 255, 255, 255, 0]) + Data(repeating: 0, count: 4 * 254)
    // Bottom row: three white, one literal black-white-black, end of line. Then skip one row up and two right, white.
    let eight = Data([3, 1, 0, 3, 0, 1, 0, 0, 0, 0, 0, 2, 2, 1, 1, 1, 0, 1])
    let data = BMPSample.file(width: 6, height: 3, bits: 8, compression: 1, extra: palette, pixels: eight)
    let picture = try PictureDecoder.decode(data)
    #expect((0..<6).map { picture[$0, 2].red } == [255, 255, 255, 0, 255, 0])
    #expect((0..<6).map { picture[$0, 0].red } == [0, 0, 255, 0, 0, 0])
    let four = BMPSample.file(
      width: 5, height: 1, bits: 4, compression: 2, extra: palette.prefix(64), pixels: Data([5, 0x10, 0, 1]))
    let row = try PictureDecoder.decode(four)
    #expect((0..<5).map { row[$0, 0].red } == [255, 0, 255, 0, 255])
  }

  @Test("sizes that cannot be are refused")
  func sizes() {
    func error(_ width: Int, _ height: Int) -> String? {
      decodingError(
        BMPSample.file(width: width, height: height, bits: 24, compression: 0, extra: Data(), pixels: Data(count: 64)))?
        .statusWord
    }
    #expect(error(0, 4) == "corrupt")
    #expect(error(-4, 4) == "corrupt")
    #expect(error(4, Int(Int32.min)) == "corrupt")
    #expect(error(100_000, 100_000) == "too_large")
    #expect(error(1000, 1000) == "truncated")
  }
}
