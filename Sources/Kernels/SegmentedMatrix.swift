/// A matrix whose rows are windows over a picture, read where they lie.
///
/// Row `m` belongs to pixel (`m / gridWidth`, `m % gridWidth`) of a grid and starts at
/// `base + (m / gridWidth) * lineStride + (m % gridWidth) * pixelStride`. Its columns are `outerCount * innerCount`
/// segments of `length` consecutive floats, the segment (o, i) at `o * outerStride + i * innerStride`.
///
///     a 3x3 window over 4 channels, dilation 1: 3 segments of 12 floats, one picture row apart
///
///       base -> [ c c c c | c c c c | c c c c ] c c c c ...
///               [ c c c c | c c c c | c c c c ] c c c c ...        + outerStride
///               [ c c c c | c c c c | c c c c ] c c c c ...        + 2 outerStride
///
/// A plain matrix `[rows, k]` is one line of `rows` pixels with one segment of `k`.
public struct SegmentedMatrix {
  public var base: UnsafePointer<Float>
  public var rowCount: Int
  public var gridWidth: Int
  public var pixelStride: Int
  public var lineStride: Int
  public var outerCount: Int
  public var outerStride: Int
  public var innerCount: Int
  public var innerStride: Int
  public var length: Int

  /// The number of columns.
  @inlinable public var depth: Int { outerCount * innerCount * length }

  /// A plain row-major matrix `[rows, depth]` with `stride` floats from row to row.
  public init(rows: UnsafePointer<Float>, rowCount: Int, depth: Int, stride: Int) {
    base = rows
    self.rowCount = rowCount
    gridWidth = max(1, rowCount)
    pixelStride = stride
    lineStride = 0
    outerCount = 1
    outerStride = 0
    innerCount = 1
    innerStride = 0
    length = depth
  }

  /// The windows of `lines` rows of output pixels over a picture whose rows are `inputWidth` pixels apart.
  ///
  /// - Parameter base: the first float of the first window, of the wanted group.
  public init(windows geometry: ConvolutionGeometry, base: UnsafePointer<Float>, inputWidth: Int, lines: Int) {
    self.base = base
    rowCount = lines * geometry.outputWidth
    gridWidth = geometry.outputWidth
    let channels = geometry.inputChannels
    pixelStride = geometry.strideWidth * channels
    lineStride = geometry.strideHeight * inputWidth * channels
    outerCount = geometry.kernelHeight
    outerStride = geometry.dilationHeight * inputWidth * channels
    if geometry.dilationWidth == 1 && geometry.groups == 1 {
      innerCount = 1
      innerStride = 0
      length = geometry.kernelWidth * channels
    } else {
      innerCount = geometry.kernelWidth
      innerStride = geometry.dilationWidth * channels
      length = geometry.groupInputChannels
    }
  }
}
