import Tensors

/// What a network costs before it runs: memory, operations, and from these estimates of time and disk.
public struct PlanSummary: Equatable, Sendable {
  public let batch: Int
  public let parameterBytes: Int
  /// Parameter gradients of training.
  public let gradientBytes: Int
  /// What the optimizer keeps: `optimizerSlots` numbers a trainable parameter.
  public let optimizerBytes: Int
  /// Activations and scratch memory of one training step.
  public let trainingArenaBytes: Int
  public let inferenceArenaBytes: Int
  /// Packed weights and the like.
  public let persistentBytes: Int
  /// Of one example.
  public let forwardFlops: Int
  /// Of one example: forward, input gradients and parameter gradients.
  public let trainingFlops: Int

  /// Plans the network without allocating its memory.
  ///
  /// - Parameter optimizerSlots: arrays that the optimizer keeps for each parameter: 2 for adam, 1 for momentum.
  /// - Throws: `NetworkError.noBackward`, `.operation` about a plugin's layer.
  public init(network: Network, batch: Int, workerCount: Int, optimizerSlots: Int = 2) throws(NetworkError) {
    self.batch = batch
    parameterBytes = 4 * network.parameterCount
    gradientBytes = 4 * network.trainableCount
    optimizerBytes = 4 * optimizerSlots * network.trainableCount
    let training = try PlanSummary.footprint(network, .training, batch: batch, workerCount: workerCount)
    let inference = try PlanSummary.footprint(network, .inference, batch: batch, workerCount: workerCount)
    trainingArenaBytes = training.arena
    inferenceArenaBytes = inference.arena
    persistentBytes = max(training.persistent, inference.persistent)
    forwardFlops = network.flops
    trainingFlops = PlanSummary.trainingFlops(of: network)
  }

  /// Of one example: forward, input gradients and parameter gradients.
  public static func trainingFlops(of network: Network) -> Int { min(network.flops, .max / 3) * 3 }

  private static func footprint(
    _ network: Network, _ purpose: PlanGraph.Purpose, batch: Int, workerCount: Int
  ) throws(NetworkError) -> (arena: Int, persistent: Int) {
    let plan = try PlanSteps(
      network: network, parameters: ParameterFacts(network), purpose: purpose, batch: batch, workerCount: workerCount,
      fuses: true)
    let layout = PlanLayout(
      plan, batch: batch, isTraining: purpose == .training, logitsCount: network.classCount)
    return (4 * layout.memory.count, 4 * plan.persistentCount)
  }

  /// All that training holds at once, but for pictures on their way in.
  public var trainingBytes: Int {
    parameterBytes + gradientBytes + optimizerBytes + trainingArenaBytes + persistentBytes
  }

  /// Bytes of a model file.
  public var modelFileBytes: Int { parameterBytes }

  /// Bytes of a checkpoint with the optimizer's state.
  public var checkpointBytes: Int { parameterBytes + optimizerBytes }

  /// Seconds for one epoch of training at the given speed.
  public func epochSeconds(examples: Int, gigaflopsPerSecond: Double) -> Double {
    Double(trainingFlops) * Double(examples) / (gigaflopsPerSecond * 1e9)
  }
}
