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
      var tail = Tail(after: id, in: graph, request: request)
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
      guard tail.nodes.count == 1, let activation = tail.activation else { return nil }
      return layer.operation(request, activation: activation)
    case let layer as Linear:
      guard tail.nodes.count == 1, let activation = tail.activation else { return nil }
      return layer.operation(request, activation: activation)
    default: return nil
    }
  }

  /// What follows the head of a chain: at most one layer of each kind, in this order.
  private struct Tail {
    private(set) var nodes: [Int] = []
    private(set) var activation: Activation?

    var isEmpty: Bool { nodes.isEmpty }

    init(after head: Int, in graph: PlanGraph, request: OperationRequest) {
      var next = graph.onlyReader(of: head)
      if let id = next, let layer = graph.network.nodes[id].layer as? any ElementwiseActivation {
        activation = layer.activation
        nodes.append(id)
        next = graph.onlyReader(of: id)
      }
    }

    mutating func removeLast() {
      nodes.removeLast()
      activation = nil
    }
  }
}
