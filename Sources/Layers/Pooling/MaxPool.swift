import Kernels
import Schemas
import Tensors

/// The largest value of each window (`y = max over the window of x`), channel by channel.
///
/// Input `[height, width, channels]`. `valid`: output sides `(side - window) / stride + 1`, what is left over is dropped;
/// `same`: `side / stride` rounded up, padded as TensorFlow does, the padding never wins. The gradient goes to the first
/// largest value in row-major order, as in PyTorch and TensorFlow.
public struct MaxPool: BuiltInLayer {
  public static let schema = Schema(
    "max_pool", help: "The largest value of each window.", options: PoolOptions.schema)

  public let options: Options
  public let pooling: PoolOptions

  /// - Throws: `LayerError.options` when a list has not two members.
  public init(options: Options) throws {
    self.options = options
    pooling = try PoolOptions(options)
  }

  /// True for 2 x 2 windows in steps of 2 without padding: the form that fusions know.
  public var isTwoByTwo: Bool { pooling.window == (2, 2) && pooling.stride == (2, 2) && !pooling.padsSame }

  public func signature(for inputs: [Shape]) throws -> LayerSignature { try pooling.signature(for: inputs) }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    MaxPoolOperation(pooling.geometry(for: request.inputShapes[0]))
  }
}

/// Finds the winners again from the input in backward.
private final class MaxPoolOperation: Operation {
  private let geometry: PoolGeometry

  init(_ geometry: PoolGeometry) { self.geometry = geometry }

  var backwardReads: BackwardReads { .inputs }

  func forward(_ frame: Frame) {
    let geometry = geometry
    let x = frame.inputs[0]
    let y = frame.output!
    forEachPoolBand(frame.pool, geometry, batch: frame.batch, separateInputs: false) { image, first, end in
      max_pool_forward(
        geometry, x + image * geometry.inputCount, y + image * geometry.outputCount, firstRow: first, endRow: end)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let geometry = geometry
    let x = frame.inputs[0]
    let dy = frame.outputGradient!
    forEachPoolBand(frame.pool, geometry, batch: frame.batch, separateInputs: true) { image, first, end in
      zeroBand(geometry, dx + image * geometry.inputCount, first, end)
      max_pool_backward(
        geometry, x + image * geometry.inputCount, dy + image * geometry.outputCount, dx + image * geometry.inputCount,
        firstRow: first, endRow: end)
    }
  }
}

/// Writes zeros to the input rows that belong to a band of output rows.
func zeroBand(_ geometry: PoolGeometry, _ image: UnsafeMutablePointer<Float>, _ firstRow: Int, _ endRow: Int) {
  let rowStride = geometry.inputWidth * geometry.channels
  let top = geometry.firstInputRow(ofBand: firstRow)
  let bottom = geometry.firstInputRow(ofBand: endRow)
  (image + top * rowStride).update(repeating: 0, count: (bottom - top) * rowStride)
}
