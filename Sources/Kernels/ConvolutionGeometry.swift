/// The extents of one two-dimensional convolution, NHWC with HWIO kernels.
///
/// `y[oh, ow, f] = sum over kh, kw, c of
///  x[oh * strideHeight + kh * dilationHeight - padTop, ow * strideWidth + kw * dilationWidth - padLeft, c]
///  * w[kh, kw, c, f]`, where `x` is zero outside the picture. With groups, filter `f` sees the channels of its group
/// alone, and the kernel is `[kernelHeight, kernelWidth, inputChannels / groups, filters]`.
public struct ConvolutionGeometry: Equatable, Sendable {
  public var inputHeight: Int
  public var inputWidth: Int
  public var inputChannels: Int
  public var outputHeight: Int
  public var outputWidth: Int
  public var filters: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideHeight: Int
  public var strideWidth: Int
  public var dilationHeight: Int
  public var dilationWidth: Int
  public var groups: Int
  public var padTop: Int
  public var padLeft: Int

  /// The output extents and the padding follow from the rest.
  ///
  /// - Parameter same: true pads as TensorFlow does, so that the output is the input divided by the stride, rounded up,
  ///   and an odd row of padding stands at the end. false pads nothing. An output extent below 1 means that the window
  ///   does not fit.
  public init(
    inputHeight: Int, inputWidth: Int, inputChannels: Int, filters: Int, kernel: (Int, Int),
    stride: (Int, Int) = (1, 1), dilation: (Int, Int) = (1, 1), groups: Int = 1, same: Bool = false
  ) {
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.filters = filters
    (kernelHeight, kernelWidth) = kernel
    (strideHeight, strideWidth) = stride
    (dilationHeight, dilationWidth) = dilation
    self.groups = groups
    (outputHeight, padTop) = ConvolutionGeometry.axis(inputHeight, kernel.0, stride.0, dilation.0, same)
    (outputWidth, padLeft) = ConvolutionGeometry.axis(inputWidth, kernel.1, stride.1, dilation.1, same)
  }

  private static func axis(_ input: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ same: Bool) -> (Int, Int) {
    let window = (kernel - 1) * dilation + 1
    if !same { return (input < window ? 0 : (input - window) / stride + 1, 0) }
    let output = (input + stride - 1) / stride
    return (output, max(0, (output - 1) * stride + window - input) / 2)
  }

  /// Rows of input that the window spans, dilation included.
  public var windowHeight: Int { (kernelHeight - 1) * dilationHeight + 1 }
  public var windowWidth: Int { (kernelWidth - 1) * dilationWidth + 1 }
  public var groupInputChannels: Int { inputChannels / groups }
  public var groupFilters: Int { filters / groups }
  /// Weights of one filter: the K axis of the matrix product.
  public var weightsPerFilter: Int { kernelHeight * kernelWidth * groupInputChannels }
  public var kernelCount: Int { weightsPerFilter * filters }
  public var inputCount: Int { inputHeight * inputWidth * inputChannels }
  public var outputCount: Int { outputHeight * outputWidth * filters }

  /// True when some window reaches outside the picture.
  public var isPadded: Bool {
    padTop > 0 || padLeft > 0 || (outputHeight - 1) * strideHeight + windowHeight > inputHeight
      || (outputWidth - 1) * strideWidth + windowWidth > inputWidth
  }

  /// The convolution that computes the input gradient from the output gradient, when the stride is 1: over the
  /// zero-padded output gradient, with the kernel flipped and its channel axes swapped.
  public var inputGradientGeometry: ConvolutionGeometry {
    var result = self
    (result.inputHeight, result.outputHeight) = (outputHeight, inputHeight)
    (result.inputWidth, result.outputWidth) = (outputWidth, inputWidth)
    (result.inputChannels, result.filters) = (filters, inputChannels)
    result.padTop = windowHeight - 1 - padTop
    result.padLeft = windowWidth - 1 - padLeft
    return result
  }
}
