import Layers
import Schemas
import Tensors

/// A network as JSON: the input, then each layer with type, options and the names of what feeds it.
///
///     {"input": {"name": "input", "shape": [256, 256, 3]},
///      "layers": [{"name": "conv2d_1", "type": "conv2d", "options": {"filters": 16, "kernel": 5}, "inputs": ["input"]}],
///      "output": "conv2d_1"}
///
/// Decoding builds the network anew, so that a file can describe nothing that a recipe could not: types and options are
/// checked, shapes inferred. It throws `NetworkError`.
extension Network: Codable {
  private struct Document: Codable {
    var input: Input
    var layers: [Entry]
    var output: String
  }

  private struct Input: Codable {
    var name: String
    var shape: [Int]
  }

  private struct Entry: Codable {
    var name: String
    var type: String
    var options: [String: OptionValue]
    var inputs: [String]
  }

  public func encode(to encoder: any Encoder) throws {
    let layers = nodes.compactMap { node in
      node.layer.map {
        Entry(
          name: node.name, type: $0.typeName, options: $0.options.values, inputs: node.inputs.map { nodes[$0].name })
      }
    }
    try Document(
      input: Input(name: input.name, shape: inputShape.dimensions), layers: layers, output: output.name
    ).encode(to: encoder)
  }

  public init(from decoder: any Decoder) throws {
    let document = try Document(from: decoder)
    var builder = NetworkBuilder()
    guard document.input.shape.allSatisfy({ $0 >= 1 }) else { throw NetworkError.inputShape(document.input.shape) }
    _ = try builder.input(Shape(document.input.shape), name: document.input.name)
    for entry in document.layers {
      let inputs = try entry.inputs.map { name in
        guard let node = builder.node(named: name) else {
          throw NetworkError.unknownInput(
            layer: entry.name, input: name, suggestion: nearest(to: name, among: builder.nodes.map(\.name)))
        }
        return node.id
      }
      let layer = try Network.layer(entry)
      _ = try builder.add(layer, name: entry.name, inputs: inputs)
    }
    guard let output = builder.node(named: document.output) else {
      throw NetworkError.unknownNode(
        name: document.output, suggestion: nearest(to: document.output, among: builder.nodes.map(\.name)))
    }
    self = try builder.network(output: output.id)
  }

  private static func layer(_ entry: Entry) throws -> any Layer {
    do {
      return try LayerRegistry.layer(named: entry.type, options: entry.options)
    } catch RegistryError.unknown(_, _, let suggestion) {
      throw NetworkError.unknownLayerType(name: entry.name, type: entry.type, suggestion: suggestion)
    } catch {
      throw NetworkError.options(name: entry.name, reason: "\(error)")
    }
  }
}
