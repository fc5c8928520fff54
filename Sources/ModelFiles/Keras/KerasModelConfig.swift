import Foundation

/// The model in `config.json`: layers, what feeds them, input and output. What the layers are is not looked at yet.
struct KerasModelConfig {
  let name: String
  /// In the file's order; the input layer among them.
  let layers: [KerasLayer]
  let inputName: String
  let outputName: String
  /// Of one example; nil where any extent may come.
  let inputShape: [Int?]

  /// - Throws: `KerasFileError`.
  init(json: Data) throws(KerasFileError) {
    let document = try KerasValue(json: json)
    guard let className = document["class_name"]?.string, let config = document["config"]?.table else {
      throw .config(place: "", reason: "it has no 'class_name' and 'config', so it is no Keras model")
    }
    guard let entries = config["layers"]?.list else {
      throw .config(
        place: "",
        reason: "'\(className.prefix(60))' has no list of layers: only Sequential and Functional models can be read")
    }
    let name = config["name"]?.string ?? "model"
    var layers: [KerasLayer] = []
    var seen: Set<String> = []
    for (index, entry) in entries.enumerated() {
      let layer = try KerasLayer(entry, index: index)
      guard seen.insert(layer.name).inserted else { throw .graph(reason: "has two layers named \(layer.name)") }
      layers.append(layer)
    }
    if config["input_layers"] == nil, config["output_layers"] == nil {
      try self.init(sequential: layers, name: name, document: document)
    } else {
      let input = try KerasModelConfig.end(config["input_layers"], "input")
      let output = try KerasModelConfig.end(config["output_layers"], "output")
      try self.init(functional: layers, name: name, input: input, output: output)
    }
  }

  private init(
    functional layers: [KerasLayer], name: String, input: String, output: String
  ) throws(KerasFileError) {
    let inputs = layers.filter { $0.className == "InputLayer" }
    guard inputs.count == 1, let layer = inputs.first else {
      let found = inputs.isEmpty ? "no input layer" : "\(inputs.count) input layers"
      throw .graph(reason: "has \(found); workbench's networks have one")
    }
    guard layer.name == input else {
      throw .graph(reason: "names \(input) as its input, but its input layer is \(layer.name)")
    }
    guard layers.contains(where: { $0.name == output }) else {
      throw .graph(reason: "has no layer \(output), which should be its output")
    }
    self.name = name
    self.layers = layers
    inputName = input
    outputName = output
    inputShape = try KerasModelConfig.shape(of: layer)
  }

  /// Each layer is fed by the one before it.
  private init(sequential layers: [KerasLayer], name: String, document: KerasValue) throws(KerasFileError) {
    guard let first = layers.first, let last = layers.last else { throw .graph(reason: "has no layers") }
    var chain: [KerasLayer] = []
    if first.className == "InputLayer" {
      inputShape = try KerasModelConfig.shape(of: first)
    } else {
      // Built by its first batch: Keras then notes the shape elsewhere.
      let places = [
        first.config["batch_input_shape"], first.config["batch_shape"], document["config"]?["build_input_shape"],
        document["build_config"]?["input_shape"],
      ]
      guard let shape = places.compactMap({ $0 }).first(where: { $0 != .null }) else {
        throw .config(place: "", reason: "the model was never built: its input has no shape")
      }
      inputShape = try KerasModelConfig.shape(shape, layer: first.name)
      var input = "input"
      while layers.contains(where: { $0.name == input }) { input += "_" }
      chain.append(KerasLayer(name: input, className: "InputLayer", module: "", config: [:], calls: []))
    }
    for layer in layers {
      let calls = chain.last.map { [KerasCall([.layer($0.name)])] } ?? []
      chain.append(
        KerasLayer(
          name: layer.name, className: layer.className, module: layer.module, config: layer.config, calls: calls))
    }
    self.name = name
    self.layers = chain
    inputName = chain[0].name
    outputName = last.name
  }

  /// `["input", 0, 0]`, or a list of that.
  private static func end(_ value: KerasValue?, _ what: String) throws(KerasFileError) -> String {
    guard let list = value?.list else { throw .config(place: "", reason: "'\(what)_layers' is no list") }
    var entry = list
    if case .list(let inner)? = list.first {
      guard list.count == 1 else {
        throw .graph(reason: "has \(list.count) \(what)s; workbench's networks have one")
      }
      entry = inner
    }
    guard entry.count == 3, let name = entry[0].string, entry[1].integer == 0, entry[2].integer == 0 else {
      throw .config(place: "", reason: "'\(what)_layers' does not name one layer")
    }
    return name
  }

  private static func shape(of layer: KerasLayer) throws(KerasFileError) -> [Int?] {
    guard let value = layer.config["batch_input_shape"] ?? layer.config["batch_shape"] else {
      throw .config(place: "layer \(layer.name)", reason: "the input has no shape")
    }
    return try shape(value, layer: layer.name)
  }

  private static func shape(_ value: KerasValue, layer: String) throws(KerasFileError) -> [Int?] {
    guard let list = value.list, list.count >= 2, list.count <= 5 else {
      throw .config(place: "layer \(layer)", reason: "the input's shape is \(value.text), not a batch of pictures")
    }
    var extents: [Int?] = []
    for extent in list.dropFirst() {
      switch extent {
      case .null: extents.append(nil)
      case .integer(let side) where (1...(1 << 30)).contains(side): extents.append(side)
      default: throw .config(place: "layer \(layer)", reason: "the input's shape is \(value.text)")
      }
    }
    return extents
  }
}
