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
    func refuse(_ reason: String) -> RequestError { .invalid(owner: "initialize", reason: reason) }
    guard let model = arguments.object("model", ModelObject.self) else { throw refuse("'model' is required") }
    let network = model.network
    if model.classes != nil { throw refuse("'model' has its numbers already") }
    let preprocessing = try preprocessing(for: network, arguments.options)

    var names: [String]?
    if case .list(let given)? = arguments.options["classes"] {
      let texts = given.compactMap { if case .string(let text) = $0 { text } else { nil } }
      guard texts.count == network.classCount else {
        throw refuse("'classes' has \(texts.count) names, but the network gives \(network.classCount) numbers")
      }
      let twice = Dictionary(grouping: texts) { $0 }.filter { $1.count > 1 }.keys.min()
      if let twice { throw refuse("'classes' has '\(twice)' more than once") }
      names = texts
    }
    let classes = names ?? Model.numbers(count: network.classCount)
    if isChecking {
      return .object(
        ModelObject(planned: network, name: model.name, classes: classes, hasClassNames: names != nil))
    }
    var provenance = ["recipe": recipeFile, "seed": "\(seed)", "workbench": RecipeRunner.version]
    for parameter in parameters.resolved { provenance["parameter.\(parameter.name)"] = parameter.value }
    return .object(
      try work {
        try ParameterSet.requireMemory(for: network)
        let numbers = ParameterSet(network: network, key: RandomKey(seed: seed).deriving("parameters"))
        return ModelObject(
          try Model(
            name: model.name, network: network, parameters: numbers, classes: classes, preprocessing: preprocessing,
            hasClassNames: names != nil, provenance: provenance))
      })
  }

  /// The options of reading pictures, with the network's own size.
  private func preprocessing(for network: Network, _ options: Options) throws -> Preprocessing {
    let shape = network.inputShape
    guard shape.isPicture, shape.channels == 3 else {
      throw RequestError.invalid(
        owner: "initialize", reason: "the network's input is \(shape); pictures have three channels")
    }
    var values = options.values.filter { name, _ in Preprocessing.optionSchemas.contains { $0.name == name } }
    values["size"] = .list([.integer(shape[0]), .integer(shape[1])])
    let schema = Schema("initialize", help: "", options: Preprocessing.optionSchemas)
    do {
      return try Preprocessing(options: Options(values, schema: schema))
    } catch let error as PreprocessingError {
      throw RequestError.invalid(owner: "initialize", reason: "\(error)")
    }
  }
}
