/// A layer as `config.json` has it.
struct KerasLayer {
  let name: String
  let className: String
  /// `keras.layers`, or `keras.src.ops.numpy` for an operator of Keras 3.
  let module: String
  let config: [String: KerasValue]
  /// What it is called with; more than one when it is used several times. Empty in a Sequential model.
  let calls: [KerasCall]

  /// - Throws: `KerasFileError.config`, `.graph`.
  init(_ value: KerasValue, index: Int) throws(KerasFileError) {
    guard let className = value["class_name"]?.string else {
      throw .config(place: "layer \(index + 1)", reason: "it has no 'class_name'")
    }
    guard let config = value["config"]?.table else {
      throw .config(place: "layer \(index + 1) (\(className.prefix(60)))", reason: "it has no 'config'")
    }
    guard let name = value["name"]?.string ?? config["name"]?.string else {
      throw .config(place: "layer \(index + 1) (\(className.prefix(60)))", reason: "it has no 'name'")
    }
    // Names go to terminals and into tables.
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw .config(place: "layer \(index + 1) (\(className.prefix(60)))", reason: "its name has control characters")
    }
    self.name = name
    self.className = className
    self.config = config
    module = value["module"]?.string ?? ""
    var calls: [KerasCall] = []
    if let nodes = value["inbound_nodes"], nodes != .null {
      guard let nodes = nodes.list else {
        throw .config(place: "layer \(name.prefix(200))", reason: "'inbound_nodes' is no list")
      }
      for node in nodes { calls.append(try KerasCall(node, layer: name)) }
    }
    self.calls = calls
  }

  init(name: String, className: String, module: String, config: [String: KerasValue], calls: [KerasCall]) {
    self.name = name
    self.className = className
    self.module = module
    self.config = config
    self.calls = calls
  }

  /// An operator of Keras 3, such as `x + y`: no layer, so that the weights file does not count it.
  var isOperation: Bool { module.hasPrefix("keras.src.ops") || module.hasPrefix("keras.ops") }
}

/// What a layer is called with.
struct KerasCall: Equatable {
  enum Argument: Equatable {
    /// The output of a layer.
    case layer(String)
    case number(Double)
  }

  let arguments: [Argument]

  init(_ arguments: [Argument]) { self.arguments = arguments }

  /// Reads `[["a", 0, 0, {}], ["b", 0, 0, {}]]` or `["a", 0, 0, {"y": ["b", 0, 0]}]` of Keras 2, or
  /// `{"args": [...], "kwargs": {...}}` of Keras 3.
  init(_ value: KerasValue, layer: String) throws(KerasFileError) {
    var reader = KerasCallReader(layer: layer)
    switch value {
    case .list(let entries):
      if case .string? = entries.first {
        try reader.readHistory(value)
      } else {
        for entry in entries { try reader.readHistory(entry) }
      }
    case .table(let table):
      guard case .list(let arguments)? = table["args"] else { throw reader.malformed }
      for argument in arguments { try reader.readArgument(argument) }
      try reader.readKeywords(table["kwargs"] ?? .null)
    default: throw reader.malformed
    }
    arguments = reader.arguments
  }
}

private struct KerasCallReader {
  let layer: String
  var arguments: [KerasCall.Argument] = []

  init(layer: String) { self.layer = layer }

  var malformed: KerasFileError {
    .config(place: "layer \(layer.prefix(200))", reason: "'inbound_nodes' does not say what feeds it")
  }

  /// `["a", 0, 0]` or `["a", 0, 0, {...}]`, or `["_CONSTANT_VALUE", -1, 1.0, {...}]`.
  mutating func readHistory(_ value: KerasValue) throws(KerasFileError) {
    guard let entry = value.list, (3...4).contains(entry.count), let name = entry[0].string else { throw malformed }
    if name == "_CONSTANT_VALUE" {
      guard let number = entry[2].number else { throw malformed }
      arguments.append(.number(number))
    } else {
      try append(name, node: entry[1], tensor: entry[2])
    }
    if entry.count == 4 { try readKeywords(entry[3]) }
  }

  mutating func readArgument(_ value: KerasValue) throws(KerasFileError) {
    switch value {
    case .table(let table):
      guard table["class_name"]?.string == "__keras_tensor__",
        let history = table["config"]?["keras_history"]?.list, history.count == 3, let name = history[0].string
      else { throw malformed }
      try append(name, node: history[1], tensor: history[2])
    case .list(let values):
      for value in values {
        guard case .table = value else { throw malformed }
        try readArgument(value)
      }
    case .integer, .number: arguments.append(.number(value.number ?? 0))
    default: throw malformed
    }
  }

  /// `y` and `x2` are operands; the others say nothing that matters, or are refused.
  mutating func readKeywords(_ value: KerasValue) throws(KerasFileError) {
    guard case .table(let table) = value else {
      if value == .null { return }
      throw malformed
    }
    for (key, value) in table.sorted(by: { $0.key < $1.key }) {
      switch (key, value) {
      case ("training", .boolean), ("name", .string), (_, .null): continue
      case ("y", .list), ("x2", .list): try readHistory(value)
      case ("y", _), ("x2", _): try readArgument(value)
      default: throw .graph(reason: "calls layer \(layer) with '\(key.prefix(60))', which workbench does not know")
      }
    }
  }

  private mutating func append(_ name: String, node: KerasValue, tensor: KerasValue) throws(KerasFileError) {
    guard node.integer == 0, tensor.integer == 0 else {
      throw .graph(reason: "uses layer \(name) more than once, or an output of it other than the first")
    }
    arguments.append(.layer(name))
  }
}
