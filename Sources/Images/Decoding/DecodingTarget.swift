/// What a picture is decoded for, so that a JPEG need not be decoded larger.
enum DecodingTarget {
  case fullSize
  case size(width: Int, height: Int)
  case preprocessing(Preprocessing)

  /// A scaled picture must keep this many times the pixels of the target on each axis, so that the resampling that
  /// follows, and not the DCT, decides how the result looks.
  static let margin = 1.5

  /// The smallest size, of the whole picture, that still serves; nil when it must be decoded in full.
  func smallestSize(width: Int, height: Int) -> (width: Double, height: Double)? {
    switch self {
    case .fullSize: return nil
    case .size(let targetWidth, let targetHeight):
      return (Double(targetWidth) * DecodingTarget.margin, Double(targetHeight) * DecodingTarget.margin)
    case .preprocessing(let preprocessing):
      let fitting = Fitting(preprocessing, width: width, height: height)
      return (
        Double(width) * Double(fitting.targetWidth) / Double(fitting.sourceWidth) * DecodingTarget.margin,
        Double(height) * Double(fitting.targetHeight) / Double(fitting.sourceHeight) * DecodingTarget.margin
      )
    }
  }
}
