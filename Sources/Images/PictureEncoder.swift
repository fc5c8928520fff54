import CPictureCodecs
import CTurboJPEG
import Foundation

/// Pictures to bytes.
public enum PictureEncoder {
  /// How much of a JPEG's colour is kept beside its brightness.
  public enum ColourSampling: Sendable {
    /// All of it: 4:4:4.
    case full
    /// One value for each 2 x 2 pixels, 4:2:0: what TensorFlow, Pillow and cameras write unless they are told otherwise.
    case quarter
  }

  /// A baseline JPEG.
  ///
  /// - Parameters:
  ///   - quality: 1 to 100.
  ///   - sampling: of the colour; nil: a quarter of it, all of it from quality 90 on.
  /// - Throws: `ImageError.tooLarge` for sides above 65,500, or when memory is short.
  public static func jpeg(
    _ picture: Picture, quality: Int = 90, sampling: ColourSampling? = nil
  ) throws(ImageError) -> Data {
    let failure = ImageError.tooLarge(
      width: picture.width, height: picture.height, maximumPixels: PictureDecoder.maximumPixels)
    guard let handle = tjInitCompress() else { throw failure }
    defer { tjDestroy(handle) }
    var bytes: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    defer { tjFree(bytes) }
    let quality = min(100, max(1, quality))
    let subsampling = (sampling ?? (quality >= 90 ? .full : .quarter)) == .full ? TJSAMP_444 : TJSAMP_420
    let status = picture.pixels.withUnsafeBufferPointer {
      tjCompress2(
        handle, $0.baseAddress, Int32(picture.width), 0, Int32(picture.height), Int32(TJPF_RGB.rawValue), &bytes,
        &size, Int32(subsampling.rawValue), Int32(quality), TJFLAG_ACCURATEDCT)
    }
    guard status == 0, let bytes else { throw failure }
    return Data(bytes: bytes, count: Int(size))
  }

  /// - Throws: `ImageError.tooLarge` for sides above 1,000,000, or when memory is short.
  public static func png(_ picture: Picture) throws(ImageError) -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    var size = 0
    let status = picture.pixels.withUnsafeBufferPointer {
      picture_png_encode($0.baseAddress, UInt32(picture.width), UInt32(picture.height), &bytes, &size)
    }
    guard status == PICTURE_OK, let bytes else {
      throw .tooLarge(width: picture.width, height: picture.height, maximumPixels: PictureDecoder.maximumPixels)
    }
    return Data(bytesNoCopy: bytes, count: size, deallocator: .free)
  }
}
