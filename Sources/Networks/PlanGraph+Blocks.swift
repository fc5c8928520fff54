import Layers

extension PlanGraph {
  /// The layer for patterns of fusion; nil where a plugin computes it in the built-in layer's place.
  func layer(at node: Int) -> (any Layer)? { claimed[node] == nil ? network.nodes[node].layer : nil }

  /// The ConvNeXt block that begins at this node, and its nodes in order: depthwise convolution, layer normalisation,
  /// convolution, activation if it stands alone, convolution, layer scale if there is one, sum with the block's input.
  func convNeXtBlock(at id: Int) -> (ConvNeXtBlock, [Int])? {
    guard let depthwise = layer(at: id) as? DepthwiseConv2D else { return nil }
    var nodes = [id]
    /// Takes the next node into the block when its layer is of this kind.
    func next<Kind>(_ kind: Kind.Type) -> Kind? {
      guard let node = onlyReader(of: nodes[nodes.count - 1]), let layer = layer(at: node) as? Kind else { return nil }
      nodes.append(node)
      return layer
    }
    guard let norm = next(LayerNorm.self), let expand = next(Conv2D.self) else { return nil }
    let activation = next((any ElementwiseActivation).self)
    guard let smooth = next(Conv2D.self) else { return nil }
    let scale = next(LayerScale.self)
    let branch = nodes[nodes.count - 1]
    guard next(Add.self) != nil else { return nil }
    let terms = network.nodes[nodes[nodes.count - 1]].inputs.map { source[$0] }
    let input = source[network.nodes[id].inputs[0]]
    guard terms == [input, branch] || terms == [branch, input] else { return nil }
    return ConvNeXtBlock(
      depthwise: depthwise, norm: norm, expand: expand, activation: activation?.activation, smooth: smooth, scale: scale
    ).map { ($0, nodes) }
  }
}
