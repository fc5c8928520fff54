import Layers
import Schemas
import Tensors

/// A graph of named layers whose shapes are all known. Holds no numbers: those are in a `ParameterSet`.
///
/// Only nodes from which the output can be reached belong to a network. They stand in an order in which every node
/// follows its inputs, and which depends on the graph alone. Made by a `NetworkBuilder`, or decoded from JSON.
public struct Network: Sendable {
  /// In topological order; `nodes[i].id == i`.
  public let nodes: [Node]
  public let inputID: Int
  public let outputID: Int

  init(nodes: [Node], inputID: Int, outputID: Int) {
    self.nodes = nodes
    self.inputID = inputID
    self.outputID = outputID
  }

  public var input: Node { nodes[inputID] }
  public var output: Node { nodes[outputID] }
  /// `[height, width, channels]` for pictures.
  public var inputShape: Shape { input.shape }
  public var outputShape: Shape { output.shape }

  /// True when the last layer is `softmax`. Plans stop before it, so that losses see logits.
  public var endsInSoftmax: Bool { output.layer is Softmax }

  /// The node whose output are the logits: the input of a last `softmax`, else the output.
  public var logitsID: Int { endsInSoftmax ? output.inputs[0] : outputID }

  /// The number of logits of one example.
  public var classCount: Int { nodes[logitsID].shape.count }

  /// Numbers in all parameters, running statistics included.
  public var parameterCount: Int { nodes.reduce(0) { $0 + $1.parameterCount } }

  /// Numbers in all trainable parameters.
  public var trainableCount: Int { nodes.reduce(0) { $0 + $1.trainableCount } }

  /// Floating point operations of one example's forward pass; a multiply-add counts as two.
  public var flops: Int {
    nodes.reduce(0) { sum, node in
      let (total, overflow) = sum.addingReportingOverflow(node.signature?.flops ?? 0)
      return overflow ? .max : total
    }
  }

  /// The plugins that its layers come from, each once, by id.
  public var origins: [LayerOrigin] { Set(nodes.compactMap(\.layer?.origin)).sorted { $0.plugin < $1.plugin } }

  /// Refuses to train a network in which something learns before a layer that has no backward pass.
  ///
  /// - Parameter frozen: the names of layers that do not learn.
  /// - Throws: `NetworkError.noBackward`.
  public func requireBackward(frozen: Set<String> = []) throws(NetworkError) {
    _ = try PlanGraph(network: self, parameters: ParameterFacts(self, frozen: frozen), purpose: .training)
  }

  /// - Throws: `NetworkError.unknownNode` with the nearest name.
  public func node(named name: String) throws(NetworkError) -> Node {
    if let node = nodes.first(where: { $0.name == name }) { return node }
    throw .unknownNode(name: name, suggestion: nearest(to: name, among: nodes.map(\.name)))
  }
}
