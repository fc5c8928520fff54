import Kernels
import Schemas
import Tensors

/// Puts a learnt token in front of a sequence (Dosovitskiy et al. 2021): `y = [token; x]`.
///
/// Input `[tokens, channels]`, output `[tokens + 1, channels]`. Parameter: `token` `[channels]`, normal with a deviation
/// of 0.02, and without weight decay.
public struct ClassToken: BuiltInLayer {
  public static let schema = Schema("class_token", help: "Puts a learnt token in front of a sequence of tokens.")

  public let options: Options

  public init(options: Options) throws { self.options = options }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try tokenSequence(inputs)
    return LayerSignature(
      outputShape: [shape[0] + 1, shape[1]],
      parameters: [ParameterSpec("token", [shape[1]], .normal(0.02), decays: false)])
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    ClassTokenOperation(request.inputShapes[0])
  }
}

/// A tile is an example.
private final class ClassTokenOperation: Operation {
  private let count: Int
  private let channels: Int

  init(_ shape: Shape) {
    count = shape.count
    channels = shape.channels
  }

  func forward(_ frame: Frame) {
    let (count, channels) = (count, channels)
    let (x, token, y) = (frame.inputs[0], frame.parameters[0], frame.output!)
    frame.pool.forEachTile(frame.batch) { example, _ in
      let target = y + example * (count + channels)
      target.update(from: token, count: channels)
      (target + channels).update(from: x + example * count, count: count)
    }
  }

  func backward(_ frame: Frame) {
    let (count, channels) = (count, channels)
    let dy = frame.outputGradient!
    if let gradient = frame.parameterGradients[0] {
      sum_partials(dy, parts: frame.batch, stride: count + channels, count: channels, into: gradient)
    }
    guard let dx = frame.inputGradients[0] else { return }
    frame.pool.forEachTile(frame.batch) { example, _ in
      (dx + example * count).update(from: dy + example * (count + channels) + channels, count: count)
    }
  }
}
