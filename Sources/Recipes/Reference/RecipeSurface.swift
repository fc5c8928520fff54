import Datasets
import Images
import Layers
import PluginHost
import Schemas
import Training

/// All that recipes can call and are handed: the reference and the editor stubs are made from this.
package struct RecipeSurface: Sendable {
  /// Functions under one heading.
  package struct Section: Sendable {
    package let title: String
    package let functions: [RecipeFunction]
  }

  /// What a plugin brings to recipes.
  package struct Plugin: Sendable {
    package let id: String
    package let help: String
    package let layers: [RecipeFunction]
    package let sources: [RecipeFunction]

    /// - Parameters:
    ///   - layers: their own options alone.
    ///   - sources: as `data.<name>`, with all their options.
    package init(id: String, help: String, layers: [Schema] = [], sources: [Schema] = []) {
      self.id = id
      self.help = help
      self.layers = layers.map { RecipeFunction(RecipeSession.recipeSchema(of: $0), gives: .layer) }
      self.sources = sources.map { RecipeFunction($0, gives: .dataset) }
    }

    package init(_ library: PluginLibrary) {
      self.init(
        id: library.id, help: "The plugin \(library.id) \(library.version): \(library.help)",
        layers: library.layers.map(\.schema), sources: library.sources.map { RecipeSurface.schema(of: $0) })
    }
  }

  package let sections: [Section]
  /// `wb.seed`
  package let constants: [RecipeField]
  package let classes: [RecipeClass]
  package let plugins: [Plugin]

  package init(plugins: [Plugin] = []) {
    typealias Session = RecipeSession
    self.plugins = plugins
    let layers = LayerRegistry.all.map { RecipeFunction(Session.recipeSchema(of: $0.schema), gives: .layer) }
    sections = [
      Section(
        title: "Data",
        functions: [Session.folderSchema, Session.manifestSchema, Session.recordSchema].map {
          RecipeFunction($0, gives: .dataset)
        } + plugins.flatMap(\.sources)),
      Section(
        title: "Augmentations",
        functions: AugmentationRegistry.schemas.map { RecipeFunction($0.within("augment"), gives: .augmentation) }),
      Section(
        title: "Networks",
        functions: [
          RecipeFunction(Session.inputSchema, gives: .node), Session.sequentialFunction,
          RecipeFunction(Session.modelSchema, gives: .model), RecipeFunction(Session.initializeSchema, gives: .model),
        ]),
      Section(title: "Layers", functions: layers + plugins.flatMap(\.layers)),
      Section(title: "Training", functions: [RecipeFunction(Session.trainSchema, gives: .run)]),
      Section(
        title: "Losses", functions: Session.lossSchemas.map { RecipeFunction($0, gives: .loss) }),
      Section(
        title: "Optimizers",
        functions: OptimizerRegistry.all.map { RecipeFunction($0.schema.within("optimizer"), gives: .optimizer) }),
      Section(
        title: "Schedules",
        functions: ScheduleRegistry.all.map { RecipeFunction($0.schema.within("schedule"), gives: .schedule) }),
      Section(
        title: "Use",
        functions: [
          RecipeFunction(Session.evaluateSchema, gives: .evaluation),
          RecipeFunction(Session.predictSchema, gives: .prediction), RecipeFunction(Session.soupSchema, gives: .soup),
          Session.loadFunction,
        ]),
      Section(
        title: "Script",
        functions: [
          Session.pluginFunction, Session.paramFunction, Session.repeatsFunction, Session.resultFunction,
          Session.readTableFunction,
        ]),
    ]
    constants = RecipeSession.constants
    classes = RecipeSurface.objectTypes.map { $0.declaration }
  }

  package var functions: [RecipeFunction] { sections.flatMap(\.functions) }

  /// Why a plugin that brings a layer or source of its own name cannot be called so; nil when it can.
  package func objection(toPluginName name: String) -> String? {
    if RecipeStubs.keywords.contains(name) {
      return "'\(name)' cannot be the name of a plugin: it is a word of the recipes' language"
    }
    let taken = functions.map(\.name) + constants.map(\.name)
    if taken.contains(where: { $0 == name || $0.hasPrefix(name + ".") || $0 == "data." + name }) {
      return "'\(name)' cannot be the name of a plugin: recipes have a wb.\(name) or wb.data.\(name) already"
    }
    return nil
  }

  private static var objectTypes: [any RecipeObject.Type] {
    [
      DataObject.self, AugmentationObject.self, LayerObject.self, NodeObject.self, ModelObject.self, LossObject.self,
      OptimizerObject.self, ScheduleObject.self, RunObject.self, CheckpointObject.self, SoupObject.self,
      EvaluationObject.self, PredictionObject.self,
      PluginObject.self,
    ]
  }

  // MARK: What schemas do not say

  /// What a table may hold that an option takes: `stop` of `train`.
  package static func tableSchema(of option: OptionSchema) -> Schema? {
    switch (option.name, option.kind) {
    case ("split", .table): SplitFractions.schema
    case ("stop", .table): EarlyStopping.schema
    case ("checkpoints", .table): CheckpointRules.schema
    case ("best", .table): CheckpointRules.bestSchema
    case ("select", .table): SoupSettings.selectSchema
    case ("distillation", .table): DistillationSettings.schema
    default: nil
    }
  }

  /// How a function is called that an option takes: `on_epoch` of `train`.
  package static func functionType(of option: OptionSchema) -> RecipeType {
    func hook(_ info: RecipeRecord) -> RecipeType {
      .function(
        [
          RecipeField("info", .record(info), "What was computed."),
          RecipeField("state", .table, "The hooks' own; it is stored with checkpoints."),
        ], returns: .optional(.choice(["stop"])))
    }
    switch option.name {
    case "on_epoch": return hook(EpochRecord.recipeRecord)
    case "on_batch": return hook(BatchRecord.recipeRecord)
    case "schedule":
      return .function([RecipeField("step", .integer, "From 0.")], returns: .number)
    default: return .function([], returns: nil)
    }
  }

  /// What may stand without a name in the table of a function: the extents of `wb.input`.
  package static func listType(of schema: Schema) -> RecipeType? {
    switch schema.name {
    case RecipeSession.inputSchema.name: .integer
    case RecipeSession.sequentialSchema.name: .either([.object(.layer), .object(.node)])
    case RecipeSession.combineSchema.name: .either([.object(.loss), .list(.either([.object(.loss), .number]))])
    default: nil
    }
  }
}

extension RecipeFunction {
  /// A function that takes one table of options.
  init(_ schema: Schema, gives kind: RecipeKind) {
    let options: RecipeType =
      schema.options.contains(where: \.isRequired) || RecipeSurface.listType(of: schema) != nil
      ? .options(schema) : .optional(.options(schema))
    self.init(
      schema.name, help: schema.help, parameters: [RecipeField("options", options, "")], result: .object(kind))
  }

  /// Of the table of options that it takes, alone or instead of something shorter.
  package var schema: Schema? { parameters.first?.type.schema }
}

extension RecipeType {
  fileprivate var schema: Schema? {
    switch self {
    case .options(let schema): schema
    case .optional(let type): type.schema
    case .either(let types): types.compactMap(\.schema).first
    default: nil
    }
  }
}

extension Schema {
  /// The same under the name that recipes use: `loss.ce`.
  func within(_ namespace: String) -> Schema { Schema("\(namespace).\(name)", help: help, options: options) }
}

extension RecipeSession {
  static let constants = [
    RecipeField("version", .string, "Of the workbench."),
    RecipeField("seed", .integer, "Of this run: `--seed`, or 1."),
    RecipeField("checking", .boolean, "True under `workbench check`, where nothing is computed."),
  ]

  static let sequentialFunction = RecipeFunction(
    sequentialSchema.name, help: sequentialSchema.help,
    parameters: [RecipeField("options", .options(sequentialSchema), "")],
    result: .oneOf("Sequential", [.model, .layer]))

  static let loadFunction = RecipeFunction(
    loadSchema.name, help: loadSchema.help,
    parameters: [RecipeField("path", .either([.string, .options(loadSchema)]), "The file, or a table with it.")],
    result: .object(.model))

  static let paramFunction = RecipeFunction(
    "param", help: "A value that `--set name=value` changes, as the default's type.",
    parameters: [
      RecipeField("name", .string, "What stands behind `--set`."),
      RecipeField("default", .optional(.generic), "A boolean, a number, a string, or a list of these."),
      RecipeField("help", .optional(.string), "One line for people."),
    ], result: .generic)

  static let repeatsFunction = RecipeFunction(
    "repeats", help: "Calls a function with seed, seed + 1, ...; states means and deviations of its results.",
    parameters: [
      RecipeField("count", .integer, "How often, 1 to 1000."),
      RecipeField("body", .function([RecipeField("seed", .integer, "Of this turn.")], returns: .generic), "All of it."),
    ], result: .list(.generic))

  static let resultFunction = RecipeFunction(
    "result", help: "Prints a figure and keeps it in `run.json`.",
    parameters: [RecipeField("name", .string, "What it is."), RecipeField("value", .number, "The figure.")])
}
