import Networks

/// The order of `model.layers` in Keras, by which the groups of the weights file are counted: the layers that are
/// farthest from the output first; of those equally far the one first met on a walk back from the output.
enum KerasLayerOrder {
  /// The ids of all nodes, the input among them.
  static func of(_ network: Network) -> [Int] {
    let distances = distances(network)
    let visits = visits(network)
    return network.nodes.map(\.id).sorted { (distances[$1], visits[$0]) < (distances[$0], visits[$1]) }
  }

  /// The longest way to the output, in layers.
  private static func distances(_ network: Network) -> [Int] {
    var result = [Int](repeating: 0, count: network.nodes.count)
    for node in network.nodes.reversed() {
      for input in node.inputs { result[input] = max(result[input], result[node.id] + 1) }
    }
    return result
  }

  /// When a walk, depth first and a layer's inputs in order, comes to each node.
  private static func visits(_ network: Network) -> [Int] {
    var result = [Int](repeating: -1, count: network.nodes.count)
    var count = 0
    var stack = [network.outputID]
    while let id = stack.popLast() {
      if result[id] >= 0 { continue }
      result[id] = count
      count += 1
      stack += network.nodes[id].inputs.reversed()
    }
    return result
  }
}
