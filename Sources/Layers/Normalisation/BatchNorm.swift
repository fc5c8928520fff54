import Kernels
import Schemas
import Tensors

/// Normalises each channel over batch and positions (Ioffe and Szegedy 2015).
///
/// `y = gamma (x - mean) / sqrt(variance + epsilon) + beta`
///
/// While training, mean and (biased) variance are the batch's, and as in Keras
/// `running = momentum running + (1 - momentum) batch`; at inference, and where the layer is frozen, they are the running
/// ones.
/// Shapes: `[..., channels]` -> the same. Parameters, each `[channels]`: `gamma` (ones), `beta` (zeros),
/// `running_mean` (zeros), `running_variance` (ones); the last two are not trainable.
public struct BatchNorm: BuiltInLayer {
  public static let schema = Schema(
    "batch_norm", help: "Normalises each channel over batch and positions.",
    options: [
      OptionSchema(
        "momentum", .number, default: .number(0.99), minimum: 0, maximum: 1,
        help: "How much of the running statistics is kept at each step."),
      OptionSchema(
        "epsilon", .number, default: .number(1e-3), minimum: 0, maximum: 1, help: "Added to the variance."),
    ])

  public let options: Options
  public let momentum: Float
  public let epsilon: Float

  public init(options: Options) throws {
    self.options = options
    momentum = Float(options.number("momentum"))
    epsilon = Float(options.number("epsilon"))
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    guard shape.rank >= 1, shape.channels >= 1 else {
      throw LayerError.inputRank(expected: "a picture or a vector", found: shape)
    }
    let channels = Shape([shape.channels])
    return LayerSignature(
      outputShape: shape,
      parameters: [
        ParameterSpec("gamma", channels, .constant(1)),
        ParameterSpec("beta", channels, .constant(0)),
        ParameterSpec("running_mean", channels, .constant(0), isTrainable: false),
        ParameterSpec("running_variance", channels, .constant(1), isTrainable: false),
      ], flops: 2 * shape.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    if request.isTraining, !request.isFrozen {
      return FusedBatchNorm(self, request, relu: false, pools: false)
    }
    return BatchNormInference(self, request)
  }

  /// This layer with what stands behind it as one operation for training, which keeps only its input.
  ///
  /// - Parameters:
  ///   - activation: nil: none. Only `relu` can be fused.
  ///   - pool: nil: none. Only 2 x 2 windows in steps of 2 without padding, over pictures, can be fused.
  /// - Returns: nil when this combination cannot be fused.
  public func fusedTrainingOperation(
    _ request: OperationRequest, activation: Activation?, pool: MaxPool?
  ) -> (any Operation)? {
    guard request.isTraining, activation == nil || activation == .relu else { return nil }
    if let pool, !pool.isTwoByTwo || !request.inputShapes[0].isPicture { return nil }
    return FusedBatchNorm(self, request, relu: activation == .relu, pools: pool != nil)
  }

  /// The factor and the summand of each channel at inference: `y = scale x + shift`, for folding into the layer before.
  ///
  /// - Parameters: each an array of `channels` numbers; the last two are written.
  public func inferenceScaleAndShift(
    gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    variance: UnsafePointer<Float>, channels: Int, scale: UnsafeMutablePointer<Float>,
    shift: UnsafeMutablePointer<Float>
  ) {
    for c in 0..<channels {
      scale[c] = gamma[c] / (variance[c] + epsilon).squareRoot()
      shift[c] = beta[c] - mean[c] * scale[c]
    }
  }
}

/// Calls `body(tile, firstPosition, positions)` for ranges of positions whose number depends on the shape only.
func forEachPositionTile(
  _ pool: WorkerPool, positions: Int, channels: Int, _ body: (_ tile: Int, _ start: Int, _ count: Int) -> Void
) {
  let size = positionTileSize(channels)
  pool.forEachTile((positions + size - 1) / size) { tile, _ in
    let start = tile * size
    body(tile, start, min(size, positions - start))
  }
}

/// Positions of a tile: about 65,536 values.
func positionTileSize(_ channels: Int) -> Int { max(16, 65536 / channels) }
