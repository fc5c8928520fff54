import Layers
import Tensors

/// One named place in a network: the input, or a layer with the nodes that feed it.
public struct Node: Sendable, Identifiable {
  /// The node's index in `Network.nodes`, or in the builder that made it.
  public let id: Int
  /// Unique in its network: `conv2d_1`.
  public let name: String
  /// nil for the input.
  public let layer: (any Layer)?
  /// The nodes whose outputs the layer takes, in its order; smaller than `id`.
  public let inputs: [Int]
  /// What the layer knows of its shapes; nil for the input.
  public let signature: LayerSignature?
  /// The output of one example, without the batch axis.
  public let shape: Shape

  /// `input`, `conv2d`, ...
  public var typeName: String { layer?.typeName ?? "input" }

  /// Numbers in the layer's parameters, running statistics included.
  public var parameterCount: Int { signature?.parameters.reduce(0) { $0 + $1.shape.count } ?? 0 }

  /// Numbers in the layer's trainable parameters.
  public var trainableCount: Int {
    signature?.parameters.reduce(0) { $0 + ($1.isTrainable ? $1.shape.count : 0) } ?? 0
  }

  /// The names of the layer's parameters: `conv2d_1.kernel`.
  public var parameterNames: [String] { signature?.parameters.map { "\(name).\($0.name)" } ?? [] }
}
