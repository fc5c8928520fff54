import Foundation

/// Pictures from bytes: JPEG, PNG, TIFF, WebP and BMP, told apart by their content.
///
/// Gray, palette, CMYK, 16-bit and transparent pictures all become 8-bit RGB; what is transparent lies on white.
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
  ///   smaller than the picture, but is well above the target on both axes.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, settings: Settings = Settings(), target: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> Picture {
    throw .notAnImage
  }

  public static func decode(
    _ data: Data, settings: Settings = Settings(), target: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> Picture {
    throw .notAnImage
  }

  public static func decode(
    file path: String, settings: Settings = Settings(), target: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> Picture {
    throw .notAnImage
  }
}
