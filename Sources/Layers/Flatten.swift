import Kernels
import Schemas
import Tensors

/// Lays the values of a picture out as one vector, rows first: `y[(h * width + w) * channels + c] = x[h, w, c]`.
///
/// Input any, output `[count]`. Costs nothing when it runs in place.
public struct Flatten: BuiltInLayer {
  public static let schema = Schema("flatten", help: "Makes one vector of a picture.")

  public let options: Options

  public init(options: Options) throws { self.options = options }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    LayerSignature(outputShape: [try oneInput(inputs).count])
  }

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool { true }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    FlattenOperation(count: request.inputShapes[0].count)
  }
}

/// Hands its input on; `Tokens` does the same.
final class FlattenOperation: Operation {
  private let count: Int

  init(count: Int) { self.count = count }

  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) { copyChunks(frame.pool, frame.inputs[0], frame.output!, count * frame.batch) }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    copyChunks(frame.pool, frame.outputGradient!, dx, count * frame.batch)
  }
}

/// Copies in parallel; nothing when both are the same memory.
func copyChunks(
  _ pool: WorkerPool, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int
) {
  if source == UnsafePointer(target) { return }
  forEachChunk(pool, count, of: 65536) { start, size in (target + start).update(from: source + start, count: size) }
}
