import Foundation

extension Preprocessing {
  /// Decodes, fits and resizes a file's picture.
  ///
  /// - Parameter output: gets `count` floats, `[height, width, 3]` in 0 to 255.
  public func read(file path: String, into output: UnsafeMutablePointer<Float>) throws(ImageError) {
    throw .notAnImage
  }

  /// Decodes, fits and resizes a picture that is in memory.
  public func read(bytes: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<Float>) throws(ImageError) {
    throw .notAnImage
  }

  /// As `read(file:into:)`, but `count` bytes, for a cache. The same numbers when `rounded` is set.
  public func read(file path: String, intoBytes output: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    throw .notAnImage
  }

  /// As `read(bytes:into:)`, but `count` bytes, for a cache. The same numbers when `rounded` is set.
  public func read(bytes: UnsafeRawBufferPointer, intoBytes output: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    throw .notAnImage
  }

  /// Cached bytes back to floats of 0 to 255.
  public static func expand(_ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int) {}

  /// Fits and resizes a decoded picture.
  public func resize(_ picture: Picture, into output: UnsafeMutablePointer<Float>) {}

  /// Brings 0 to 255 to `range`, in place: the last step, after augmentation.
  public func normalise(_ pixels: UnsafeMutablePointer<Float>, count: Int) {}
}
