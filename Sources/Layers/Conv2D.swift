import Kernels
import Schemas
import Tensors

/// Two-dimensional convolution (cross-correlation), NHWC with HWIO kernels, with optional bias and activation.
///
/// `y[n, oh, ow, f] = activation(bias[f] + sum over kh, kw, c of
///  x[n, oh * stride + kh * dilation - pad, ow * stride + kw * dilation - pad, c] * kernel[kh, kw, c, f])`
///
/// Input `[height, width, channels]`, output `[outputHeight, outputWidth, filters]`. Parameters: `kernel`
/// `[kernelHeight, kernelWidth, channels / groups, filters]`, Glorot-uniform unless another initialiser is given, and
/// `bias` `[filters]`, zeros. `same` padding is TensorFlow's: the output is input / stride, rounded up; an odd row of
/// zeros stands at the end.
public struct Conv2D: BuiltInLayer, ActivationTaking {
  public static let schema = Schema(
    "conv2d", help: "two-dimensional convolution",
    options: [
      OptionSchema("filters", .integer, required: true, minimum: 1, maximum: 65536, help: "number of output channels"),
      OptionSchema(
        "kernel", .either([.integer, .list(.integer)]), required: true, minimum: 1, maximum: 1024,
        help: "window size: one integer, or { height, width }"),
      OptionSchema(
        "stride", .either([.integer, .list(.integer)]), default: .integer(1), minimum: 1, maximum: 1024,
        help: "step of the window: one integer, or { height, width }"),
      OptionSchema(
        "padding", .choice(["valid", "same"]), default: .string("valid"),
        help: "'same' pads with zeros, so that the output is as large as the input divided by the stride"),
      OptionSchema(
        "dilation", .either([.integer, .list(.integer)]), default: .integer(1), minimum: 1, maximum: 1024,
        help: "distance of the window's taps: one integer, or { height, width }"),
      OptionSchema(
        "groups", .integer, default: .integer(1), minimum: 1, maximum: 65536,
        help: "number of groups into which the channels and the filters are divided"),
      OptionSchema("bias", .boolean, default: .boolean(true), help: "whether a learnt number is added to each channel"),
      OptionSchema(
        "activation", .choice(Activation.allCases.map(\.rawValue)), help: "function applied to the output"),
      Initializer.optionSchema,
      OptionSchema(
        "l2", .number, default: .number(0), minimum: 0, help: "factor of the kernel's sum of squares in the loss"),
    ])

  public let options: Options
  public let filters: Int
  /// Height and width, as are `stride` and `dilation`.
  public let kernel: (Int, Int)
  public let stride: (Int, Int)
  public let dilation: (Int, Int)
  public let padsSame: Bool
  public let groups: Int
  public let hasBias: Bool
  public let activation: Activation?
  let initializer: Initializer
  let l2: Float

  /// - Throws: `LayerError` when a list has not two members or `groups` does not divide `filters`.
  public init(options: Options) throws {
    self.options = options
    filters = options.integer("filters")
    for name in ["kernel", "stride", "dilation"] {
      if case .list(let sides)? = options[name], sides.count != 2 {
        throw LayerError.options("'\(name)' must be one integer or a list of two, not of \(sides.count)")
      }
    }
    kernel = options.pair("kernel")
    stride = options.pair("stride")
    dilation = options.pair("dilation")
    padsSame = options.string("padding") == "same"
    groups = options.integer("groups")
    hasBias = options.boolean("bias")
    activation = options.optionalString("activation").flatMap(Activation.init(rawValue:))
    initializer = try Initializer(options: options)
    l2 = Float(options.number("l2"))
    if filters % groups != 0 {
      throw LayerError.notDivisible(what: "filters", value: filters, by: "groups", divisor: groups)
    }
  }

  /// True for a window of one pixel: a matrix product over the channels of each.
  var isPointwise: Bool { kernel == (1, 1) && stride == (1, 1) && groups == 1 }

  /// The extents of the convolution over an input of this shape, which `signature` has accepted.
  func geometry(for input: Shape) -> ConvolutionGeometry {
    ConvolutionGeometry(
      inputHeight: input[0], inputWidth: input[1], inputChannels: input[2], filters: filters, kernel: kernel,
      stride: stride, dilation: dilation, groups: groups, same: padsSame)
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    guard inputs.count == 1 else { throw LayerError.inputCount(expected: "one input", found: inputs.count) }
    let input = inputs[0]
    guard input.isPicture else {
      throw LayerError.inputRank(expected: "a picture [height, width, channels]", found: input)
    }
    if input[2] % groups != 0 {
      throw LayerError.notDivisible(what: "input channels", value: input[2], by: "groups", divisor: groups)
    }
    let geometry = geometry(for: input)
    if geometry.outputHeight < 1 || geometry.outputWidth < 1 {
      throw LayerError.windowTooLarge(
        what: "kernel", window: [geometry.windowHeight, geometry.windowWidth], input: input)
    }
    let area = kernel.0 * kernel.1
    let kernelShape = Shape([kernel.0, kernel.1, geometry.groupInputChannels, filters])
    // Keras' fans: the kernel array's last two axes times the window, whatever the groups.
    var parameters = [
      ParameterSpec(
        "kernel", kernelShape, initializer, fanIn: area * geometry.groupInputChannels, fanOut: area * filters, l2: l2)
    ]
    if hasBias { parameters.append(ParameterSpec("bias", Shape([filters]), .constant(0))) }
    let pixels = geometry.outputHeight * geometry.outputWidth
    // A file may describe what no memory holds; the network refuses it by its shapes, so the count must not trap.
    let flopsPerOutput = 2 * geometry.weightsPerFilter + (hasBias ? 1 : 0)
    let (flops, overflow) = (pixels * filters).multipliedReportingOverflow(by: flopsPerOutput)
    return LayerSignature(
      outputShape: Shape([geometry.outputHeight, geometry.outputWidth, filters]), parameters: parameters,
      flops: overflow ? .max : flops)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    computation(request, activation)
  }

  private func computation(_ request: OperationRequest, _ activation: Activation?) -> any Operation {
    isPointwise
      ? PointwiseOperation(self, request, activation: activation)
      : ConvolutionOperation(self, request, activation: activation)
  }

  public func operation(_ request: OperationRequest, activation: Activation) -> (any Operation)? {
    self.activation == nil ? computation(request, activation) : nil
  }
}
