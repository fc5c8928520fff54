import Foundation

/// Pictures from bytes: JPEG, PNG, TIFF, WebP and BMP, told apart by their content.
///
/// Gray, palette, CMYK, 16-bit and transparent pictures all become 8-bit RGB; what is transparent lies on white.
///
/// Memory, in bytes a decoded pixel, beside the file: at most 4 while decoding (a strip or tile more for TIFF, 4 more
/// for lossless WebP), 6 while a turned picture is made upright, 3 more for the result. A progressive JPEG also keeps
/// up to 6 bytes for each pixel of its full size. So a 100-megapixel sheet takes at most 700 MB, a progressive JPEG
/// 1.3 GB; a baseline JPEG that is resized to a network's input with DCT scaling takes a few megabytes.
public enum PictureDecoder {
  /// What decoding depends on beside the bytes.
  public struct Settings: Equatable, Sendable {
    public var mode: Preprocessing.DecoderMode
    /// Whether a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size when a target asks for much less.
    public var dctScaling: Bool
    /// Pictures that declare more pixels are refused before memory is taken.
    public var maximumPixels: Int

    public init(
      mode: Preprocessing.DecoderMode = .accurate, dctScaling: Bool = false,
      maximumPixels: Int = PictureDecoder.maximumPixels
    ) {
      self.mode = mode
      self.dctScaling = dctScaling
      self.maximumPixels = maximumPixels
    }
  }

  /// The largest picture that is read unless settings say otherwise: 200 megapixels.
  public static let maximumPixels = 200_000_000
  /// The largest file that is read: 1 GiB.
  public static let maximumFileBytes = 1 << 30

  /// - Parameter target: the size that the picture will be resized to, for DCT-scaled decoding; the result may be
  ///   smaller than the picture, but has at least one and a half times the target's pixels on each axis.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, settings: Settings = Settings(), target: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> Picture {
    try picture(bytes, settings, target, reader: .ofThisThread)
  }

  public static func decode(
    _ data: Data, settings: Settings = Settings(), target: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> Picture {
    let result: Result<Picture, ImageError> = data.withUnsafeBytes { bytes in
      do throws(ImageError) {
        return .success(try decode(bytes, settings: settings, target: target))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// - Throws: `ImageError.unreadable` when the file cannot be read, or as the others.
  public static func decode(
    file path: String, settings: Settings = Settings(), target: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> Picture {
    let reader = PictureReader.ofThisThread
    return try picture(reader.contents(of: path), settings, target, reader: reader)
  }

  private static func picture(
    _ bytes: UnsafeRawBufferPointer, _ settings: Settings, _ target: (width: Int, height: Int)?, reader: PictureReader
  ) throws(ImageError) -> Picture {
    defer { reader.trim() }
    let decoded = try reader.decode(
      bytes, settings: settings, target: target.map { .size(width: $0.width, height: $0.height) } ?? .fullSize)
    let count = decoded.width * decoded.height * 3
    return Picture(
      width: decoded.width, height: decoded.height,
      pixels: Array(UnsafeBufferPointer(start: decoded.pointer, count: count)))
  }
}
