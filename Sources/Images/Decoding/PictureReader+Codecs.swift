import CPictureCodecs
import Kernels

extension PictureReader {
  /// Decodes with libpng. Memory: 3 bytes a pixel, 4 with transparency.
  func decodePNG(
    _ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings
  ) throws(ImageError) -> (pixels: Pixels, orientation: Int) {
    let decoded = try decode(bytes, settings: settings, format: .png, with: picture_png_decode)
    return (decoded.pixels, settings.mode == .tensorflow ? 1 : Exif.orientation(png: bytes))
  }

  /// Decodes with libtiff. Memory: 4 bytes a pixel, and a strip or tile.
  func decodeTIFF(
    _ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings
  ) throws(ImageError) -> (pixels: Pixels, orientation: Int) {
    try decode(bytes, settings: settings, format: .tiff, with: picture_tiff_decode)
  }

  private func decode(
    _ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings, format: PictureFormat,
    with codec: (UnsafePointer<UInt8>?, Int, UInt64, UnsafeMutablePointer<DecodedPicture>?) -> PictureStatus
  ) throws(ImageError) -> (pixels: Pixels, orientation: Int) {
    var result = DecodedPicture()
    let status = codec(
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, UInt64(max(0, settings.maximumPixels)),
      &result)
    let (width, height) = (Int(result.width), Int(result.height))
    guard status == PICTURE_OK, let memory = result.pixels else {
      let message = withUnsafeBytes(of: result.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      switch status {
      case PICTURE_TRUNCATED: throw .truncated(format)
      case PICTURE_UNSUPPORTED: throw .unsupported(what: "a \(format.name) of this kind (\(message))")
      case PICTURE_TOO_LARGE, PICTURE_NO_MEMORY:
        throw .tooLarge(width: width, height: height, maximumPixels: settings.maximumPixels)
      default: throw .corrupt(format, message: message)
      }
    }
    pixels.adopt(memory, capacity: width * height * Int(result.channels))
    if result.channels == 4 {
      composite_on_white_u8(memory, width * height, premultiplied: result.premultiplied != 0)
    }
    return (Pixels(width: width, height: height, pointer: memory), Int(result.orientation))
  }
}
