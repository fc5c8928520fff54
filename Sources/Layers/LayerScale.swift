import Kernels
import Schemas
import Tensors

/// Multiplies each channel by a learnt factor: `y[..., c] = gamma[c] x[..., c]` (Touvron et al. 2021, CaiT).
///
/// Shapes: `[..., channels]` -> the same. Parameters: `gamma` `[channels]`, starts as `initial`: 1 in Herbariograph's
/// networks, 1e-6 in those of Liu et al. 2022.
public struct LayerScale: BuiltInLayer {
  public static let schema = Schema(
    "layer_scale", help: "Multiplies each channel by a learnt factor.",
    options: [OptionSchema("initial", .number, default: .number(1), help: "How the factors start.")])

  public let options: Options
  public let initial: Float

  /// - Throws: `LayerError.options` for a number that float32 does not hold.
  public init(options: Options) throws {
    self.options = options
    initial = Float(options.number("initial"))
    if !initial.isFinite { throw LayerError.options("'initial' = \(options.number("initial")) is too large") }
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    guard shape.rank >= 1 else { throw LayerError.inputRank(expected: "an array with channels", found: shape) }
    return LayerSignature(
      outputShape: shape, parameters: [ParameterSpec("gamma", [shape.channels], .constant(initial))],
      flops: shape.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    LayerScaleOperation(request.inputShapes[0], batch: request.maximumBatch)
  }
}

/// A tile is an example; the gradient of `gamma` is summed within examples and then over them, in order.
private final class LayerScaleOperation: Operation {
  private let positions: Int
  private let channels: Int
  private let batch: Int

  init(_ shape: Shape, batch: Int) {
    channels = shape.channels
    positions = channels == 0 ? 0 : shape.count / channels
    self.batch = batch
  }

  var backwardReads: BackwardReads { .inputs }
  var workspaceCount: Int { batch * channels }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    let (positions, channels) = (positions, channels)
    let (x, gamma, y) = (frame.inputs[0], frame.parameters[0], frame.output!)
    frame.pool.forEachTile(frame.batch) { example, _ in
      let offset = example * positions * channels
      scale_channels(x + offset, gamma, y + offset, positions: positions, channels: channels)
    }
  }

  func backward(_ frame: Frame) {
    let (positions, channels) = (positions, channels)
    let (x, gamma, dy) = (frame.inputs[0], frame.parameters[0], frame.outputGradient!)
    let dx = frame.inputGradients[0]
    let gammaGradient = frame.parameterGradients[0]
    let partials = frame.workspace!
    frame.pool.forEachTile(frame.batch) { example, _ in
      let offset = example * positions * channels
      if gammaGradient != nil {
        sum_products(
          x + offset, dy + offset, partials + example * channels, positions: positions, channels: channels)
      }
      if let dx { scale_channels(dy + offset, gamma, dx + offset, positions: positions, channels: channels) }
    }
    if let gammaGradient {
      sum_partials(partials, parts: frame.batch, stride: channels, count: channels, into: gammaGradient)
    }
  }
}
