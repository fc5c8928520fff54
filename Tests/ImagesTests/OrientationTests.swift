import CTurboJPEG
import Foundation
import Images
import Testing

@Suite("EXIF orientation") struct OrientationTests {
  let stored = Samples.gradient(48, 32)

  @Test("all eight orientations of a JPEG come out upright", arguments: 1...8)
  func jpeg(orientation: Int) throws {
    let plain = Samples.jpeg(stored)
    let expected = Samples.upright(try PictureDecoder.decode(plain), orientation: orientation)
    for bigEndian in [false, true] {
      let data = Samples.inserting(orientation: orientation, bigEndian: bigEndian, into: plain)
      #expect(try PictureDecoder.decode(data) == expected)
    }
  }

  @Test("TensorFlow's mode ignores the orientation")
  func tensorflow() throws {
    let plain = Samples.jpeg(stored)
    let settings = PictureDecoder.Settings(mode: .tensorflow)
    let turned = try PictureDecoder.decode(Samples.inserting(orientation: 6, into: plain), settings: settings)
    #expect(try turned == PictureDecoder.decode(plain, settings: settings))
  }

  @Test("PNG, WebP and TIFF are turned by their orientation too", arguments: 1...8)
  func otherFormats(orientation: Int) throws {
    let expected = Samples.upright(stored, orientation: orientation)
    let png = PNGSample(
      width: 48, height: 32, bits: 8, colourType: 2, extraChunk: ("eXIf", Samples.exif(orientation: orientation)))
    #expect(try PictureDecoder.decode(png.data { Int(stored.pixels[($1 * 48 + $0) * 3 + $2]) }) == expected)
    let tiff = TIFFSample(width: 48, height: 32, orientation: orientation)
    #expect(try PictureDecoder.decode(tiff.data { Int(stored.pixels[($1 * 48 + $0) * 3 + $2]) }) == expected)
  }

  @Test("DCT scaling chooses by the upright size")
  func scaled() throws {
    // 640 x 160 stored, 160 x 640 seen.
    let data = Samples.inserting(orientation: 6, into: Samples.jpeg(Samples.gradient(640, 160)))
    let settings = PictureDecoder.Settings(dctScaling: true)
    let fits = try PictureDecoder.decode(data, settings: settings, target: (width: 26, height: 106))
    #expect((fits.width, fits.height) == (40, 160))
    let wide = try PictureDecoder.decode(data, settings: settings, target: (width: 106, height: 26))
    #expect((wide.width, wide.height) == (160, 640))
  }

  @Test("broken EXIF data is as good as none", arguments: [0, 7, 8, 9, 13, 17, 25])
  func broken(length: Int) throws {
    let plain = Samples.jpeg(stored)
    let expected = try PictureDecoder.decode(plain)
    let cut = Data("Exif".utf8) + Data([0, 0]) + Samples.exif(orientation: 6).prefix(length)
    #expect(try PictureDecoder.decode(Samples.inserting(marker: 0xe1, cut, into: plain)).pixels.count > 0)
    // A directory far outside, an orientation that does not exist.
    var outside = Samples.exif(orientation: 6)
    outside.replaceSubrange(4..<8, with: [0xff, 0xff, 0xff, 0xff])
    let prefix = Data("Exif".utf8) + Data([0, 0])
    #expect(try PictureDecoder.decode(Samples.inserting(marker: 0xe1, prefix + outside, into: plain)) == expected)
    #expect(try PictureDecoder.decode(Samples.inserting(orientation: 9, into: plain)) == expected)
    #expect(try PictureDecoder.decode(Samples.inserting(orientation: 0, into: plain)) == expected)
  }
}
