/// The extents of a pooling over one picture, NHWC.
public struct PoolGeometry: Sendable, Equatable {
  public let inputHeight, inputWidth, channels: Int
  public let windowHeight, windowWidth: Int
  public let strideHeight, strideWidth: Int
  public let outputHeight, outputWidth: Int
  /// Rows and columns of padding before the picture; what lies there is never counted.
  public let padTop, padLeft: Int

  /// - Parameter same: TensorFlow's `same`: the output is input / stride rounded up, an odd padding stands at the end.
  ///   Otherwise `valid`: no padding, what is left over is dropped; the output is empty if the window does not fit.
  public init(
    inputHeight: Int, inputWidth: Int, channels: Int, window: (Int, Int), stride: (Int, Int), same: Bool
  ) {
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.channels = channels
    (windowHeight, windowWidth) = window
    (strideHeight, strideWidth) = stride
    (outputHeight, padTop) = PoolGeometry.extent(inputHeight, window.0, stride.0, same)
    (outputWidth, padLeft) = PoolGeometry.extent(inputWidth, window.1, stride.1, same)
  }

  private static func extent(_ input: Int, _ window: Int, _ stride: Int, _ same: Bool) -> (output: Int, pad: Int) {
    if !same { return (input < window ? 0 : (input - window) / stride + 1, 0) }
    let output = (input + stride - 1) / stride
    return (output, max(0, (output - 1) * stride + window - input) / 2)
  }

  /// True when no input position belongs to two windows.
  public var isDisjoint: Bool { windowHeight <= strideHeight && windowWidth <= strideWidth }

  public var inputCount: Int { inputHeight * inputWidth * channels }
  public var outputCount: Int { outputHeight * outputWidth * channels }

  /// The input rows that the windows of an output row see.
  @inline(__always)
  func rows(_ y: Int) -> (Int, Int) {
    let start = y * strideHeight - padTop
    return (max(0, start), min(inputHeight, start + windowHeight))
  }

  /// The input columns that the windows of an output column see.
  @inline(__always)
  func columns(_ x: Int) -> (Int, Int) {
    let start = x * strideWidth - padLeft
    return (max(0, start), min(inputWidth, start + windowWidth))
  }

  /// The first input row that belongs to no output row before `y`, so that bands of output rows of a disjoint pooling
  /// share out all input rows. `y` is 0 ... outputHeight.
  public func firstInputRow(ofBand y: Int) -> Int {
    if y == 0 { return 0 }
    return y >= outputHeight ? inputHeight : y * strideHeight - padTop
  }
}
