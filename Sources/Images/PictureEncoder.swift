import Foundation

/// Pictures to bytes.
public enum PictureEncoder {
  /// - Parameter quality: 1 to 100.
  /// - Throws: `ImageError.tooLarge` for sides above 65,535.
  public static func jpeg(_ picture: Picture, quality: Int = 90) throws(ImageError) -> Data { Data() }

  /// - Throws: `ImageError.tooLarge` for sides above 1,000,000.
  public static func png(_ picture: Picture) throws(ImageError) -> Data { Data() }
}
