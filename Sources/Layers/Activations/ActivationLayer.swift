import Schemas
import Tensors

/// A layer that applies one `Activation` to each element; the plan fuses it into the layer before.
public protocol ElementwiseActivation: Layer {
  var activation: Activation { get }
}

extension ElementwiseActivation {
  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    return LayerSignature(outputShape: shape, flops: shape.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    ActivationOperation(activation, count: request.inputShapes[0].count)
  }
}

/// Any activation by its name: `activation { kind = "gelu" }`.
///
/// Shapes: any -> the same.
public struct ActivationLayer: BuiltInLayer, ElementwiseActivation {
  public static let schema = Schema(
    "activation", help: "Applies a function of one number to each element.",
    options: [
      OptionSchema(
        "kind", .choice(Activation.allCases.map(\.rawValue)), required: true, help: "The name of the function.")
    ])

  public let options: Options
  public let activation: Activation

  public init(options: Options) throws {
    self.options = options
    activation = Activation(rawValue: options.string("kind")) ?? .relu
  }
}

/// The only input's shape.
///
/// - Throws: `LayerError.inputCount`.
func oneInput(_ inputs: [Shape]) throws -> Shape {
  guard inputs.count == 1 else { throw LayerError.inputCount(expected: "one input", found: inputs.count) }
  return inputs[0]
}

/// The only input's shape when it is a picture.
///
/// - Throws: `LayerError.inputCount`, `LayerError.inputRank`.
func onePicture(_ inputs: [Shape]) throws -> Shape {
  let shape = try oneInput(inputs)
  guard shape.isPicture else {
    throw LayerError.inputRank(expected: "a picture (height x width x channels)", found: shape)
  }
  return shape
}
