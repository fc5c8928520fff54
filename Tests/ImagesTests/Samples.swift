import CTurboJPEG
import CWebP
import Foundation
import Images
import Tensors

/// Pictures and files that the tests make for themselves.
enum Samples {
  /// Smooth colours that differ in every corner, so that a turn or a swap of colours shows.
  static func gradient(_ width: Int, _ height: Int) -> Picture {
    var picture = Picture(width: width, height: height, colour: (0, 0, 0))
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = (Double(x) / Double(max(1, width - 1)), Double(y) / Double(max(1, height - 1)))
        picture[x, y] = (UInt8(20 + 200 * u), UInt8(30 + 180 * v), UInt8(220 - 100 * u - 80 * v))
      }
    }
    return picture
  }

  static func noise(_ width: Int, _ height: Int, seed: Int) -> Picture {
    var stream = RandomStream(RandomKey(seed: seed))
    return Picture(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8(truncatingIfNeeded: stream.next32()) })
  }

  /// A JPEG of any of TurboJPEG's pixel layouts and subsamplings.
  static func jpeg(
    _ pixels: [UInt8], width: Int, height: Int, layout: TJPF, subsampling: TJSAMP, flags: Int32 = 0, quality: Int32 = 95
  ) -> Data {
    let handle = tjInitCompress()
    defer { tjDestroy(handle) }
    var bytes: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    defer { tjFree(bytes) }
    tjCompress2(
      handle, pixels, Int32(width), 0, Int32(height), Int32(layout.rawValue), &bytes, &size,
      Int32(subsampling.rawValue), quality, flags)
    return bytes.map { Data(bytes: $0, count: Int(size)) } ?? Data()
  }

  static func jpeg(_ picture: Picture, subsampling: TJSAMP = TJSAMP_444, flags: Int32 = 0) -> Data {
    jpeg(
      picture.pixels, width: picture.width, height: picture.height, layout: TJPF_RGB, subsampling: subsampling,
      flags: flags)
  }

  /// EXIF data with nothing but an orientation.
  static func exif(orientation: Int, bigEndian: Bool = false) -> Data {
    let value = UInt8(orientation)
    return bigEndian
      ? Data([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0])
      : Data([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0])
  }

  /// Puts a segment right after a JPEG's first marker.
  static func inserting(marker: UInt8, _ content: Data, into jpeg: Data) -> Data {
    let length = content.count + 2
    return jpeg.prefix(2) + Data([0xff, marker, UInt8(length >> 8), UInt8(length & 255)]) + content + jpeg.dropFirst(2)
  }

  static func inserting(orientation: Int, bigEndian: Bool = false, into jpeg: Data) -> Data {
    inserting(
      marker: 0xe1, Data("Exif".utf8) + Data([0, 0]) + exif(orientation: orientation, bigEndian: bigEndian), into: jpeg)
  }

  /// Lossless WebP with alpha.
  static func webp(rgba: [UInt8], width: Int, height: Int) -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    let size = WebPEncodeLosslessRGBA(rgba, Int32(width), Int32(height), Int32(width * 4), &bytes)
    defer { WebPFree(bytes) }
    return bytes.map { Data(bytes: $0, count: size) } ?? Data()
  }

  static func webp(_ picture: Picture, quality: Float) -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    let size = WebPEncodeRGB(
      picture.pixels, Int32(picture.width), Int32(picture.height), Int32(picture.width * 3), quality, &bytes)
    defer { WebPFree(bytes) }
    return bytes.map { Data(bytes: $0, count: size) } ?? Data()
  }

  /// The picture that an EXIF orientation asks for, one pixel at a time.
  static func upright(_ picture: Picture, orientation: Int) -> Picture {
    let (w, h) = (picture.width, picture.height)
    var result = Picture(
      width: orientation >= 5 ? h : w, height: orientation >= 5 ? w : h, colour: (0, 0, 0))
    for y in 0..<h {
      for x in 0..<w {
        // Where the stored pixel (x, y) is seen.
        let (seenX, seenY) =
          switch orientation {
          case 2: (w - 1 - x, y)
          case 3: (w - 1 - x, h - 1 - y)
          case 4: (x, h - 1 - y)
          case 5: (y, x)
          case 6: (h - 1 - y, x)
          case 7: (h - 1 - y, w - 1 - x)
          case 8: (y, w - 1 - x)
          default: (x, y)
          }
        result[seenX, seenY] = picture[x, y]
      }
    }
    return result
  }
}

extension Picture {
  /// The greatest difference of any colour; 256 when the sizes differ.
  func greatestDifference(_ other: Picture) -> Int {
    if width != other.width || height != other.height { return 256 }
    return zip(pixels, other.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }
}

/// The error that decoding ends with; nil when it succeeds.
func decodingError(_ data: Data, settings: PictureDecoder.Settings = .init()) -> ImageError? {
  do throws(ImageError) {
    _ = try PictureDecoder.decode(data, settings: settings)
    return nil
  } catch {
    return error
  }
}
