import Layers
import Tensors

/// Which chains of layers become one operation. A chain runs through nodes whose output nobody else takes.
///
/// | purpose   | chain                                                                                       |
/// |-----------|---------------------------------------------------------------------------------------------|
/// | inference | depthwise_conv2d, layer_norm, conv2d [activation], conv2d [layer_scale], add (`ConvNeXtBlock`) |
/// | inference | [rescale or layer_norm] conv2d [batch_norm] [activation] [layer_norm or max_pool 2x2]        |
/// | training  | batch_norm (unless it is frozen) [activation] [max_pool 2x2]                                |
/// | both      | conv2d, depthwise_conv2d or linear, and an activation                                       |
///
/// The layers decide whether they can be computed together; when a chain cannot, a shorter one is tried.
enum Fusion {
  /// - Returns: the operation that begins at this node, and the nodes that it covers.
  static func operation(
    at id: Int, in graph: PlanGraph, request: OperationRequest, fuses: Bool
  ) throws(OperationError) -> (any Operation, [Int]) {
    guard let layer = graph.network.nodes[id].layer else { preconditionFailure("an input computes nothing") }
    if let claimed = graph.claimed[id] { return (claimed, [id]) }
    if fuses, let found = fused(at: id, layer, in: graph, request) { return found }
    return (try layer.makeOperation(request), [id])
  }

  private static func fused(
    at id: Int, _ layer: any Layer, in graph: PlanGraph, _ request: OperationRequest
  ) -> (any Operation, [Int])? {
    if !request.isTraining {
      if let (block, nodes) = graph.convNeXtBlock(at: id) { return (block.inferenceOperation(request), nodes) }
      if let found = ConvolutionChain.longest(at: id, in: graph, request) { return found }
    }
    let next = graph.onlyReader(of: id)
    let activation = (next.flatMap { graph.layer(at: $0) } as? any ElementwiseActivation)?.activation
    if request.isTraining, !request.isFrozen, let norm = layer as? BatchNorm {
      return batchNorm(norm, at: id, activation: activation, in: graph, request)
    }
    guard let next, let activation, let layer = layer as? any ActivationTaking,
      let operation = layer.operation(request, activation: activation)
    else { return nil }
    return (operation, [id, next])
  }

  /// Batch normalisation with what can be computed with it while training.
  private static func batchNorm(
    _ norm: BatchNorm, at id: Int, activation: Activation?, in graph: PlanGraph, _ request: OperationRequest
  ) -> (any Operation, [Int])? {
    var nodes = [id]
    if activation != nil, let next = graph.onlyReader(of: id) { nodes.append(next) }
    if let next = graph.onlyReader(of: nodes[nodes.count - 1]), let pool = graph.layer(at: next) as? MaxPool,
      let operation = norm.fusedTrainingOperation(request, activation: activation, pool: pool)
    {
      return (operation, nodes + [next])
    }
    guard activation != nil, let operation = norm.fusedTrainingOperation(request, activation: activation, pool: nil)
    else { return norm.fusedTrainingOperation(request, activation: nil, pool: nil).map { ($0, [id]) } }
    return (operation, nodes)
  }
}
