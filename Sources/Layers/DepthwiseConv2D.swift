import Kernels
import Schemas
import Tensors

/// Two-dimensional convolution of each channel with a kernel of its own, NHWC, with optional bias and activation.
///
/// `y[n, oh, ow, c] = activation(bias[c] + sum over kh, kw of
///  x[n, oh * stride + kh - pad, ow * stride + kw - pad, c] * kernel[kh, kw, c, 0])`
///
/// Input `[height, width, channels]`, output `[outputHeight, outputWidth, channels]`. Parameters: `kernel`
/// `[kernelHeight, kernelWidth, channels, 1]`, Glorot-uniform unless another initialiser is given (fan-in
/// `kernelHeight * kernelWidth * channels`, fan-out `kernelHeight * kernelWidth`, as Keras has it), and `bias`
/// `[channels]`, zeros. `same` padding is TensorFlow's, as in `Conv2D`.
public struct DepthwiseConv2D: BuiltInLayer, ActivationTaking {
  public static let schema = Schema(
    "depthwise_conv2d", help: "two-dimensional convolution of each channel with a kernel of its own",
    options: [
      OptionSchema(
        "kernel", .either([.integer, .list(.integer)]), required: true, minimum: 1, maximum: 1024,
        help: "window size: one integer, or { height, width }"),
      OptionSchema(
        "stride", .either([.integer, .list(.integer)]), default: .integer(1), minimum: 1, maximum: 1024,
        help: "step of the window: one integer, or { height, width }"),
      OptionSchema(
        "padding", .choice(["valid", "same"]), default: .string("valid"),
        help: "'same' pads with zeros, so that the output is as large as the input divided by the stride"),
      OptionSchema("bias", .boolean, default: .boolean(true), help: "whether a learnt number is added to each channel"),
      OptionSchema(
        "activation", .choice(Activation.allCases.map(\.rawValue)), help: "function applied to the output"),
      Initializer.optionSchema,
      OptionSchema(
        "l2", .number, default: .number(0), minimum: 0, help: "factor of the kernel's sum of squares in the loss"),
    ])

  public let options: Options
  /// Height and width, as is `stride`.
  public let kernel: (Int, Int)
  public let stride: (Int, Int)
  public let padsSame: Bool
  public let hasBias: Bool
  public let activation: Activation?
  let initializer: Initializer
  let l2: Float

  /// - Throws: `LayerError.options` when a list has not two members.
  public init(options: Options) throws {
    self.options = options
    for name in ["kernel", "stride"] {
      if case .list(let sides)? = options[name], sides.count != 2 {
        throw LayerError.options("'\(name)' must be one integer or a list of two, not of \(sides.count)")
      }
    }
    kernel = options.pair("kernel")
    stride = options.pair("stride")
    padsSame = options.string("padding") == "same"
    hasBias = options.boolean("bias")
    activation = options.optionalString("activation").flatMap(Activation.init(rawValue:))
    initializer = try Initializer(options: options)
    l2 = Float(options.number("l2"))
  }

  /// The extents over an input of this shape, which `signature` has accepted: as many groups as channels.
  func geometry(for input: Shape) -> ConvolutionGeometry {
    ConvolutionGeometry(
      inputHeight: input[0], inputWidth: input[1], inputChannels: input[2], filters: input[2], kernel: kernel,
      stride: stride, groups: input[2], same: padsSame)
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let input = try onePicture(inputs)
    let geometry = geometry(for: input)
    if geometry.outputHeight < 1 || geometry.outputWidth < 1 {
      throw LayerError.windowTooLarge(what: "kernel", window: [kernel.0, kernel.1], input: input)
    }
    let (area, channels) = (kernel.0 * kernel.1, input[2])
    var parameters = [
      ParameterSpec(
        "kernel", Shape([kernel.0, kernel.1, channels, 1]), initializer, fanIn: area * channels, fanOut: area, l2: l2)
    ]
    if hasBias { parameters.append(ParameterSpec("bias", Shape([channels]), .constant(0))) }
    let output = Shape([geometry.outputHeight, geometry.outputWidth, channels])
    let (flops, overflow) = output.count.multipliedReportingOverflow(by: 2 * area + (hasBias ? 1 : 0))
    return LayerSignature(outputShape: output, parameters: parameters, flops: overflow ? .max : flops)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    DepthwiseOperation(self, request, activation: activation)
  }

  public func operation(_ request: OperationRequest, activation: Activation) -> (any Operation)? {
    self.activation == nil ? DepthwiseOperation(self, request, activation: activation) : nil
  }
}
