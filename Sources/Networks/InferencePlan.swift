import Layers
import Tensors

/// A network made ready to classify: batch norms folded, layers fused, all memory laid out, for up to `batch` examples.
///
/// Not thread-safe; one thread drives it, and the pool's workers share the work.
public final class InferencePlan {
  public let network: Network
  public let parameters: ParameterSet
  public let batch: Int
  private let executor: PlanExecutor

  /// - Parameter arena: memory to work in, such as `TrainingPlan.arena` between two steps; nil for memory of its own.
  /// - Throws: `NetworkError.outOfMemory`; `.operation` when a plugin's layer cannot be planned.
  public convenience init(
    network: Network, parameters: ParameterSet, batch: Int, pool: WorkerPool, arena: Arena? = nil
  ) throws(NetworkError) {
    try self.init(
      network: network, parameters: parameters, batch: batch, pool: pool, arena: arena, options: PlanOptions())
  }

  package init(
    network: Network, parameters: ParameterSet, batch: Int, pool: WorkerPool, arena: Arena? = nil,
    options: PlanOptions
  ) throws(NetworkError) {
    self.network = network
    self.parameters = parameters
    self.batch = batch
    executor = try PlanExecutor(
      network: network, parameters: parameters, purpose: .inference, batch: batch, pool: pool,
      arena: arena ?? Arena(), gradients: [], options: options)
    try prepare()
  }

  /// Bytes of the arena that this plan uses.
  public var arenaBytes: Int { executor.arenaBytes }

  /// Bytes of packed weights and the like.
  public var persistentBytes: Int { executor.persistentBytes }

  /// To be called when parameters have changed, before the next `forward`: packs weights, folds statistics. `init`
  /// has called it once.
  ///
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  public func prepare() throws(NetworkError) { try executor.prepare(onlyLearning: false) }

  /// - Parameter pixels: `[count] + inputShape`.
  /// - Parameter count: 1 ... `batch`.
  /// - Returns: logits `[count, classes]` (before a last `softmax`), valid until the next call that uses the arena.
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  public func forward(pixels: UnsafePointer<Float>, count: Int) throws(NetworkError) -> UnsafePointer<Float> {
    precondition((1...batch).contains(count), "\(count) examples for a plan of \(batch)")
    try executor.prepare(onlyLearning: true)
    return UnsafePointer(
      try executor.forward(
        pixels: pixels, count: count, randomKey: RandomKey(seed: 0), samples: Array(0..<count)))
  }

  /// The buffers of the memory plan, for tests.
  package var buffers: [(label: String, offset: Int, count: Int, first: Int, last: Int)] {
    executor.layout.memory.buffers.map { ($0.label, $0.offset, $0.count, $0.first, $0.last) }
  }

  /// The layers of each operation, for tests.
  package var steps: [[String]] { executor.plan.steps.map(executor.names) }
}
