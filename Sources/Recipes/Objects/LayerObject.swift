import Layers
import Networks

/// What `wb.conv2d { ... }` gives: a layer that waits for its input. Called with nodes it gives a node.
///
/// Each call makes a new layer of the network; two calls share no weights.
final class LayerObject: RecipeObject {
  enum Content {
    case layer(any Layer, name: String?)
    /// From a `wb.sequential` that does not begin with an input.
    case block([LayerObject])
  }

  let content: Content
  /// `recipe.lua:14`, where the layer was written: what its shape errors name.
  let position: String

  init(_ content: Content, position: String) {
    self.content = content
    self.position = position
  }

  static let kind = RecipeKind.layer
  static let help = "A layer, or a block of layers, that waits for its input: call it with nodes."
  static let properties: [RecipeProperty<LayerObject>] = [
    .init("type", .string, "What kind of layer it is: `conv2d`.") { .string($0.typeName) },
    .init("name", .optional(.string), "The name that the recipe gave it.") {
      if case .layer(_, let name?) = $0.content { .string(name) } else { .none }
    },
  ]

  var typeName: String {
    switch content {
    case .layer(let layer, _): layer.typeName
    case .block: "sequential"
    }
  }

  var text: String {
    switch content {
    case .layer(let layer, let name): layer.typeName + (name.map { " '\($0)'" } ?? "")
    case .block(let layers): "sequential { " + layers.map(\.text).joined(separator: ", ") + " }"
    }
  }

  /// `layer(x)`, `layer(a, b)` or `layer { a, b }`.
  func apply(_ call: LuaCall) throws -> LuaValue {
    var values = call.arguments
    if values.count == 1, case .table(let table) = values[0], table.fields.isEmpty { values = table.list }
    let nodes = try values.map { value in
      guard case .object(let object) = value, let node = object as? NodeObject else {
        throw RequestError.wantsNodes(layer: typeName, found: value.kindDescription)
      }
      return node
    }
    guard let first = nodes.first else { throw RequestError.wantsNodes(layer: typeName, found: "nothing") }
    return .object(NodeObject(graph: first.graph, id: try add(to: first.graph, inputs: nodes)))
  }

  /// Adds the layer, or all of the block's one after the other.
  ///
  /// - Returns: the id of the last node.
  func add(to graph: Graph, inputs: [NodeObject]) throws -> Int {
    guard inputs.allSatisfy({ $0.graph === graph }) else { throw RequestError.differentInputs }
    return try add(to: graph, ids: inputs.map(\.id))
  }

  func add(to graph: Graph, ids: [Int]) throws -> Int {
    switch content {
    case .layer(let layer, let name):
      do {
        return try graph.builder.add(layer, name: name, inputs: ids)
      } catch {
        throw PositionedError(position: position, error: error)
      }
    case .block(let layers):
      var ids = ids
      for layer in layers { ids = [try layer.add(to: graph, ids: ids)] }
      return ids[0]
    }
  }
}
