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

  var kind: RecipeKind { .node }
  var text: String { "\(node.name) (\(shape))" }
  var propertyNames: [String] { ["name", "type", "shape", "channels", "height", "width"] }

  func property(_ name: String) throws -> LuaValue? {
    switch name {
    case "name": return .string(node.name)
    case "type": return .string(node.typeName)
    case "shape": return .table(LuaTable(list: shape.dimensions.map { .integer($0) }))
    case "channels": return .integer(shape.channels)
    case "height", "width":
      guard shape.isPicture else {
        throw RequestError.invalid(owner: node.name, reason: "a node of shape \(shape) has no \(name)")
      }
      return .integer(shape[name == "height" ? 0 : 1])
    default: return nil
    }
  }
}
