import Kernels
import Schemas
import Tensors

/// Adds normally distributed noise of mean 0 while training; does nothing at inference.
///
/// The noise depends on the seed, the epoch, the layer's name and the sample alone. Shapes: any -> the same.
public struct GaussianNoise: BuiltInLayer {
  public static let schema = Schema(
    "gaussian_noise", help: "Adds normally distributed noise while training.",
    options: [
      OptionSchema(
        "deviation", .number, default: .number(0.1), minimum: 0, maximum: 1e6,
        help: "The standard deviation of the noise.")
    ])

  public let options: Options
  public let deviation: Float

  public init(options: Options) throws {
    self.options = options
    deviation = Float(options.number("deviation"))
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    return LayerSignature(outputShape: shape, flops: shape.count)
  }

  public var isRandom: Bool { deviation > 0 }

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool { !isTraining || deviation == 0 }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    GaussianNoiseOperation(deviation: request.isTraining ? deviation : 0, count: request.inputShapes[0].count)
  }
}

private final class GaussianNoiseOperation: Operation {
  private let deviation: Float
  private let count: Int

  init(deviation: Float, count: Int) {
    self.deviation = deviation
    self.count = count
  }

  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    let (x, y) = (frame.inputs[0], frame.output!)
    if deviation == 0 { return copyChunks(frame.pool, x, y, count * frame.batch) }
    let (deviation, count) = (deviation, count)
    let (key, samples) = (frame.randomKey, frame.samples)
    frame.pool.forEachTile(frame.batch) { example, _ in
      add_normal_noise(
        x + example * count, deviation: deviation, key: key.deriving(samples[example]).bits, y + example * count, count)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    copyChunks(frame.pool, frame.outputGradient!, dx, count * frame.batch)
  }
}
