extension PictureReader {
  /// Decodes with a registered codec. Memory: 3 bytes a pixel, and the codec's scratch.
  ///
  /// - Throws: `ImageError.corrupt` when the codec says what cannot be; what it throws itself.
  func decode(
    _ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings, with codec: any PictureCodec
  ) throws(ImageError) -> (pixels: Pixels, orientation: Int) {
    let header = try codec.header(bytes)
    guard header.width > 0, header.height > 0, (1...8).contains(header.orientation) else {
      throw .corrupt(
        .other(codec.name),
        message: "\(header.width) x \(header.height) pixels, orientation \(header.orientation)")
    }
    let output = try makeRoom(
      width: header.width, height: header.height, channels: 3, maximumPixels: settings.maximumPixels,
      in: registeredPixels)
    var scratch: UnsafeMutableRawPointer?
    if header.workspaceBytes > 0 {
      guard header.workspaceBytes <= PictureReader.maximumWorkspace,
        let memory = workspace.reserve(header.workspaceBytes)
      else {
        throw .tooLarge(width: header.width, height: header.height, maximumPixels: settings.maximumPixels)
      }
      scratch = UnsafeMutableRawPointer(memory)
    }
    try codec.decode(bytes, header: header, into: output, workspace: scratch)
    return (Pixels(width: header.width, height: header.height, pointer: output), header.orientation)
  }

  /// 16 bytes for each pixel of the largest picture.
  private static let maximumWorkspace = 16 * PictureDecoder.maximumPixels
}
