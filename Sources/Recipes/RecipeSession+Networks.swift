import Layers
import Networks
import Schemas
import Tensors

extension RecipeSession {
  static let inputSchema = Schema(
    "input", help: "Where pictures enter the network: `wb.input { height, width, 3 }`.",
    options: [OptionSchema("name", .string, help: "The node's name; 'input' when left out.")])

  static let sequentialSchema = Schema(
    "sequential",
    help: "Layers one after the other. With `wb.input` first it is a model, else a block that is called like a layer.",
    options: [OptionSchema("name", .string, help: "The model's name; the recipe's when left out.")])

  static let modelSchema = Schema(
    "model", help: "The network between two nodes.",
    options: [
      OptionSchema("input", .reference(["node"]), required: true, help: "What `wb.input` gave."),
      OptionSchema(
        "output", .reference(["node"]), required: true, help: "The last layer's node: the logits, or a softmax of them."
      ),
      OptionSchema("name", .string, help: "The model's name; the recipe's when left out."),
    ])

  /// Stands in every layer besides its own options.
  static let layerNameOption = OptionSchema(
    "name", .string, help: "The layer's name in tables and files; the type and a number when left out.")

  /// A layer's schema as recipes see it.
  static func recipeSchema(of layer: Schema) -> Schema {
    Schema(layer.name, help: layer.help, options: layer.options + [layerNameOption])
  }

  func defineNetworks(in runtime: LuaRuntime) throws {
    try define("input", in: runtime) { [unowned self] in try input($0) }
    try define("sequential", in: runtime) { [unowned self] in try sequential($0) }
    try define("model", in: runtime) { [unowned self] in try model($0) }
    // Those of plugins are there once the recipe has asked for the plugin.
    for kind in LayerRegistry.kinds where kind.origin == nil {
      try define(kind.schema.name, in: runtime) { try Self.makeLayer(kind, $0) }
    }
    try runtime.defineMethod(.model, "describe") { [unowned self] in .string(try table(of: $0)) }
    try runtime.defineMethod(.model, "summary") { [unowned self] call in
      for line in try table(of: call).split(separator: "\n", omittingEmptySubsequences: false) {
        console.output(String(line))
      }
      return .none
    }
    try runtime.defineMethod(.model, "layer") { try Self.layer($0) }
    try defineTransfer(in: runtime)
  }

  static func makeLayer(_ kind: LayerKind, _ call: LuaCall) throws -> LuaValue {
    let schema = recipeSchema(of: kind.schema)
    let arguments = try Arguments(call[0], schema: schema)
    let given = arguments.options.values.filter { $0.key != layerNameOption.name }
    do {
      let layer = try kind.make(Options(given, schema: kind.schema))
      return .object(
        LayerObject(.layer(layer, name: arguments.options.optionalString("name")), position: call.position))
    } catch let error as LayerError {
      throw RequestError.invalid(owner: schema.name, reason: "\(error)")
    }
  }

  private func input(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.inputSchema, takesList: true)
    let extents = arguments.list.compactMap { value -> Int? in
      switch value {
      case .integer(let extent): extent
      case .number(let extent): Int(exactly: extent)
      default: nil
      }
    }
    guard !extents.isEmpty, extents.count == arguments.list.count, extents.allSatisfy({ $0 >= 1 }) else {
      let found = arguments.list.map(\.kindDescription).joined(separator: ", ")
      throw RequestError.inputExtents(found: found.isEmpty ? "nothing" : "{ \(found) }")
    }
    let graph = Graph()
    let id = try graph.builder.input(Shape(extents), name: arguments.options.optionalString("name"))
    return .object(NodeObject(graph: graph, id: id))
  }

  private func sequential(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.sequentialSchema, takesList: true)
    var layers: [LayerObject] = []
    var input: NodeObject?
    for (index, value) in arguments.list.enumerated() {
      if case .object(let object) = value, let layer = object as? LayerObject {
        layers.append(layer)
      } else if case .object(let object) = value, let node = object as? NodeObject {
        guard index == 0 else { throw RequestError.sequentialStart }
        input = node
      } else {
        throw RequestError.listEntry(
          function: "sequential", index: index + 1, expected: "a layer", found: value.kindDescription)
      }
    }
    if layers.isEmpty { throw RequestError.emptySequential }
    guard let input else { return .object(LayerObject(.block(layers), position: call.position)) }
    var ids = [input.id]
    for layer in layers { ids = [try layer.add(to: input.graph, ids: ids)] }
    return .object(try makeModel(input.graph, output: ids[0], name: arguments.options.optionalString("name")))
  }

  private func model(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.modelSchema)
    guard let input = arguments.object("input", NodeObject.self),
      let output = arguments.object("output", NodeObject.self)
    else { throw RequestError.invalid(owner: "model", reason: "'input' and 'output' must be nodes") }
    guard input.graph === output.graph else { throw RequestError.differentInputs }
    let model = try makeModel(output.graph, output: output.id, name: arguments.options.optionalString("name"))
    guard model.network.input.name == input.node.name else {
      throw RequestError.invalid(
        owner: "model", reason: "'input' is \(input.text), but the output comes from \(model.network.input.name)")
    }
    return .object(model)
  }

  private func makeModel(_ graph: Graph, output: Int, name: String?) throws -> ModelObject {
    let network = try graph.builder.network(output: output)
    guard network.output.shape.rank == 1 else {
      throw RequestError.invalid(
        owner: "model",
        reason: "the last layer must give a vector with a number for each class, but \(network.output.name) gives "
          + "\(network.output.shape) (put flatten or global_average_pool, and linear, behind it)")
    }
    return ModelObject(network: network, name: name ?? recipeName)
  }

  private func table(of call: LuaCall) throws -> String {
    guard case .object(let object) = call[0], let model = object as? ModelObject else { return "" }
    return LayerTable(model.network, frozen: model.frozen, channelFirst: configuration.channelFirst).text
  }

  private static func layer(_ call: LuaCall) throws -> LuaValue {
    guard case .object(let object) = call[0], let model = object as? ModelObject else { return .none }
    guard case .string(let name) = call[1] else {
      throw RequestError.invalid(
        owner: "layer", reason: "the argument must be a layer's name, not \(call[1].kindDescription)")
    }
    let node = try model.network.node(named: name)
    var fields: [String: LuaValue] = [
      "name": .string(node.name), "type": .string(node.typeName), "parameters": .integer(node.parameterCount),
      "shape": .table(LuaTable(list: node.shape.dimensions.map { .integer($0) })),
    ]
    if let layer = node.layer { fields["options"] = LuaValue(.table(layer.options.values)) }
    return .table(LuaTable(fields: fields))
  }
}
