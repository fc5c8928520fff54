import Kernels
import Schemas
import Tensors

/// The sum of two or more inputs of the same shape: `y = x1 + x2 + ...`.
public struct Add: BuiltInLayer {
  public static let schema = Schema("add", help: "The sum of inputs of the same shape.")

  public let options: Options

  public init(options: Options) throws { self.options = options }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    guard inputs.count >= 2 else { throw LayerError.inputCount(expected: "two or more inputs", found: inputs.count) }
    for shape in inputs where shape != inputs[0] { throw LayerError.shapesDiffer(inputs[0], shape) }
    return LayerSignature(outputShape: inputs[0], flops: (inputs.count - 1) * inputs[0].count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    AddOperation(count: request.inputShapes[0].count, inputs: request.inputShapes.count)
  }
}

private final class AddOperation: Operation {
  private let count: Int
  /// With more inputs, one that is given twice would be overwritten before it is read again.
  let canRunForwardInPlace: Bool

  init(count: Int, inputs: Int) {
    self.count = count
    canRunForwardInPlace = inputs == 2
  }

  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    let inputs = frame.inputs
    let y = frame.output!
    forEachChunk(frame.pool, count * frame.batch, of: 16384) { start, size in
      add_vectors(inputs[0] + start, inputs[1] + start, y + start, size)
      for x in inputs.dropFirst(2) { add_vectors(y + start, x + start, y + start, size) }
    }
  }

  func backward(_ frame: Frame) {
    for case let dx? in frame.inputGradients {
      copyChunks(frame.pool, frame.outputGradient!, dx, count * frame.batch)
    }
  }
}
