import ModelFiles
import Networks
import Tensors

/// A network, with its numbers once it is trained or loaded.
final class ModelObject: RecipeObject {
  let network: Network
  let name: String
  /// nil as long as it is a network only.
  private(set) var trained: Model?
  /// The names of layers with parameters that training leaves as they are.
  var frozen: Set<String> = []
  /// By parameter: numbers that a network, which has none yet, will begin with.
  private var begins: [String: Tensor] = [:]
  /// The class table of the data that it was planned for, in check mode.
  let plannedClasses: [String]?
  private let plannedHasClassNames: Bool
  /// What `load_weights` has done; nil for a model that it did not make.
  let weights: WeightReport?

  init(network: Network, name: String) {
    self.network = network
    self.name = name
    trained = nil
    plannedClasses = nil
    plannedHasClassNames = true
    weights = nil
  }

  init(_ model: Model, weights: WeightReport? = nil) {
    network = model.network
    name = model.name
    trained = model
    plannedClasses = nil
    plannedHasClassNames = true
    self.weights = weights
  }

  /// What training would give, in check mode.
  init(
    planned network: Network, name: String, classes: [String], hasClassNames: Bool = true, weights: WeightReport? = nil
  ) {
    self.network = network
    self.name = name
    trained = nil
    plannedClasses = classes
    plannedHasClassNames = hasClassNames
    self.weights = weights
  }

  var classes: [String]? { trained?.classes ?? plannedClasses }
  /// False when the classes are 0, 1, ...: training on data gives them the data's names.
  var hasClassNames: Bool { trained?.hasClassNames ?? plannedHasClassNames }

  /// Writes numbers of another model over this one's: at once, or when it gets its first ones.
  func take(_ copy: WeightCopy, from source: ParameterSet) {
    if let model = trained {
      // A copy: others may hold the same model, such as the run that gave it.
      let parameters = model.parameters.copy()
      copy.apply(from: source, to: parameters)
      trained = model.with(parameters: parameters)
    } else {
      let names = Set(copy.copied.map(\.name))
      for entry in source.entries where names.contains(entry.layerName) { begins[entry.name] = entry.tensor.copy() }
    }
  }

  /// Its first numbers, as far as they were copied from elsewhere.
  func begin(_ parameters: ParameterSet) {
    for (name, tensor) in begins {
      parameters[name]?.pointer.update(from: tensor.pointer, count: tensor.count)
    }
  }

  static let kind = RecipeKind.model
  static let help = "A network, with its numbers once it is trained or loaded."
  static let properties: [RecipeProperty<ModelObject>] = [
    .init("name", .string, "What tables and reports call it.") { .string($0.name) },
    .init("classes", .optional(.list(.string)), "The names of its classes; nil before training.") {
      $0.classes.map { .table(LuaTable(list: $0.map { .string($0) })) } ?? .none
    },
    .init("parameters", .integer, "Numbers in its parameters.") { .integer($0.network.parameterCount) },
    .init("trainable", .integer, "Those of them that training changes.") {
      .integer($0.network.trainableCount(frozen: $0.frozen))
    },
    .init("frozen", .list(.string), "The layers that training leaves as they are.") { model in
      let names = model.network.parameterLayers.filter(model.frozen.contains)
      return .table(LuaTable(list: names.map { .string($0) }))
    },
    .init("flops", .integer, "Operations of a forward pass of one picture.") { .integer($0.network.flops) },
    .init("shape", .list(.integer), "Of its input: height, width, channels.") {
      .table(LuaTable(list: $0.network.inputShape.dimensions.map { .integer($0) }))
    },
    .init("weights", .optional(.record(RecipeSession.weightReport)), "What `load_weights` did; nil without it.") {
      $0.weights.map { .table(RecipeSession.table(of: $0)) } ?? .none
    },
  ]
  static let methods = [
    RecipeFunction("summary", help: "Prints the table of its layers."),
    RecipeFunction("describe", help: "Gives the table of its layers as a text.", result: .string),
    RecipeFunction(
      "layer", help: "Gives the facts of one layer.",
      parameters: [RecipeField("name", .string, "The layer's name.")], result: .record(layerFacts)),
    RecipeFunction(
      "copy_weights", help: RecipeSession.copyWeightsSchema.help,
      parameters: [RecipeField("options", .options(RecipeSession.copyWeightsSchema), "")],
      result: .record(RecipeSession.copyReport)),
    RecipeFunction(
      "train_from",
      help: "Freezes all layers before this one, in the order of the table, and lets it and all behind it learn.",
      parameters: [RecipeField("name", .string, "The first layer that learns.")], result: .object(.model)),
    RecipeFunction(
      "freeze", help: "Lets training leave layers as they are, besides those that are frozen already.",
      parameters: [
        RecipeField("names", .either([.string, .list(.string)]), "Names of layers; `*` stands for any characters.")
      ],
      result: .object(.model)),
    RecipeFunction(
      "unfreeze", help: "Lets layers learn again, or all of them.",
      parameters: [
        RecipeField("names", .optional(.either([.string, .list(.string)])), "Names of layers; left out: all.")
      ],
      result: .object(.model)),
    RecipeFunction(
      "save", help: "Writes a model file, .safetensors or .keras, into the run folder.",
      parameters: [RecipeField("name", .string, "The file's name; its ending decides the format.")],
      result: .object(.model)),
    RecipeSession.loadWeightsFunction,
  ]

  private static let layerFacts = RecipeRecord(
    "LayerFacts", help: "One layer of a model.",
    fields: [
      RecipeField("name", .string, "Its name."),
      RecipeField("type", .string, "What kind of layer it is: `conv2d`."),
      RecipeField("parameters", .integer, "Numbers in its parameters."),
      RecipeField("shape", .list(.integer), "Of what it gives: height, width, channels."),
      RecipeField("options", .optional(.table), "Its options; nil for the input."),
    ])

  var text: String { "\(name): \(network.inputShape) to \(network.classCount) classes" }
}
