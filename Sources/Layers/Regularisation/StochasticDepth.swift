import Kernels
import Schemas
import Tensors

/// Sets all values of an example to zero with probability `rate` while training, and divides those of the others by
/// `1 - rate` (Huang et al. 2016; `drop path` of timm, `StochasticDepth(mode = "row")` of torchvision). Does nothing at
/// inference. It stands at the end of a residual branch, so that a dropped example keeps only the skip.
///
/// Which examples are dropped depends on the seed, the epoch, the layer's name and the sample alone.
/// Shapes: any -> the same.
public struct StochasticDepth: BuiltInLayer {
  public static let schema = Schema(
    "stochastic_depth", help: "Drops a whole branch for some examples while training.",
    options: [
      OptionSchema(
        "rate", .number, default: .number(0.1), minimum: 0, maximum: 1, help: "The probability to be dropped.")
    ])

  public let options: Options
  public let rate: Float

  /// - Throws: `LayerError.options` for a rate of 1, which would leave nothing.
  public init(options: Options) throws {
    self.options = options
    rate = Float(options.number("rate"))
    if rate >= 1 { throw LayerError.options("'rate' must be less than 1") }
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    return LayerSignature(outputShape: shape, flops: shape.count)
  }

  public var isRandom: Bool { rate > 0 }

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool { !isTraining || rate == 0 }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    StochasticDepthOperation(
      rate: request.isTraining ? rate : 0, count: request.inputShapes[0].count, batch: request.maximumBatch)
  }
}

/// Keeps the factor of each example, 0 or `1 / (1 - rate)`, from `forward` to `backward`.
private final class StochasticDepthOperation: Operation {
  private let rate: Float
  private let count: Int
  private let batch: Int

  init(rate: Float, count: Int, batch: Int) {
    self.rate = rate
    self.count = count
    self.batch = batch
  }

  var savedCount: Int { rate == 0 ? 0 : batch }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    let (x, y) = (frame.inputs[0], frame.output!)
    if rate == 0 { return copyChunks(frame.pool, x, y, count * frame.batch) }
    for example in 0..<frame.batch {
      var stream = RandomStream(frame.randomKey.deriving(frame.samples[example]))
      frame.saved[example] = stream.uniform() < rate ? 0 : 1 / (1 - rate)
    }
    multiply(frame, x, y)
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    if rate == 0 { return copyChunks(frame.pool, frame.outputGradient!, dx, count * frame.batch) }
    multiply(frame, frame.outputGradient!, dx)
  }

  private func multiply(_ frame: Frame, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    let count = count
    let factors = frame.saved!
    frame.pool.forEachTile(frame.batch) { example, _ in
      rescale_forward(x + example * count, scale: factors[example], offset: 0, y + example * count, count)
    }
  }
}
