import Kernels
import Schemas
import Tensors

/// `y = exp(x) / sum of exp(x)` over the last axis, computed after the largest value was subtracted.
///
/// Shapes: any -> the same.
public struct Softmax: BuiltInLayer {
  public static let schema = Schema("softmax", help: "Makes a distribution of the last axis.")

  public let options: Options

  public init(options: Options) throws { self.options = options }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    return LayerSignature(outputShape: shape, flops: 4 * shape.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    SoftmaxOperation(request.inputShapes[0])
  }
}

private final class SoftmaxOperation: Operation {
  private let rows: Int
  private let columns: Int
  private let tileRows: Int

  init(_ shape: Shape) {
    columns = shape.channels
    rows = shape.count / max(1, columns)
    tileRows = max(1, 16384 / max(1, columns))
  }

  var backwardReads: BackwardReads { .output }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    let columns = columns
    let x = frame.inputs[0]
    let y = frame.output!
    forEachChunk(frame.pool, rows * frame.batch, of: tileRows) { start, count in
      softmax_forward(x + start * columns, y + start * columns, rows: count, columns: columns)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let columns = columns
    let y = frame.output!
    let dy = frame.outputGradient!
    forEachChunk(frame.pool, rows * frame.batch, of: tileRows) { start, count in
      softmax_backward(
        y + start * columns, dy + start * columns, dx + start * columns, rows: count, columns: columns)
    }
  }
}
