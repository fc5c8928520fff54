import Networks
import Schemas

/// Numbers of one model for another, and layers that do not learn.
extension RecipeSession {
  static let copyWeightsSchema = Schema(
    "copy_weights",
    help: "Takes over the numbers of another model's layers where name, kind and shapes agree, and says which.",
    options: [
      OptionSchema("from", .reference(["model"]), required: true, help: "A model with numbers."),
      OptionSchema(
        "except", .list(.string), help: "Names of layers to leave as they are; `*` stands for any characters."),
      OptionSchema("only", .list(.string), help: "Names of the layers to copy; left out: all."),
      OptionSchema("freeze", .boolean, default: .boolean(false), help: "Freeze the layers that were copied."),
      OptionSchema(
        "strict", .boolean, default: .boolean(false),
        help: "End the recipe when a layer cannot be copied that 'except' does not name."),
    ])

  static let copyReport = RecipeRecord(
    "CopyReport", help: "What `model:copy_weights` did.",
    fields: [
      RecipeField("layers", .integer, "Layers that were copied."),
      RecipeField("parameters", .integer, "Numbers in them."),
      RecipeField("copied", .list(.string), "Their names."),
      RecipeField("not_copied", .map(.string), "Why the others were not, by name."),
      RecipeField("unused", .list(.string), "Layers of the other model that this one does not have."),
      RecipeField("text", .string, "All of it in a few lines."),
    ])

  func defineTransfer(in runtime: LuaRuntime) throws {
    try runtime.defineMethod(.model, "copy_weights") { [unowned self] in try copyWeights($0) }
    try runtime.defineMethod(.model, "train_from") { call in
      try Self.change(call, "train_from") { model in
        guard case .string(let name) = call[1] else {
          throw Self.refusal("train_from", "the argument must be a layer's name, not \(call[1].kindDescription)")
        }
        model.frozen = Set(try model.network.parameterLayers(before: name))
      }
    }
    try runtime.defineMethod(.model, "freeze") { call in
      try Self.change(call, "freeze") { model in
        model.frozen.formUnion(try Self.layers(call[1], of: model, "freeze"))
      }
    }
    try runtime.defineMethod(.model, "unfreeze") { call in
      try Self.change(call, "unfreeze") { model in
        if case .none = call[1] { return model.frozen = [] }
        model.frozen.subtract(try Self.layers(call[1], of: model, "unfreeze"))
      }
    }
  }

  private static func refusal(_ function: String, _ reason: String) -> RequestError {
    .invalid(owner: function, reason: reason)
  }

  /// - Returns: the model itself, so that calls can stand in a row.
  private static func change(
    _ call: LuaCall, _ function: String, _ body: (ModelObject) throws -> Void
  ) throws -> LuaValue {
    guard case .object(let object) = call[0], let model = object as? ModelObject else { return .none }
    do { try body(model) } catch let error as NetworkError { throw refusal(function, "\(error)") }
    return call[0]
  }

  /// A name, or a list of names.
  private static func layers(_ value: LuaValue, of model: ModelObject, _ function: String) throws -> [String] {
    var names: [String] = []
    switch value {
    case .string(let name): names = [name]
    case .table(let table) where table.fields.isEmpty && table.strayKey == nil:
      names = table.list.compactMap { if case .string(let name) = $0 { name } else { nil } }
      if names.count < table.list.count { names = [] }
    default: break
    }
    guard !names.isEmpty else {
      throw refusal(function, "the argument must be a list of layers' names, as in { \"conv2d_1\" }")
    }
    return try model.network.parameterLayers(matching: names)
  }

  // MARK: model:copy_weights

  private func copyWeights(_ call: LuaCall) throws -> LuaValue {
    guard case .object(let object) = call[0], let model = object as? ModelObject else { return .none }
    let arguments = try Arguments(call[1], schema: Self.copyWeightsSchema)
    guard let source = arguments.object("from", ModelObject.self) else {
      throw Self.refusal("copy_weights", "'from' is required")
    }
    guard source.classes != nil else {
      throw Self.refusal(
        "copy_weights", "'from' is a network that has no numbers yet (wb.load, wb.initialize and run.best have them)")
    }
    let copy: WeightCopy
    do {
      copy = try WeightCopy(
        from: source.network, to: model.network,
        only: arguments.options["only"] == nil ? nil : arguments.options.strings("only"),
        except: arguments.options.strings("except"))
    } catch {
      throw Self.refusal("copy_weights", "\(error)")
    }
    if arguments.options.boolean("strict"), let first = copy.failed.first, let obstacle = first.obstacle {
      let others = copy.failed.count - 1
      throw Self.refusal(
        "copy_weights",
        "layer \(first.name) cannot be copied: \(obstacle)" + (others > 0 ? " (and \(others) more)" : ""))
    }
    if copy.copied.isEmpty {
      throw Self.refusal("copy_weights", "nothing can be copied from \(source.name); \(copy.failureText)")
    }
    if let trained = source.trained { model.take(copy, from: trained.parameters) }
    if arguments.options.boolean("freeze") { model.frozen.formUnion(copy.copied.map(\.name)) }
    console.note("copy_weights: \(source.name) to \(model.name): " + copy.text.replacing("\n", with: "\n  "))
    return .table(Self.report(copy))
  }

  private static func report(_ copy: WeightCopy) -> LuaTable {
    func names(_ list: [String]) -> LuaValue { .table(LuaTable(list: list.map { .string($0) })) }
    let reasons = copy.layers.compactMap { layer in layer.obstacle.map { (layer.name, LuaValue.string("\($0)")) } }
    return LuaTable(fields: [
      "layers": .integer(copy.copied.count), "parameters": .integer(copy.copiedCount),
      "copied": names(copy.copied.map(\.name)),
      "not_copied": .table(LuaTable(fields: Dictionary(reasons, uniquingKeysWith: { first, _ in first }))),
      "unused": names(copy.unused), "text": .string(copy.text),
    ])
  }
}

extension Options {
  /// The list of an option declared as `.list(.string)`; empty when it has no value.
  fileprivate func strings(_ name: String) -> [String] {
    guard case .list(let values)? = self[name] else { return [] }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}
