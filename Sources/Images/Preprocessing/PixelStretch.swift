/// Resizes pictures that are floats already, as `tf.image.resize` does: bilinear, half-pixel centres, no antialias.
///
/// Callable from any thread.
///
/// - Parameters:
///   - pixels: `[height, width, 3]`, in any range.
///   - output: gets `[targetHeight, targetWidth, 3]`.
public func stretchPixels(
  _ pixels: UnsafePointer<Float>, width: Int, height: Int, to output: UnsafeMutablePointer<Float>,
  width targetWidth: Int, height targetHeight: Int
) {
  PictureReader.ofThisThread.resampler.stretch(
    pixels, width: width, height: height, to: output, width: targetWidth, height: targetHeight)
}
