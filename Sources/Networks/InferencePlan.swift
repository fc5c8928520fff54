import Layers
import Tensors

/// A network made ready to classify: batch norms folded, layers fused, all memory laid out, for up to `batch` examples.
///
/// Not thread-safe; one thread drives it, and the pool's workers share the work.
public final class InferencePlan {
  public let network: Network
  public let parameters: ParameterSet
  public let batch: Int

  /// - Parameter arena: memory to work in, such as `TrainingPlan.arena` between two steps; nil for memory of its own.
  /// - Throws: `NetworkError.outOfMemory`.
  public init(
    network: Network, parameters: ParameterSet, batch: Int, pool: WorkerPool, arena: Arena? = nil
  ) throws(NetworkError) {
    self.network = network
    self.parameters = parameters
    self.batch = batch
  }

  /// Bytes of the arena that this plan uses.
  public var arenaBytes: Int { 0 }

  /// To be called when parameters have changed, before the next `forward`: packs weights, folds statistics. `init`
  /// has called it once.
  public func prepare() {}

  /// - Parameter pixels: `[count] + inputShape`.
  /// - Parameter count: 1 ... `batch`.
  /// - Returns: logits `[count, classes]` (before a last `softmax`), valid until the next call that uses the arena.
  public func forward(pixels: UnsafePointer<Float>, count: Int) -> UnsafePointer<Float> {
    preconditionFailure()
  }
}
