import Foundation
import Kernels

extension Preprocessing {
  /// Decodes, fits and resizes a file's picture.
  ///
  /// - Parameter output: gets `count` floats, `[height, width, 3]` in 0 to 255.
  /// - Precondition: `validate()` accepts these settings.
  public func read(file path: String, into output: UnsafeMutablePointer<Float>) throws(ImageError) {
    let reader = PictureReader.ofThisThread
    try read(reader.contents(of: path), reader: reader, into: output)
  }

  /// As `read(file:into:)`, of a path whose bytes need not be UTF-8.
  package func read(path: UnsafePointer<CChar>, into output: UnsafeMutablePointer<Float>) throws(ImageError) {
    let reader = PictureReader.ofThisThread
    try read(reader.contents(of: path), reader: reader, into: output)
  }

  /// Decodes, fits and resizes a picture that is in memory.
  public func read(bytes: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<Float>) throws(ImageError) {
    try read(bytes, reader: .ofThisThread, into: output)
  }

  /// As `read(file:into:)`, but `count` bytes, for a cache. The same numbers when `rounded` is set.
  public func read(file path: String, intoBytes output: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    let reader = PictureReader.ofThisThread
    try read(reader.contents(of: path), reader: reader, intoBytes: output)
  }

  /// As `read(bytes:into:)`, but `count` bytes, for a cache. The same numbers when `rounded` is set.
  public func read(bytes: UnsafeRawBufferPointer, intoBytes output: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    try read(bytes, reader: .ofThisThread, intoBytes: output)
  }

  /// Fits and resizes pixels that are in memory.
  ///
  /// - Parameters:
  ///   - pixels: `[height, width, 3]`, each extent 1 or more.
  ///   - output: gets `count` floats, `[height, width, 3]` in 0 to 255.
  public func read(
    pixels: UnsafePointer<UInt8>, width: Int, height: Int, into output: UnsafeMutablePointer<Float>
  ) {
    let reader = PictureReader.ofThisThread
    resize(pixels, width: width, height: height, with: reader.resampler, output)
  }

  /// As `read(pixels:width:height:into:)`, but `count` bytes, for a cache. The same numbers when `rounded` is set.
  public func read(
    pixels: UnsafePointer<UInt8>, width: Int, height: Int, intoBytes output: UnsafeMutablePointer<UInt8>
  ) {
    if width == self.width, height == self.height {
      output.update(from: pixels, count: count)
      return
    }
    let reader = PictureReader.ofThisThread
    let floats = reader.resampler.output(count)
    resize(pixels, width: width, height: height, with: reader.resampler, floats)
    if !rounded { round_pixels(floats, count) }
    narrow_u8(floats, output, count)
  }

  /// Cached bytes back to floats of 0 to 255.
  public static func expand(_ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int) {
    expand_u8(bytes, output, count)
  }

  /// Fits and resizes a decoded picture.
  ///
  /// - Parameter output: gets `count` floats, `[height, width, 3]` in 0 to 255.
  public func resize(_ picture: Picture, into output: UnsafeMutablePointer<Float>) {
    picture.pixels.withUnsafeBufferPointer { pixels in
      if let base = pixels.baseAddress {
        resize(base, width: picture.width, height: picture.height, with: PictureReader.ofThisThread.resampler, output)
      }
    }
  }

  /// Brings 0 to 255 to `range`, in place: the last step, after augmentation.
  public func normalise(_ pixels: UnsafeMutablePointer<Float>, count: Int) {
    scale_offset(pixels, (range[1] - range[0]) / 255, range[0], count)
  }

  private func read(
    _ bytes: UnsafeRawBufferPointer, reader: PictureReader, into output: UnsafeMutablePointer<Float>
  ) throws(ImageError) {
    let settings = PictureDecoder.Settings(mode: decoder, dctScaling: dctScaling)
    defer { reader.trim() }
    let pixels = try reader.decode(bytes, settings: settings, target: .preprocessing(self))
    resize(pixels.pointer, width: pixels.width, height: pixels.height, with: reader.resampler, output)
  }

  private func read(
    _ bytes: UnsafeRawBufferPointer, reader: PictureReader, intoBytes output: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    let floats = reader.resampler.output(count)
    try read(bytes, reader: reader, into: floats)
    if !rounded { round_pixels(floats, count) }
    narrow_u8(floats, output, count)
  }

  private func resize(
    _ source: UnsafePointer<UInt8>, width: Int, height: Int, with resampler: Resampler,
    _ output: UnsafeMutablePointer<Float>
  ) {
    let fitting = Fitting(self, width: width, height: height)
    if fitting.targetWidth != self.width || fitting.targetHeight != self.height {
      for i in 0..<self.width * self.height {
        for c in 0..<3 { output[3 * i + c] = Float(padColour[c]) }
      }
    }
    resampler.resample(
      Resampler.Source(
        pointer: source + (fitting.sourceY * width + fitting.sourceX) * 3, width: fitting.sourceWidth,
        height: fitting.sourceHeight, stride: width * 3),
      to: Resampler.Target(
        pointer: output + (fitting.targetY * self.width + fitting.targetX) * 3, width: fitting.targetWidth,
        height: fitting.targetHeight, stride: self.width * 3),
      mode: resize)
    if rounded { round_pixels(output, count) }
  }
}
