import Layers
import Tensors

/// Which chains of layers become one operation. A chain runs through nodes whose output nobody else takes.
///
/// | purpose   | chain                                                                      |
/// |-----------|----------------------------------------------------------------------------|
/// | inference | conv2d [+ batch_norm] [+ activation] [+ max_pool 2x2, stride 2, valid]     |
/// | training  | conv2d + activation                                                        |
/// | training  | batch_norm [+ activation] [+ max_pool 2x2, stride 2, valid]                |
/// | both      | linear + activation                                                        |
///
/// The layer at the head decides whether it can take a chain; when it cannot, a shorter one is tried.
enum Fusion {
  /// - Returns: the operation that begins at this node, and the nodes that it covers.
  static func operation(
    at id: Int, in graph: PlanGraph, request: OperationRequest, fuses: Bool
  ) -> (any Operation, [Int]) {
    guard let layer = graph.network.nodes[id].layer else { preconditionFailure("an input computes nothing") }
    if fuses {
      var tail = Tail(after: id, layer, in: graph, isTraining: request.isTraining)
      while !tail.isEmpty {
        if let operation = fused(layer, tail, request) { return (operation, [id] + tail.nodes) }
        tail.removeLast()
      }
    }
    return (layer.makeOperation(request), [id])
  }

  private static func fused(_ layer: any Layer, _ tail: Tail, _ request: OperationRequest) -> (any Operation)? {
    switch layer {
    case let layer as Conv2D:
      if !request.isTraining {
        return layer.fusedInferenceOperation(
          request, batchNorm: tail.batchNorm, activation: tail.activation, pool: tail.pool)
      }
      guard tail.nodes.count == 1, let activation = tail.activation else { return nil }
      return layer.operation(request, activation: activation)
    case let layer as Linear:
      guard let activation = tail.activation else { return nil }
      return layer.operation(request, activation: activation)
    case let layer as BatchNorm:
      return layer.fusedTrainingOperation(request, activation: tail.activation, pool: tail.pool)
    default: return nil
    }
  }

  /// What follows the head of a chain: at most one layer of each kind, in this order.
  private struct Tail {
    private(set) var nodes: [Int] = []
    private(set) var batchNorm: BatchNorm?
    private(set) var activation: Activation?
    private(set) var pool: MaxPool?

    var isEmpty: Bool { nodes.isEmpty }

    init(after head: Int, _ layer: any Layer, in graph: PlanGraph, isTraining: Bool) {
      let takesBatchNorm = layer is Conv2D && !isTraining
      let takesPool = takesBatchNorm || (layer is BatchNorm && isTraining)
      guard layer is Conv2D || layer is Linear || takesPool else { return }
      var next = graph.onlyReader(of: head)
      /// Takes the next layer of the graph into the chain.
      func advance() {
        guard let id = next else { return }
        nodes.append(id)
        next = graph.onlyReader(of: id)
      }
      func layerOf(_ node: Int?) -> (any Layer)? { node.flatMap { graph.network.nodes[$0].layer } }
      if takesBatchNorm, let found = layerOf(next) as? BatchNorm {
        batchNorm = found
        advance()
      }
      if let found = layerOf(next) as? any ElementwiseActivation {
        activation = found.activation
        advance()
      }
      if takesPool, let found = layerOf(next) as? MaxPool, found.isTwoByTwo {
        pool = found
        advance()
      }
    }

    mutating func removeLast() {
      nodes.removeLast()
      if pool != nil {
        pool = nil
      } else if activation != nil {
        activation = nil
      } else {
        batchNorm = nil
      }
    }
  }
}
