import Layers
import Tensors

/// One operation of a plan: a layer, or a chain of fused layers.
struct PlanStep {
  /// The fused nodes, in order.
  let nodes: [Int]
  let operation: any Operation
  /// What the operation reads: the step that computes it, or nil for the pixels.
  let inputs: [Int?]
  /// Numbers in one example of each input, and of the output.
  let inputCounts: [Int]
  let outputCount: Int
  /// Indices of the parameter set's entries, one node's after the other's.
  let entries: [Int]
  /// Whether `backward` is called.
  let runsBackward: Bool
  /// For each input, whether its gradient is wanted.
  let wantsInputGradient: [Bool]
  /// Whether a parameter learns, so that `prepare` is due before every `forward`.
  let learns: Bool
}

/// The steps of a plan in the order of `forward`.
struct PlanSteps {
  let steps: [PlanStep]
  /// The step that computes the logits; nil when they are the pixels.
  let logitsStep: Int?

  /// - Parameter fuses: false to make one operation a layer, for tests and for finding the layer of a NaN.
  /// - Throws: `NetworkError.noBackward`, `.operation`.
  init(
    network: Network, parameters: ParameterFacts, purpose: PlanGraph.Purpose, batch: Int, workerCount: Int,
    fuses: Bool
  ) throws(NetworkError) {
    var graph = try PlanGraph(network: network, parameters: parameters, purpose: purpose)
    try graph.claim(batch: batch, workerCount: workerCount)
    var steps: [PlanStep] = []
    var stepOfNode: [Int: Int] = [:]
    var isFused = Set<Int>()
    for id in graph.working where !isFused.contains(id) {
      let node = network.nodes[id]
      let operation: any Operation
      let chain: [Int]
      do throws(OperationError) {
        (operation, chain) = try Fusion.operation(
          at: id, in: graph, request: graph.request(for: id, batch: batch, workerCount: workerCount), fuses: fuses)
      } catch {
        throw .operation(name: node.name, type: node.typeName, error)
      }
      isFused.formUnion(chain)
      let last = chain[chain.count - 1]
      let entries = chain.flatMap { parameters.entriesOfNode[$0] }
      stepOfNode[last] = steps.count
      steps.append(
        PlanStep(
          nodes: chain, operation: operation, inputs: node.inputs.map { stepOfNode[graph.source[$0]] },
          inputCounts: node.inputs.map { network.nodes[$0].shape.count }, outputCount: network.nodes[last].shape.count,
          entries: entries, runsBackward: graph.needsGradient[last],
          wantsInputGradient: node.inputs.map { graph.needsGradient[$0] },
          learns: purpose == .training && entries.contains { parameters.isTrained[$0] }))
    }
    self.steps = steps
    logitsStep = stepOfNode[graph.logits]
  }

  /// Floats that live as long as the plan.
  var persistentCount: Int { steps.reduce(0) { $0 + ($1.operation.persistentCount + 15) / 16 * 16 } }
}
