import Layers

/// A convolution with its neighbours, as one operation at inference:
/// [rescale or layer_norm] conv2d [batch_norm] [activation] [layer_norm or max_pool].
struct ConvolutionChain {
  private(set) var nodes: [Int] = []
  private var rescale: Rescale?
  private var inputNorm: LayerNorm?
  private var convolution: Conv2D?
  private var batchNorm: BatchNorm?
  private var activation: Activation?
  private var outputNorm: LayerNorm?
  private var pool: MaxPool?

  /// The longest chain from this node on that can be computed in one.
  static func longest(
    at id: Int, in graph: PlanGraph, _ request: OperationRequest
  ) -> (any Operation, [Int])? {
    var chains: [ConvolutionChain] = []
    var chain = ConvolutionChain()
    var next: Int? = id
    while let node = next, let layer = graph.layer(at: node), chain.take(layer) {
      chain.nodes.append(node)
      chains.append(chain)
      next = graph.onlyReader(of: node)
    }
    for chain in chains.reversed() {
      if let operation = chain.operation(request) { return (operation, chain.nodes) }
    }
    return nil
  }

  /// - Returns: false when a layer of this kind does not come next.
  private mutating func take(_ layer: any Layer) -> Bool {
    if outputNorm != nil || pool != nil { return false }
    switch layer {
    case let layer as Rescale where nodes.isEmpty: rescale = layer
    case let layer as LayerNorm where nodes.isEmpty: inputNorm = layer
    case let layer as Conv2D where convolution == nil: convolution = layer
    case let layer as BatchNorm where convolution != nil && batchNorm == nil && activation == nil: batchNorm = layer
    case let layer as any ElementwiseActivation where convolution != nil && activation == nil:
      activation = layer.activation
    case let layer as LayerNorm where convolution != nil: outputNorm = layer
    case let layer as MaxPool where convolution != nil: pool = layer
    default: return false
    }
    return true
  }

  private func operation(_ request: OperationRequest) -> (any Operation)? {
    convolution?.fusedInferenceOperation(
      request, rescale: rescale, inputNorm: inputNorm, batchNorm: batchNorm, activation: activation,
      outputNorm: outputNorm, pool: pool)
  }
}
