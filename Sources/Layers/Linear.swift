import Kernels
import Schemas
import Tensors

/// A fully connected layer: `y = activation(x W + b)`.
///
/// Input `[features]`, output `[units]`, or, for each token, `[tokens, features]` and `[tokens, units]`. Parameters:
/// `kernel` `[features, units]`, Glorot-uniform unless another initialiser is given, and `bias` `[units]`, zeros.
public struct Linear: BuiltInLayer, ActivationTaking {
  public static let schema = Schema(
    "linear", help: "fully connected layer",
    options: [
      OptionSchema("units", .integer, required: true, minimum: 1, maximum: 16_777_216, help: "number of outputs"),
      OptionSchema("bias", .boolean, default: .boolean(true), help: "whether a learnt number is added to each output"),
      OptionSchema(
        "activation", .choice(Activation.allCases.map(\.rawValue)), help: "function applied to the output"),
      Initializer.optionSchema,
      OptionSchema(
        "l2", .number, default: .number(0), minimum: 0, help: "factor of the kernel's sum of squares in the loss"),
    ])

  public let options: Options
  public let units: Int
  public let hasBias: Bool
  public let activation: Activation?
  let initializer: Initializer
  let l2: Float

  public init(options: Options) throws {
    self.options = options
    units = options.integer("units")
    hasBias = options.boolean("bias")
    activation = options.optionalString("activation").flatMap(Activation.init(rawValue:))
    initializer = try Initializer(options: options)
    l2 = Float(options.number("l2"))
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    guard inputs.count == 1 else { throw LayerError.inputCount(expected: "one input", found: inputs.count) }
    guard inputs[0].rank == 1 || inputs[0].rank == 2 else {
      throw LayerError.inputRank(expected: "a vector (put a flatten layer before it)", found: inputs[0])
    }
    let features = inputs[0].channels
    let positions = inputs[0].rank == 1 ? 1 : inputs[0][0]
    var parameters = [
      ParameterSpec("kernel", Shape([features, units]), initializer, fanIn: features, fanOut: units, l2: l2)
    ]
    if hasBias { parameters.append(ParameterSpec("bias", Shape([units]), .constant(0))) }
    return LayerSignature(
      outputShape: Shape(inputs[0].dimensions.dropLast() + [units]), parameters: parameters,
      flops: Shape([positions, units, 2 * features + (hasBias ? 1 : 0)]).count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation { computation(request, activation) }

  private func computation(_ request: OperationRequest, _ activation: Activation?) -> any Operation {
    let shape = request.inputShapes[0]
    return shape.rank == 1
      ? LinearOperation(self, request, activation: activation)
      : PointwiseOperation(
        positions: shape[0], channels: shape[1], filters: units, hasBias: hasBias, request, activation: activation)
  }

  public func operation(_ request: OperationRequest, activation: Activation) -> (any Operation)? {
    self.activation == nil ? computation(request, activation) : nil
  }
}
