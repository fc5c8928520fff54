import Layers
import Tensors

/// A network made ready to learn: operations chosen and fused, all memory laid out, for up to `batch` examples.
///
///     let logits = try plan.forward(pixels: pixels, count: n, randomKey: key, samples: ids)
///     loss = crossEntropy.evaluate(logits: logits, ..., logitsGradient: plan.logitsGradient) + parameters.l2Loss()
///     plan.backward()          // fills plan.gradients
///
/// Not thread-safe; one thread drives it, and the pool's workers share the work.
public final class TrainingPlan {
  public let network: Network
  public let parameters: ParameterSet
  public let batch: Int
  /// Parallel to `parameters.entries`; nil for running statistics and for what was frozen when the plan was made.
  public let gradients: [Tensor?]

  /// - Throws: `NetworkError.outOfMemory`.
  public init(network: Network, parameters: ParameterSet, batch: Int, pool: WorkerPool) throws(NetworkError) {
    self.network = network
    self.parameters = parameters
    self.batch = batch
    gradients = []
  }

  /// Bytes of the arena: activations, gradients of activations, what layers save, scratch memory.
  public var arenaBytes: Int { 0 }

  /// Where the loss writes its gradient, `[count, classes]`; valid between `forward` and `backward`.
  public var logitsGradient: UnsafeMutablePointer<Float> { preconditionFailure() }

  /// Runs the network, in training mode, on the current parameters.
  ///
  /// - Parameters:
  ///   - pixels: `[count] + inputShape`; must stay as they are until `backward` has returned.
  ///   - count: 1 ... `batch`.
  ///   - randomKey: for dropout and the like; derived from the seed and the epoch or step.
  ///   - samples: the number of each example in its data set; with the key it decides an example's random numbers.
  /// - Returns: logits `[count, classes]` (before a last `softmax`), valid until `backward` or the next `forward`.
  public func forward(
    pixels: UnsafePointer<Float>, count: Int, randomKey: RandomKey, samples: [Int]
  ) -> UnsafeMutablePointer<Float> {
    preconditionFailure()
  }

  /// From the numbers in `logitsGradient`, computes `gradients` (overwriting them), the L2 terms' part included.
  public func backward() {}

  /// As `backward()`, with a gradient that stands elsewhere.
  public func backward(logitsGradient: UnsafePointer<Float>) {
    preconditionFailure()
  }

  /// Finds where a NaN or an infinity came from, by running the batch once more. Leaves parameters and running
  /// statistics as they are.
  ///
  /// Looks at the pixels, the parameters, each layer's output in order, then at the gradients of the last `backward`.
  /// - Returns: nil when all of these are finite.
  public func firstNonFinite(
    pixels: UnsafePointer<Float>, count: Int, randomKey: RandomKey, samples: [Int]
  ) -> NonFinite? {
    nil
  }
}
