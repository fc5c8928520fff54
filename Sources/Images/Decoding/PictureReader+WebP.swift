import CWebP
import Kernels

extension PictureReader {
  /// Decodes with libwebp. Memory: 3 bytes a pixel, 4 with transparency, and what the codec needs (up to 4 bytes a
  /// pixel for a lossless picture).
  func decodeWebP(
    _ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings
  ) throws(ImageError) -> (pixels: Pixels, orientation: Int) {
    guard bytes.count >= 12 else { throw .truncated(.webp) }
    let declared = Int(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self).littleEndian)
    if declared > bytes.count - 8 { throw .truncated(.webp) }
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)

    var configuration = WebPDecoderConfig()
    guard WebPInitDecoderConfig(&configuration) != 0 else { throw .unsupported(what: "this version of libwebp") }
    try check(WebPGetFeatures(start, bytes.count, &configuration.input))
    if configuration.input.has_animation != 0 { throw .unsupported(what: "an animated WebP") }
    let width = Int(configuration.input.width)
    let height = Int(configuration.input.height)
    let hasAlpha = configuration.input.has_alpha != 0
    let channels = hasAlpha ? 4 : 3
    let output = try makeRoom(
      width: width, height: height, channels: channels, maximumPixels: settings.maximumPixels)

    configuration.output.colorspace = hasAlpha ? MODE_RGBA : MODE_RGB
    configuration.output.is_external_memory = 1
    configuration.output.u.RGBA.rgba = output
    configuration.output.u.RGBA.stride = Int32(width * channels)
    configuration.output.u.RGBA.size = width * height * channels
    let status = WebPDecode(start, bytes.count, &configuration)
    WebPFreeDecBuffer(&configuration.output)
    try check(status)
    if hasAlpha { composite_on_white_u8(output, width * height, premultiplied: false) }
    return (
      Pixels(width: width, height: height, pointer: output),
      settings.mode == .tensorflow ? 1 : Exif.orientation(webp: bytes)
    )
  }

  private func check(_ status: VP8StatusCode) throws(ImageError) {
    switch status {
    case VP8_STATUS_OK: return
    case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: throw .truncated(.webp)
    case VP8_STATUS_UNSUPPORTED_FEATURE: throw .unsupported(what: "a WebP of this kind")
    default: throw .corrupt(.webp, message: "libwebp's status \(status.rawValue)")
    }
  }
}
