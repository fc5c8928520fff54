import Layers
import Networks
import Schemas

/// Writes a network as the `config.json` of a Functional model, in the form of Keras 2.13 with none but the keys that
/// Keras 3 knows, too.
enum KerasConfigWriter {
  /// - Throws: `KerasFileError.notWritable`.
  static func config(_ network: Network) throws(KerasFileError) -> KerasValue {
    var layers: [KerasValue] = []
    for node in network.nodes {
      try check(node)
      layers.append(try entry(node, in: network))
    }
    return .table([
      "module": .string("keras"), "class_name": .string("Model"), "registered_name": .null,
      "config": .table([
        "name": .string("model"), "trainable": .boolean(true), "layers": .list(layers),
        "input_layers": .list([history(network.input.name)]), "output_layers": .list([history(network.output.name)]),
      ]),
    ])
  }

  /// Keras 3 forbids `/`; TensorFlow takes a name's characters for a scope from a small set.
  private static func check(_ node: Node) throws(KerasFileError) {
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "."
    }
    let letters = node.name.unicodeScalars
    guard let first = letters.first, isWord(first),
      letters.allSatisfy({ isWord($0) || $0 == "_" || $0 == "-" || $0 == ">" })
    else {
      throw .notWritable(
        layer: node.name, type: node.typeName,
        reason: "Keras' names are of letters, digits, '.', '_' and '-', and begin with a letter, a digit or '.'")
    }
  }

  private static func entry(_ node: Node, in network: Network) throws(KerasFileError) -> KerasValue {
    guard let layer = node.layer else {
      let shape: [KerasValue] = [.null] + node.shape.dimensions.map { .integer($0) }
      return table(
        KerasCounterpart("InputLayer", ["batch_input_shape": .list(shape), "sparse": .boolean(false)]), name: node.name,
        calls: [])
    }
    guard let counterpart = try KerasCounterpart.of(layer, node: node, network: network) else {
      throw .notWritable(layer: node.name, type: node.typeName, reason: "Keras has no such layer")
    }
    let feeds = node.inputs.map { id -> KerasValue in
      .list([.string(network.nodes[id].name), .integer(0), .integer(0), .table([:])])
    }
    return table(counterpart, name: node.name, calls: [.list(feeds)])
  }

  private static func table(_ layer: KerasCounterpart, name: String, calls: [KerasValue]) -> KerasValue {
    var config = layer.config
    config["name"] = .string(name)
    config["dtype"] = .string("float32")
    return .table([
      "module": .string("keras.layers"), "class_name": .string(layer.className), "registered_name": .null,
      "name": .string(name), "config": .table(config), "inbound_nodes": .list(calls),
    ])
  }

  private static func history(_ name: String) -> KerasValue {
    .list([.string(name), .integer(0), .integer(0)])
  }
}
