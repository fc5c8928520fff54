import Datasets
import Foundation
import Images
import Schemas

extension RecipeSession {
  private static let splitSchema = Schema(
    "split", help: "Shares of a random, stratified partition that keeps groups together.",
    options: [
      OptionSchema("train", .number, default: .number(0.7), minimum: 0, maximum: 1, help: "Share for training."),
      OptionSchema("validation", .number, default: .number(0.2), minimum: 0, maximum: 1, help: "Share for validation."),
      OptionSchema("test", .number, default: .number(0.1), minimum: 0, maximum: 1, help: "Share for testing."),
    ])

  private static let commonOptions: [OptionSchema] = [
    OptionSchema(
      "split", .table,
      help: "Shares of a random partition, as in { train = 0.7, validation = 0.2, test = 0.1 }. Splits that the data "
        + "have themselves are kept, unless 'resplit' is set."),
    OptionSchema(
      "resplit", .boolean, default: .boolean(false), help: "Whether 'split' replaces the data's own splits."),
    OptionSchema(
      "augment", .list(.reference(["augmentation"])), default: .list([]),
      help: "Random changes of the training pictures, in this order: a list of `wb.augment`."),
  ]

  static let folderSchema = Schema(
    "data.folder",
    help:
      "Pictures in a folder with one sub-folder a class; or, where it holds a `labels.tsv` or `labels.csv`, as that "
      + "manifest says.",
    options: [OptionSchema("path", .string, required: true, help: "The folder.")] + commonOptions
      + Preprocessing.optionSchemas)

  static let manifestSchema = Schema(
    "data.manifest", help: "Pictures that a TSV or CSV table lists, with their classes, splits and groups.",
    options: [
      OptionSchema("path", .string, required: true, help: "The table; file names in it are relative to its folder."),
      OptionSchema("file_column", .string, default: .string("path"), help: "The column of the files."),
      OptionSchema("class_column", .string, default: .string("class"), help: "The column of the classes."),
      OptionSchema("split_column", .string, help: "The column of the splits; 'split' where there is one."),
      OptionSchema(
        "group", .string, help: "The column of groups that stay in one split; 'group' where there is one."),
      OptionSchema(
        "missing_files", .choice(MissingFiles.allCases.map(\.rawValue)), default: .string("error"),
        help: "Whether a line without its file is an error or left out."),
    ] + commonOptions + Preprocessing.optionSchemas)

  func defineData(in runtime: LuaRuntime) throws {
    try define("data.folder", in: runtime) { [unowned self] in try folderData($0) }
    try define("data.manifest", in: runtime) { [unowned self] in try manifestData($0) }
    for schema in AugmentationRegistry.schemas {
      try define("augment." + schema.name, in: runtime) { try Self.augmentation(schema, $0) }
    }
  }

  private static func augmentation(_ schema: Schema, _ call: LuaCall) throws -> LuaValue {
    let owner = Schema("augment." + schema.name, help: schema.help, options: schema.options)
    let options = try Arguments(call[0], schema: owner).options
    do {
      let content: AugmentationObject.Content =
        AugmentationRegistry.isBatchWise(schema.name) == true
        ? .batch(try AugmentationRegistry.batchAugmentation(named: schema.name, options: options.values))
        : .picture(try AugmentationRegistry.augmentation(named: schema.name, options: options.values))
      return .object(AugmentationObject(content, text: describe(schema.name, options)))
    } catch {
      throw RequestError.invalid(owner: owner.name, reason: "\(error)")
    }
  }

  /// `flip_horizontal{"probability":0.5}`: the same for the same settings.
  static func describe(_ name: String, _ options: Options) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try? encoder.encode(options.values)
    return name + (data.map { String(decoding: $0, as: UTF8.self) } ?? "")
  }

  private func folderData(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.folderSchema)
    let path = arguments.options.string("path")
    var source = DatasetSource(path: path)
    // A path to a table is no folder: `data.manifest` is what reads it.
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      throw RequestError.path(
        function: "data.folder", path: path, reason: "not a folder (wb.data.manifest reads a table)")
    }
    return try load(&source, arguments)
  }

  private func manifestData(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.manifestSchema)
    let options = arguments.options
    var source = DatasetSource(
      path: options.string("path"),
      columns: ManifestColumns(
        path: options.string("file_column"), label: options.string("class_column"),
        split: options.optionalString("split_column"), group: options.optionalString("group")),
      missingFiles: MissingFiles(rawValue: options.string("missing_files")) ?? .error)
    return try load(&source, arguments)
  }

  private func load(_ source: inout DatasetSource, _ arguments: Arguments) throws -> LuaValue {
    let owner = arguments.options.owner
    let preprocessing: Preprocessing
    let dataset: Dataset
    do {
      preprocessing = try Preprocessing(options: arguments.options)
      if let split = arguments.table("split") { source.fractions = try Self.fractions(split) }
      source.resplit = arguments.options.boolean("resplit")
    } catch {
      throw RequestError.invalid(owner: owner, reason: "\(error)")
    }
    try paths.check(source.path, function: owner)
    do {
      dataset = try source.load(seed: seed)
    } catch {
      throw RequestError.invalid(owner: owner, reason: "\(error)")
    }
    for note in dataset.notes { console.note(note) }
    let augmentations = (arguments.table("augment")?.list ?? []).compactMap { value -> AugmentationObject? in
      guard case .object(let object) = value else { return nil }
      return object as? AugmentationObject
    }
    return .object(
      DataObject(dataset: dataset, preprocessing: preprocessing, augmentations: augmentations, source: owner))
  }

  private static func fractions(_ table: LuaTable) throws -> SplitFractions {
    let options = try Arguments(.table(table), schema: splitSchema).options
    // A share that is left out is none, unless all are.
    func share(_ name: String) -> Double {
      table.isEmpty || table.fields[name] != nil ? options.number(name) : 0
    }
    return try SplitFractions(train: share("train"), validation: share("validation"), test: share("test"))
  }
}
