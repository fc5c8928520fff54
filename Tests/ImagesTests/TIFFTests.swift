import Foundation
import Images
import Testing

@Suite("TIFF") struct TIFFTests {
  @Test("strips, tiles, planes, both byte orders and three compressions give the same picture")
  func layouts() throws {
    let picture = Samples.gradient(37, 29)
    func sample(_ x: Int, _ y: Int, _ c: Int) -> Int { Int(picture.pixels[(y * 37 + x) * 3 + c]) }
    let plain = TIFFSample(width: 37, height: 29)
    var kinds = [plain]
    for change: (inout TIFFSample) -> Void in [
      { $0.rowsPerStrip = 5 }, { $0.tileSide = 16 }, { $0.isPlanar = true }, { $0.isBigEndian = true },
      { $0.compression = .packBits }, { $0.compression = .deflate },
      {
        $0.compression = .deflate
        $0.tileSide = 32
        $0.isBigEndian = true
      },
    ] {
      var kind = plain
      change(&kind)
      kinds.append(kind)
    }
    for kind in kinds { #expect(try PictureDecoder.decode(kind.data(sample)) == picture, "\(kind)") }
  }

  @Test("16-bit, gray, palette, CMYK and transparent TIFF become RGB", arguments: [false, true])
  func colours(isBigEndian: Bool) throws {
    func decode(
      bits: Int, samples: Int, photometric: Int, extraSample: Int? = nil, colourMap: [Int] = [],
      _ sample: (Int, Int, Int) -> Int
    ) throws -> Picture {
      try PictureDecoder.decode(
        TIFFSample(
          width: 12, height: 7, bits: bits, samples: samples, photometric: photometric, isBigEndian: isBigEndian,
          extraSample: extraSample, colourMap: colourMap
        ).data(sample))
    }
    let deep = try decode(bits: 16, samples: 3, photometric: 2) { x, y, c in [x * 5000, y * 9000, 40000][c] }
    for (found, value) in [(deep[3, 4].red, 15000.0), (deep[3, 4].green, 36000), (deep[3, 4].blue, 40000)] {
      #expect(abs(Double(found) - value / 257) <= 1)
    }
    let deepGray = try decode(bits: 16, samples: 1, photometric: 1) { x, _, _ in x * 5000 }
    #expect(abs(Double(deepGray[9, 2].green) - 45000 / 257) <= 1)
    for bits in [1, 2, 4, 8] {
      let most = (1 << bits) - 1
      let inverted = try decode(bits: bits, samples: 1, photometric: 0) { x, _, _ in x % 2 * most }
      #expect(inverted[0, 0] == (255, 255, 255))
      #expect(inverted[1, 0] == (0, 0, 0))
    }
    let map = (0..<256).map { $0 * 257 } + (0..<256).map { 65535 - $0 * 257 } + Array(repeating: 0x8080, count: 256)
    let palette = try decode(bits: 8, samples: 1, photometric: 3, colourMap: map) { x, y, _ in x * 20 + y }
    #expect(palette[5, 6] == (106, 149, 128))
    let cmyk = try decode(bits: 8, samples: 4, photometric: 5) { _, _, c in [255, 0, 128, 0][c] }
    #expect(cmyk[2, 2].red == 0 && cmyk[2, 2].green == 255 && abs(Int(cmyk[2, 2].blue) - 127) <= 1)
    let transparent = try decode(bits: 8, samples: 4, photometric: 2, extraSample: 2) { x, _, c in
      c == 3 ? (x == 0 ? 0 : 128) : (c == 0 ? 255 : 0)
    }
    #expect(transparent[0, 0] == (255, 255, 255))
    let pixel = transparent[5, 5]
    #expect(abs(Int(pixel.red) - 255) <= 1 && abs(Int(pixel.green) - 127) <= 1)
  }

  @Test("a TIFF that says it is huge is refused before memory is taken")
  func bombs() {
    var huge = TIFFSample(width: 2, height: 2, compression: .deflate).data { _, _, _ in 0 }
    func patch(tag: UInt8, _ value: UInt32) {
      guard let entry = huge.range(of: Data([tag, 1, 4, 0, 1, 0, 0, 0])) else { return }
      huge.replaceSubrange(entry.upperBound..<entry.upperBound + 4, with: withUnsafeBytes(of: value) { Data($0) })
    }
    patch(tag: 0, 100_000)
    patch(tag: 1, 100_000)
    #expect(decodingError(huge)?.statusWord == "too_large")
    patch(tag: 0, 10_000)
    patch(tag: 1, 10_000)
    #expect(decodingError(huge) == .truncated(.tiff))
  }

  @Test("floating point TIFF is called unsupported")
  func unsupported() {
    let float = TIFFSample(width: 4, height: 4, bits: 32, samples: 1, photometric: 1)
    #expect(decodingError(float.data { _, _, _ in 0 })?.statusWord == "unsupported")
  }
}
