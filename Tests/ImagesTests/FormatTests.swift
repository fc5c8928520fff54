import CTurboJPEG
import Foundation
import Images
import Testing

@Suite("Picture formats") struct FormatTests {
  @Test("a scan takes pictures by their extension, in any letter case")
  func names() {
    for name in ["a.jpg", "a.JPEG", "a.jpe", "b/c.TIFF", "x.y.WebP", "/a/b.bmp", "a b.Png", "ä.tif"] {
      #expect(isPictureName(name), "\(name)")
    }
    for name in ["jpg", ".jpg", "a/.hidden.jpg", "a.txt", "", "a.jpg.part", "a.", "/"] {
      #expect(!isPictureName(name), "\(name)")
    }
  }

  @Test("what is written as PNG is read back, pixel for pixel", arguments: [(1, 1), (17, 5), (256, 3)])
  func pngRoundTrip(width: Int, height: Int) throws {
    let picture = Samples.noise(width, height, seed: 1)
    #expect(try PictureDecoder.decode(PictureEncoder.png(picture)) == picture)
  }

  @Test("what is written as JPEG is read back nearly", arguments: [50, 90, 100])
  func jpegRoundTrip(quality: Int) throws {
    let picture = Samples.gradient(61, 43)
    let read = try PictureDecoder.decode(PictureEncoder.jpeg(picture, quality: quality))
    #expect(read.greatestDifference(picture) <= (quality == 50 ? 24 : 4))
  }

  @Test("the content decides the format, whatever the name says")
  func contentDecides() throws {
    let picture = Samples.gradient(8, 9)
    let path = NSTemporaryDirectory() + "workbench-\(UUID().uuidString).jpg"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try PictureEncoder.png(picture).write(to: URL(fileURLWithPath: path))
    #expect(try PictureDecoder.decode(file: path) == picture)
  }

  @Test("every kind of JPEG colour becomes RGB")
  func jpegColours() throws {
    let picture = Samples.gradient(40, 24)
    for subsampling in [TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_440, TJSAMP_411] {
      for flags in [0, TJFLAG_PROGRESSIVE] {
        let read = try PictureDecoder.decode(Samples.jpeg(picture, subsampling: subsampling, flags: flags))
        #expect(read.greatestDifference(picture) <= 12, "\(subsampling) \(flags)")
      }
    }
    let gray = try PictureDecoder.decode(Samples.jpeg(picture, subsampling: TJSAMP_GRAY))
    #expect((gray.width, gray.height) == (40, 24))
    #expect(stride(from: 0, to: gray.pixels.count, by: 3).allSatisfy { gray.pixels[$0] == gray.pixels[$0 + 2] })
    let (r, g, b) = picture[20, 12]
    let luma = 0.299 * Double(r) + 0.587 * Double(g) + 0.114 * Double(b)
    #expect(abs(Double(gray[20, 12].red) - luma) < 4)
  }

  @Test("a CMYK JPEG, inverted as Adobe writes it, becomes RGB")
  func cmyk() throws {
    // 255 is no ink: cyan 200 of 255 free, black half.
    let (c, m, y, k): (UInt8, UInt8, UInt8, UInt8) = (200, 100, 50, 128)
    let pixels = (0..<16 * 16).flatMap { _ in [c, m, y, k] }
    let data = Samples.jpeg(
      pixels, width: 16, height: 16, layout: TJPF_CMYK, subsampling: TJSAMP_444, quality: 100)
    let expected = [c, m, y].map { Int($0) * Int(k) / 255 }
    let pixel = try PictureDecoder.decode(data)[8, 8]
    for (found, value) in zip([pixel.red, pixel.green, pixel.blue], expected) { #expect(abs(Int(found) - value) <= 3) }
    // Without the Adobe segment 255 is full ink, and the colours are stored as they are.
    guard let adobe = data.range(of: Data([0xff, 0xee])) else {
      Issue.record("TurboJPEG wrote no Adobe segment")
      return
    }
    let plain = Data(data[..<adobe.lowerBound]) + Data(data[(adobe.lowerBound + 16)...])
    #expect(decodingError(plain) == nil)
  }

  @Test("a PNG of any depth and colour becomes RGB", arguments: [false, true])
  func pngKinds(isInterlaced: Bool) throws {
    let (width, height) = (19, 13)
    func decode(_ bits: Int, _ colourType: Int, _ sample: (Int, Int, Int) -> Int) throws -> Picture {
      try PictureDecoder.decode(
        PNGSample(width: width, height: height, bits: bits, colourType: colourType, isInterlaced: isInterlaced)
          .data(sample))
    }
    for bits in [1, 2, 4, 8, 16] {
      let most = (1 << bits) - 1
      let gray = try decode(bits, 0) { x, y, _ in (x + y * 3) * 7 % (most + 1) }
      for (x, y) in [(0, 0), (5, 7), (18, 12)] {
        let value = Int((Double((x + y * 3) * 7 % (most + 1)) * 255 / Double(most)).rounded())
        #expect(gray[x, y] == (UInt8(value), UInt8(value), UInt8(value)), "\(bits) bits")
      }
    }
    let deep = try decode(16, 2) { x, y, c in [x * 3000, y * 4000, 65535][c] }
    #expect(deep[4, 5] == (UInt8((12000.0 / 257).rounded()), UInt8((20000.0 / 257).rounded()), 255))
    // Half transparent red, and fully transparent anything, on white.
    let alpha = try decode(8, 6) { x, _, c in c == 3 ? (x < 9 ? 128 : 0) : (c == 0 ? 255 : 0) }
    #expect(alpha[0, 0] == (255, 127, 127))
    #expect(alpha[18, 12] == (255, 255, 255))
    let grayAlpha = try decode(16, 4) { _, _, c in c == 0 ? 0 : 65535 / 5 }
    #expect(grayAlpha[3, 3] == (204, 204, 204))
  }

  @Test("a palette PNG with transparency becomes RGB on white", arguments: [1, 2, 4, 8])
  func pngPalette(bits: Int) throws {
    let sample = PNGSample(
      width: 5, height: 3, bits: bits, colourType: 3, palette: [10, 20, 30, 200, 100, 0], transparency: [255, 0])
    let picture = try PictureDecoder.decode(sample.data { x, _, _ in x % 2 })
    #expect(picture[0, 0] == (10, 20, 30))
    #expect(picture[1, 2] == (255, 255, 255))
    var opaque = sample
    opaque.transparency = []
    #expect(try PictureDecoder.decode(opaque.data { x, _, _ in x % 2 })[1, 2] == (200, 100, 0))
  }

  @Test("a PNG's gamma and unknown chunks change nothing")
  func pngChunks() throws {
    let sample = PNGSample(
      width: 2, height: 2, bits: 8, colourType: 2, extraChunk: ("gAMA", Data([0, 1, 0x86, 0xa0])))
    #expect(try PictureDecoder.decode(sample.data { _, _, c in 50 * c })[0, 0] == (0, 50, 100))
  }

  @Test("WebP, lossy, lossless and transparent, becomes RGB")
  func webp() throws {
    let picture = Samples.gradient(33, 21)
    #expect(try PictureDecoder.decode(Samples.webp(picture, quality: 95)).greatestDifference(picture) <= 16)
    var rgba: [UInt8] = []
    for i in 0..<33 * 21 { rgba += picture.pixels[3 * i..<3 * i + 3] + [i % 2 == 0 ? 255 : 0] }
    let read = try PictureDecoder.decode(Samples.webp(rgba: rgba, width: 33, height: 21))
    #expect(read[0, 0] == picture[0, 0])
    #expect(read[1, 0] == (255, 255, 255))
  }
}
