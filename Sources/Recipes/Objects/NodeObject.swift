import Networks
import Tensors

/// The layers that hang on one `wb.input`.
final class Graph {
  var builder = NetworkBuilder()
}

/// The output of a layer: what other layers are called with.
final class NodeObject: RecipeObject {
  let graph: Graph
  let id: Int

  init(graph: Graph, id: Int) {
    self.graph = graph
    self.id = id
  }

  var node: Node { graph.builder.nodes[id] }
  var shape: Shape { node.shape }

  static let kind = RecipeKind.node
  static let help =
    "What a layer gives, within a network: other layers are called with it. Nodes can be added and multiplied."
  static let properties: [RecipeProperty<NodeObject>] = [
    .init("name", .string, "The layer's name.") { .string($0.node.name) },
    .init("type", .string, "What kind of layer gives it: `conv2d`.") { .string($0.node.typeName) },
    .init("shape", .list(.integer), "Height, width, channels; or the number of numbers.") {
      .table(LuaTable(list: $0.shape.dimensions.map { .integer($0) }))
    },
    .init("channels", .integer, "The last number of `shape`.") { .integer($0.shape.channels) },
    .init("height", .integer, "Of a picture; an error for others.") { .integer(try $0.extent("height", axis: 0)) },
    .init("width", .integer, "Of a picture; an error for others.") { .integer(try $0.extent("width", axis: 1)) },
  ]

  var text: String { "\(node.name) (\(shape))" }

  private func extent(_ name: String, axis: Int) throws -> Int {
    guard shape.isPicture else {
      throw RequestError.invalid(owner: node.name, reason: "a node of shape \(shape) has no \(name)")
    }
    return shape[axis]
  }
}
