/// `keras.utils.smart_resize`: the largest central part with the target's aspect ratio, resized with bilinear
/// interpolation, half-pixel centres and no antialiasing.
struct SmartResize {
  /// The part that is kept, in pixels of the input.
  let top, left, height, width: Int
  /// For each row (column) of the target, between which two rows (columns) of the part it lies, and how far from the
  /// lower one.
  let rows, columns: InterpolationTable

  /// - Parameters: sizes in pixels, 1 or more.
  init(inputHeight: Int, inputWidth: Int, height targetHeight: Int, width targetWidth: Int) {
    // In float32 and cut off, as Keras computes it.
    let ratioHeight = Int(Float(inputWidth * targetHeight) / Float(targetWidth))
    let ratioWidth = Int(Float(inputHeight * targetWidth) / Float(targetHeight))
    // Keras fails where the part has no pixels; one row or column is the best that there is.
    height = max(1, min(inputHeight, ratioHeight))
    width = max(1, min(inputWidth, ratioWidth))
    top = (inputHeight - height) / 2
    left = (inputWidth - width) / 2
    rows = InterpolationTable(from: height, to: targetHeight)
    columns = InterpolationTable(from: width, to: targetWidth)
  }
}

/// Positions of bilinear interpolation along one axis: `(i + 0.5) size / target - 0.5`, in float32 as TensorFlow.
struct InterpolationTable {
  let lower, upper: [Int32]
  /// 0 at `lower`, 1 at `upper`.
  let fraction: [Float]

  init(from size: Int, to target: Int) {
    let scale = Float(size) / Float(target)
    let positions = (0..<target).map { (Float($0) + 0.5) * scale - 0.5 }
    lower = positions.map { Int32(min(size - 1, max(0, Int($0.rounded(.down))))) }
    upper = positions.map { Int32(min(size - 1, max(0, Int($0.rounded(.down)) + 1))) }
    fraction = positions.map { $0 - $0.rounded(.down) }
  }
}
