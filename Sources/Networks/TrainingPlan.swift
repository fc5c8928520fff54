import Layers
import Tensors

/// A network made ready to learn: operations chosen and fused, all memory laid out, for up to `batch` examples.
///
///     let logits = plan.forward(pixels: pixels, count: n, randomKey: key, samples: ids)
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
  private let executor: PlanExecutor
  private let pool: WorkerPool
  private var count = 0

  /// - Throws: `NetworkError.outOfMemory`; `.noBackward` or `.operation` when a plugin's layer cannot be trained here.
  public convenience init(
    network: Network, parameters: ParameterSet, batch: Int, pool: WorkerPool
  ) throws(NetworkError) {
    try self.init(network: network, parameters: parameters, batch: batch, pool: pool, options: PlanOptions())
  }

  package init(
    network: Network, parameters: ParameterSet, batch: Int, pool: WorkerPool, options: PlanOptions
  ) throws(NetworkError) {
    self.network = network
    self.parameters = parameters
    self.batch = batch
    self.pool = pool
    let trained = parameters.entries.reduce(0) { $0 + ($1.isTrained ? $1.tensor.count : 0) }
    let available = Arena.availableBytes
    guard trained * 4 <= available else {
      throw .outOfMemory(what: "the parameters' gradient", needed: trained * 4, available: available)
    }
    gradients = parameters.entries.map { $0.isTrained ? Tensor($0.tensor.shape) : nil }
    executor = try PlanExecutor(
      network: network, parameters: parameters, purpose: .training, batch: batch, pool: pool, arena: Arena(),
      gradients: gradients, options: options)
    try prepare()
  }

  /// Bytes of the arena: activations, gradients of activations, what layers save, scratch memory.
  public var arenaBytes: Int { executor.arenaBytes }

  /// Bytes of packed weights and the like.
  public var persistentBytes: Int { executor.persistentBytes }

  /// The memory of activations, for an inference plan to use between two steps.
  public var arena: Arena { executor.arena }

  /// Where the loss writes its gradient, `[count, classes]`; valid between `forward` and `backward`.
  public var logitsGradient: UnsafeMutablePointer<Float> { executor.logitsGradient }

  /// To be called when somebody other than an optimizer has changed parameters, frozen ones included.
  ///
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  public func prepare() throws(NetworkError) { try executor.prepare(onlyLearning: false) }

  /// Runs the network, in training mode, on the current parameters.
  ///
  /// - Parameters:
  ///   - pixels: `[count] + inputShape`; must stay as they are until `backward` has returned.
  ///   - count: 1 ... `batch`.
  ///   - randomKey: for dropout and the like; derived from the seed and the epoch or step.
  ///   - samples: the number of each example in its data set; with the key it decides an example's random numbers.
  /// - Returns: logits `[count, classes]` (before a last `softmax`), valid until `backward` or the next `forward`.
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  public func forward(
    pixels: UnsafePointer<Float>, count: Int, randomKey: RandomKey, samples: [Int]
  ) throws(NetworkError) -> UnsafeMutablePointer<Float> {
    precondition((1...batch).contains(count), "\(count) examples for a plan of \(batch)")
    precondition(samples.count == count, "\(samples.count) sample numbers for \(count) examples")
    self.count = count
    try executor.prepare(onlyLearning: true)
    return try executor.forward(pixels: pixels, count: count, randomKey: randomKey, samples: samples)
  }

  /// From the numbers in `logitsGradient`, computes `gradients` (overwriting them).
  ///
  /// - Parameter includesL2: whether the L2 terms' part is added.
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  public func backward(includesL2: Bool = true) throws(NetworkError) {
    try executor.backward()
    if !includesL2 { return }
    for (entry, gradient) in zip(parameters.entries, gradients) where entry.spec.l2 != 0 {
      guard let gradient else { continue }
      addScaled(
        entry.tensor.pointer, 2 * entry.spec.l2, to: gradient.pointer, count: gradient.count, pool: pool)
    }
  }

  /// As `backward()`, with a gradient that stands elsewhere.
  public func backward(logitsGradient: UnsafePointer<Float>) throws(NetworkError) {
    if UnsafePointer(executor.logitsGradient) != logitsGradient {
      executor.logitsGradient.update(from: logitsGradient, count: count * network.classCount)
    }
    try backward()
  }

  /// Finds where a NaN or an infinity came from, by running the batch once more. Leaves parameters and running
  /// statistics as they are.
  ///
  /// Looks at the pixels, the trainable parameters, each layer's output in order, then at the gradients of the last
  /// `backward`, the last layer's first. Running statistics come last: the pass that went wrong has often spoilt them
  /// itself.
  /// - Returns: nil when all of these are finite.
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  public func firstNonFinite(
    pixels: UnsafePointer<Float>, count: Int, randomKey: RandomKey, samples: [Int]
  ) throws(NetworkError) -> NonFinite? {
    let exampleCount = network.inputShape.count
    if let index = Networks.firstNonFinite(pixels, count: count * exampleCount) {
      return .pixels(example: index / exampleCount)
    }
    if let name = nonFiniteParameter(isTrainable: true) { return .parameter(name: name) }
    let statistics = parameters.entries.filter { !$0.spec.isTrainable }.map { ($0.tensor, $0.tensor.copy()) }
    func restore() { for (tensor, copy) in statistics { tensor.pointer.update(from: copy.pointer, count: copy.count) } }
    var found: NonFinite?
    do throws(NetworkError) {
      try executor.prepare(onlyLearning: true)
      _ = try executor.forward(pixels: pixels, count: count, randomKey: randomKey, samples: samples) { step, output in
        if Networks.firstNonFinite(output, count: count * step.outputCount) == nil { return true }
        found = .output(layers: self.executor.names(of: step))
        return false
      }
    } catch {
      restore()
      throw error
    }
    restore()
    if found != nil { return found }
    for (entry, gradient) in zip(parameters.entries, gradients).reversed() {
      if let gradient, Networks.firstNonFinite(gradient.pointer, count: gradient.count) != nil {
        return .gradient(parameter: entry.name)
      }
    }
    return nonFiniteParameter(isTrainable: false).map { .parameter(name: $0) }
  }

  private func nonFiniteParameter(isTrainable: Bool) -> String? {
    parameters.entries.first {
      $0.spec.isTrainable == isTrainable
        && Networks.firstNonFinite($0.tensor.pointer, count: $0.tensor.count) != nil
    }?.name
  }

  /// The buffers of the memory plan, for tests.
  package var buffers: [(label: String, offset: Int, count: Int, first: Int, last: Int)] {
    executor.layout.memory.buffers.map { ($0.label, $0.offset, $0.count, $0.first, $0.last) }
  }

  /// The layers of each operation, for tests.
  package var steps: [[String]] { executor.plan.steps.map(executor.names) }
}
