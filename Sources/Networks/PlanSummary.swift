import Tensors

/// What a network costs before it runs: memory, operations, and from these estimates of time and disk.
public struct PlanSummary: Equatable, Sendable {
  public let batch: Int
  public let parameterBytes: Int
  /// Parameter gradients of training.
  public let gradientBytes: Int
  /// What the optimizer keeps: `optimizerSlots` numbers a parameter that learns.
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
  /// - Parameters:
  ///   - frozen: the names of layers that do not learn.
  ///   - optimizerSlots: arrays that the optimizer keeps for each parameter: 2 for adam, 1 for momentum.
  /// - Throws: `NetworkError.noBackward`, `.operation` about a plugin's layer.
  public init(
    network: Network, frozen: Set<String> = [], batch: Int, workerCount: Int, optimizerSlots: Int = 2
  ) throws(NetworkError) {
    let trainableCount = network.trainableCount(frozen: frozen)
    self.batch = batch
    parameterBytes = 4 * network.parameterCount
    gradientBytes = 4 * trainableCount
    optimizerBytes = 4 * optimizerSlots * trainableCount
    let training = try PlanSummary.footprint(network, .training, frozen: frozen, batch: batch, workerCount: workerCount)
    let inference = try PlanSummary.footprint(
      network, .inference, frozen: frozen, batch: batch, workerCount: workerCount)
    trainingArenaBytes = training.arena
    inferenceArenaBytes = inference.arena
    persistentBytes = max(training.persistent, inference.persistent)
    forwardFlops = network.flops
    trainingFlops = PlanSummary.trainingFlops(of: network, frozen: frozen)
  }

  /// Of one example: forward, and for what learns input gradients and parameter gradients, each as much again. A frozen
  /// layer behind one that learns only passes gradients on; before it there is no backward pass at all.
  public static func trainingFlops(of network: Network, frozen: Set<String> = []) -> Int {
    var learns: [Bool] = []
    var sum = 0.0
    for node in network.nodes {
      let isFrozen = frozen.contains(node.name)
      let passesOn = node.inputs.contains { learns[$0] }
      // Without anything frozen the first layer is taken for one like the others.
      learns.append(frozen.isEmpty || passesOn || node.trainableCount > 0 && !isFrozen)
      sum += Double(node.signature?.flops ?? 0) * (!learns[node.id] ? 1 : isFrozen ? 2 : 3)
    }
    return sum < 9e18 ? Int(sum) : .max / 3 * 3
  }

  private static func footprint(
    _ network: Network, _ purpose: PlanGraph.Purpose, frozen: Set<String>, batch: Int, workerCount: Int
  ) throws(NetworkError) -> (arena: Int, persistent: Int) {
    let plan = try PlanSteps(
      network: network, parameters: ParameterFacts(network, frozen: frozen), purpose: purpose, batch: batch,
      workerCount: workerCount, fuses: true)
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
