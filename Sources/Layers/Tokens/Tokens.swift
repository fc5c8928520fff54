import Schemas
import Tensors

/// Lays the positions of a picture out as a sequence of tokens, rows first:
/// `y[h * width + w, c] = x[h, w, c]`.
///
/// Input `[height, width, channels]`, output `[height * width, channels]`. Costs nothing: plans leave it out.
public struct Tokens: BuiltInLayer {
  public static let schema = Schema("tokens", help: "Makes a sequence of tokens of a picture's positions.")

  public let options: Options

  public init(options: Options) throws { self.options = options }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try onePicture(inputs)
    return LayerSignature(outputShape: [shape[0] * shape[1], shape[2]])
  }

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool { true }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    FlattenOperation(count: request.inputShapes[0].count)
  }
}
