import Kernels
import Schemas
import Tensors

/// The mean of each window, channel by channel: `y = sum over the window of x / positions of the window in the picture`.
///
/// Shapes as `MaxPool`. With `same` padding the padding is not counted, as in TensorFlow.
public struct AveragePool: BuiltInLayer {
  public static let schema = Schema("average_pool", help: "The mean of each window.", options: PoolOptions.schema)

  public let options: Options
  public let pooling: PoolOptions

  /// - Throws: `LayerError.options` when a list has not two members.
  public init(options: Options) throws {
    self.options = options
    pooling = try PoolOptions(options)
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature { try pooling.signature(for: inputs) }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    AveragePoolOperation(pooling.geometry(for: request.inputShapes[0]))
  }
}

private final class AveragePoolOperation: Operation {
  private let geometry: PoolGeometry

  init(_ geometry: PoolGeometry) { self.geometry = geometry }

  func forward(_ frame: Frame) {
    let geometry = geometry
    let x = frame.inputs[0]
    let y = frame.output!
    forEachPoolBand(frame.pool, geometry, batch: frame.batch, separateInputs: false) { image, first, end in
      average_pool_forward(
        geometry, x + image * geometry.inputCount, y + image * geometry.outputCount, firstRow: first, endRow: end)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let geometry = geometry
    let dy = frame.outputGradient!
    forEachPoolBand(frame.pool, geometry, batch: frame.batch, separateInputs: true) { image, first, end in
      zeroBand(geometry, dx + image * geometry.inputCount, first, end)
      average_pool_backward(
        geometry, dy + image * geometry.outputCount, dx + image * geometry.inputCount, firstRow: first, endRow: end)
    }
  }
}
