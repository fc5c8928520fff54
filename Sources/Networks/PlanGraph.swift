import Layers
import Tensors

/// A network as a plan sees it: without the last `softmax`, and without nodes that only rename their input.
///
/// `flatten` always renames; `dropout` and its like do at inference, a crop to the size that the picture has already.
struct PlanGraph {
  enum Purpose {
    case inference
    case training
  }

  let network: Network
  /// For each node, the node whose numbers it shows: itself, unless it renames.
  let source: [Int]
  /// For each node that has numbers of its own, the nodes that take them, in order; one that takes them twice stands
  /// there twice.
  let readers: [[Int]]
  /// For each node, whether its parameters or something before it learn, so that its output's gradient is wanted.
  let needsGradient: [Bool]
  /// For each node, whether its operation is made for training. Frozen layers before the first that learns are not:
  /// a frozen batch norm there keeps its statistics, as in Keras. Random layers are always made for training.
  let isTraining: [Bool]
  /// For each node, whether all its parameters are frozen, so that a batch norm keeps its statistics wherever it stands.
  let isFrozen: [Bool]
  /// The nodes that compute something, in order.
  let working: [Int]
  /// The nodes whose built-in computation a plugin replaces.
  private(set) var claimed: [Int: any Operation] = [:]

  /// - Throws: `NetworkError.noBackward` when a layer that cannot pass gradients on stands behind one that learns.
  init(network: Network, parameters: ParameterFacts, purpose: Purpose) throws(NetworkError) {
    self.network = network
    var source: [Int] = []
    var needsGradient: [Bool] = []
    var isTraining: [Bool] = []
    var readers = [[Int]](repeating: [], count: network.nodes.count)
    var working: [Int] = []
    for node in network.nodes {
      let learns = purpose == .training && parameters.trains(node: node.id)
      let wanted = learns || node.inputs.contains { needsGradient[$0] }
      if wanted, let layer = node.layer, !layer.hasBackward {
        throw .noBackward(
          name: node.name, type: layer.typeName,
          learning: PlanGraph.learning(before: node, network, parameters).map { network.nodes[$0].name } ?? node.name)
      }
      needsGradient.append(wanted)
      isTraining.append(purpose == .training && (wanted || node.layer?.isRandom == true))
      let renames =
        node.layer?.isIdentity(for: node.inputs.map { network.nodes[$0].shape }, isTraining: isTraining[node.id])
        ?? false
      source.append(renames ? source[node.inputs[0]] : node.id)
      let isLastSoftmax = node.id == network.outputID && network.endsInSoftmax
      if renames || isLastSoftmax || node.layer == nil { continue }
      working.append(node.id)
      for input in node.inputs { readers[source[input]].append(node.id) }
    }
    self.source = source
    self.readers = readers
    self.needsGradient = needsGradient
    self.isTraining = isTraining
    self.working = working
    isFrozen = network.nodes.map { parameters.freezes(node: $0.id) }
  }

  /// The last node before this one whose parameters learn.
  private static func learning(before node: Node, _ network: Network, _ parameters: ParameterFacts) -> Int? {
    var pending = Set(node.inputs)
    while let id = pending.max() {
      if parameters.trains(node: id) { return id }
      pending.remove(id)
      pending.formUnion(network.nodes[id].inputs)
    }
    return nil
  }

  /// Asks the plugins which of the built-in computations they replace.
  mutating func claim(batch: Int, workerCount: Int) throws(NetworkError) {
    for id in working {
      let node = network.nodes[id]
      guard let layer = node.layer, layer.origin == nil else { continue }
      // What replaces a batch norm while training computes the batch's statistics.
      if layer is BatchNorm, isFrozen[id], isTraining[id] { continue }
      do throws(OperationError) {
        claimed[id] = try OperationOverride.operation(
          for: layer, request(for: id, batch: batch, workerCount: workerCount))
      } catch {
        throw .operation(name: node.name, type: node.typeName, error)
      }
    }
  }

  /// For which shapes and for what the operation of a node is made.
  func request(for id: Int, batch: Int, workerCount: Int) -> OperationRequest {
    let inputs = network.nodes[id].inputs
    return OperationRequest(
      inputShapes: inputs.map { network.nodes[$0].shape }, maximumBatch: batch, isTraining: isTraining[id],
      isFrozen: isFrozen[id], needsInputGradient: inputs.contains { needsGradient[$0] }, workerCount: workerCount)
  }

  /// The node whose numbers are the logits.
  var logits: Int { source[network.logitsID] }

  /// The only node that takes this one's output, in the same shape and for the same purpose; nil when there is none.
  func onlyReader(of node: Int) -> Int? {
    guard readers[node].count == 1, node != logits else { return nil }
    let reader = readers[node][0]
    let takes = network.nodes[network.nodes[reader].inputs[0]].shape
    return takes == network.nodes[node].shape && isTraining[reader] == isTraining[node] ? reader : nil
  }
}

/// Which parameters learn: all that planning must know of a parameter set.
struct ParameterFacts {
  /// For each entry.
  let isTrained: [Bool]
  let isFrozen: [Bool]
  let entriesOfNode: [Range<Int>]

  init(_ parameters: ParameterSet) {
    isTrained = parameters.entries.map(\.isTrained)
    isFrozen = parameters.entries.map(\.isFrozen)
    entriesOfNode = parameters.entriesOfNode
  }

  /// - Parameter frozen: the names of layers that do not learn.
  init(_ network: Network, frozen: Set<String> = []) {
    var isTrained: [Bool] = []
    var isFrozen: [Bool] = []
    var ranges: [Range<Int>] = []
    for node in network.nodes {
      let start = isTrained.count
      let freezes = frozen.contains(node.name)
      for parameter in node.signature?.parameters ?? [] {
        isTrained.append(parameter.isTrainable && !freezes)
        isFrozen.append(freezes)
      }
      ranges.append(start..<isTrained.count)
    }
    self.isTrained = isTrained
    self.isFrozen = isFrozen
    entriesOfNode = ranges
  }

  func trains(node: Int) -> Bool { entriesOfNode[node].contains { isTrained[$0] } }

  /// Whether the node has parameters, and a person has frozen them all.
  func freezes(node: Int) -> Bool { !entriesOfNode[node].isEmpty && entriesOfNode[node].allSatisfy { isFrozen[$0] } }
}
