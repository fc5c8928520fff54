import CTurboJPEG
import Kernels

extension PictureReader {
  /// Decodes with libjpeg-turbo.
  ///
  /// Memory: 3 bytes a decoded pixel (4 for CMYK); a progressive picture also keeps its coefficients, up to 6 bytes a
  /// pixel of the full size.
  func decodeJPEG(
    _ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings, target: DecodingTarget
  ) throws(ImageError) -> (pixels: Pixels, orientation: Int) {
    let header = try JPEGHeader(bytes)
    try checkSize(header, byteCount: bytes.count, settings: settings)
    let (width, height) = scaledSize(header, settings: settings, target: target)
    let isCMYK = header.components == 4
    let output = try makeRoom(
      width: width, height: height, channels: isCMYK ? 4 : 3, maximumPixels: settings.maximumPixels)
    guard let handle = jpegHandle else {
      throw .tooLarge(width: width, height: height, maximumPixels: settings.maximumPixels)
    }
    let flags = (settings.mode == .tensorflow ? TJFLAG_FASTDCT : TJFLAG_ACCURATEDCT) | TJFLAG_LIMITSCANS
    let status = tjDecompress2(
      handle, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(bytes.count), output, Int32(width), 0,
      Int32(height), Int32((isCMYK ? TJPF_CMYK : TJPF_RGB).rawValue), flags)
    if status != 0 { try checkMessage(handle, header: header, bytes: bytes) }
    if isCMYK { cmyk_to_rgb_u8(output, width * height, inverted: header.isAdobe) }
    return (Pixels(width: width, height: height, pointer: output), header.orientation)
  }

  /// Before memory is taken: the limit, and whether so few bytes can hold so many pixels.
  private func checkSize(
    _ header: JPEGHeader, byteCount: Int, settings: PictureDecoder.Settings
  ) throws(ImageError) {
    let count = header.width * header.height
    if count > settings.maximumPixels {
      throw .tooLarge(width: header.width, height: header.height, maximumPixels: settings.maximumPixels)
    }
    // A Huffman-coded block takes at least one bit, and the oddest subsampling has 9 blocks for 1,024 pixels.
    if header.isHuffman, count / 1024 > byteCount { throw .truncated(.jpeg) }
  }

  /// The smallest of 1, 1/2, 1/4 and 1/8 of the size that serves the target.
  private func scaledSize(
    _ header: JPEGHeader, settings: PictureDecoder.Settings, target: DecodingTarget
  ) -> (width: Int, height: Int) {
    let full = (header.width, header.height)
    guard settings.dctScaling, settings.mode != .tensorflow else { return full }
    // The target is upright, the stored picture may lie on its side.
    let isTransposed = header.orientation >= 5
    guard
      let upright = isTransposed
        ? target.smallestSize(width: header.height, height: header.width)
        : target.smallestSize(width: header.width, height: header.height)
    else { return full }
    let smallest = isTransposed ? (width: upright.height, height: upright.width) : upright
    for denominator in [8, 4, 2] {
      let width = (header.width + denominator - 1) / denominator
      let height = (header.height + denominator - 1) / denominator
      if Double(width) >= smallest.width, Double(height) >= smallest.height { return (width, height) }
    }
    return full
  }

  /// Tells warnings that do no harm from lost pixels.
  ///
  /// libjpeg keeps the first message only, and at the data's end it goes on with an end marker of its own: whatever it
  /// then says, a picture without an end marker is truncated.
  private func checkMessage(
    _ handle: tjhandle, header: JPEGHeader, bytes: UnsafeRawBufferPointer
  ) throws(ImageError) {
    let message = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown error"
    let lowered = message.lowercased()
    if lowered.contains("unsupported") || lowered.contains("not supported") || lowered.contains("not implemented") {
      throw .unsupported(what: "a JPEG of this kind (\(message))")
    }
    if lowered.contains("premature end") || !header.hasEnd(bytes) { throw .truncated(.jpeg) }
    let harmless = ["extraneous bytes", "unknown jfif", "unknown adobe", "invalid sos parameters"]
    let isWarning = tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue)
    if !isWarning || !harmless.contains(where: lowered.contains) { throw .corrupt(.jpeg, message: message) }
  }
}
