import Kernels
import Schemas
import Tensors

/// A fully connected layer: `y = activation(x W + b)`.
///
/// Input `[features]`, output `[units]`. Parameters: `kernel` `[features, units]`, Glorot-uniform unless another
/// initialiser is given, and `bias` `[units]`, zeros.
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
    guard inputs[0].rank == 1 else {
      throw LayerError.inputRank(expected: "a vector (put a flatten layer before it)", found: inputs[0])
    }
    let features = inputs[0][0]
    var parameters = [
      ParameterSpec("kernel", Shape([features, units]), initializer, fanIn: features, fanOut: units, l2: l2)
    ]
    if hasBias { parameters.append(ParameterSpec("bias", Shape([units]), .constant(0))) }
    return LayerSignature(
      outputShape: Shape([units]), parameters: parameters, flops: units * (2 * features + (hasBias ? 1 : 0)))
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    LinearOperation(self, request, activation: activation)
  }

  public func operation(_ request: OperationRequest, activation: Activation) -> (any Operation)? {
    self.activation == nil ? LinearOperation(self, request, activation: activation) : nil
  }
}
