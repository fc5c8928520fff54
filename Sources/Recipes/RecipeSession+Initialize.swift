import Foundation
import Images
import ModelFiles
import Networks
import Schemas
import Tensors

extension RecipeSession {
  static let initializeSchema = Schema(
    "initialize",
    help:
      "Gives a network its first numbers, from the seed, and how it reads pictures: a model that nobody has trained.",
    options: [
      OptionSchema("model", .reference(["model"]), required: true, help: "A network, from `wb.model`."),
      OptionSchema(
        "classes", .list(.string),
        help: "The names of its outputs, in order; left out: 0, 1, ..., until it is trained on data."),
    ] + Preprocessing.optionSchemas.filter { $0.name != "size" })

  func defineInitialize(in runtime: LuaRuntime) throws {
    try define("initialize", in: runtime) { [unowned self] in try initialize($0) }
  }

  private func initialize(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.initializeSchema)
    guard let model = arguments.object("model", ModelObject.self) else {
      throw RequestError.invalid(owner: "initialize", reason: "'model' is required")
    }
    let start = try start(of: model, owner: "initialize", arguments.options)
    let first = isChecking ? start.planned : try work { ModelObject(try firstModel(start)) }
    first.frozen = model.frozen
    return .object(first)
  }

  /// What a network needs besides numbers to be a model.
  struct Start {
    let model: ModelObject
    let classes: [String]
    let hasClassNames: Bool
    let preprocessing: Preprocessing

    /// In check mode.
    var planned: ModelObject {
      ModelObject(planned: model.network, name: model.name, classes: classes, hasClassNames: hasClassNames)
    }
  }

  /// - Parameters:
  ///   - owner: the function, for messages.
  ///   - options: of a schema that has `classes` and those of reading pictures, without `size`.
  func start(of model: ModelObject, owner: String, _ options: Options) throws -> Start {
    func refuse(_ reason: String) -> RequestError { .invalid(owner: owner, reason: reason) }
    let network = model.network
    if model.classes != nil { throw refuse("'model' has its numbers already") }
    let preprocessing = try preprocessing(for: network, owner: owner, options)

    var names: [String]?
    if case .list(let given)? = options["classes"] {
      let texts = given.compactMap { if case .string(let text) = $0 { text } else { nil } }
      guard texts.count == network.classCount else {
        throw refuse("'classes' has \(texts.count) names, but the network gives \(network.classCount) numbers")
      }
      let twice = Dictionary(grouping: texts) { $0 }.filter { $1.count > 1 }.keys.min()
      if let twice { throw refuse("'classes' has '\(twice)' more than once") }
      names = texts
    }
    return Start(
      model: model, classes: names ?? Model.numbers(count: network.classCount), hasClassNames: names != nil,
      preprocessing: preprocessing)
  }

  /// With first numbers, from the seed.
  ///
  /// - Parameter origin: goes into the provenance.
  func firstModel(_ start: Start, origin: [String: String] = [:]) throws -> Model {
    var provenance = ["recipe": recipeFile, "seed": "\(seed)", "workbench": RecipeRunner.version]
    for parameter in parameters.resolved { provenance["parameter.\(parameter.name)"] = parameter.value }
    provenance.merge(origin) { $1 }
    let network = start.model.network
    try ParameterSet.requireMemory(for: network)
    let numbers = ParameterSet(network: network, key: RandomKey(seed: seed).deriving("parameters"))
    start.model.begin(numbers)
    return try Model(
      name: start.model.name, network: network, parameters: numbers, classes: start.classes,
      preprocessing: start.preprocessing, hasClassNames: start.hasClassNames, provenance: provenance)
  }

  /// The options of reading pictures, with the network's own size.
  private func preprocessing(for network: Network, owner: String, _ options: Options) throws -> Preprocessing {
    let shape = network.inputShape
    guard shape.isPicture, shape.channels == 3 else {
      throw RequestError.invalid(
        owner: owner, reason: "the network's input is \(shape); pictures have three channels")
    }
    var values = options.values.filter { name, _ in Preprocessing.optionSchemas.contains { $0.name == name } }
    values["size"] = .list([.integer(shape[0]), .integer(shape[1])])
    let schema = Schema(owner, help: "", options: Preprocessing.optionSchemas)
    do {
      return try Preprocessing(options: Options(values, schema: schema))
    } catch let error as PreprocessingError {
      throw RequestError.invalid(owner: owner, reason: "\(error)")
    }
  }
}
