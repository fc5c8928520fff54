import Datasets
import Foundation
import Images
import Schemas

extension RecipeSession {
  /// What all data take besides how their pictures are read.
  static let commonOptions: [OptionSchema] = [
    OptionSchema(
      "augment", .list(.reference(["augmentation"])), default: .list([]),
      help: "random changes of the training pictures, in this order: a list of `wb.augment`"),
    OptionSchema(
      "duplicates", .boolean, default: .boolean(true),
      help: "whether near-duplicates across splits are looked for before training, and reported"),
  ]

  static let folderSchema = Schema(
    "data.folder",
    help:
      "Pictures in a folder with one sub-folder a class; or, where it holds a `labels.tsv` or `labels.csv`, as that "
      + "manifest says.",
    options: DatasetSource.folderOptionSchemas + commonOptions + Preprocessing.optionSchemas)

  static let manifestSchema = Schema(
    "data.manifest", help: "Pictures that a TSV or CSV table lists, with their classes, splits and groups.",
    options: DatasetSource.manifestOptionSchemas + commonOptions + Preprocessing.optionSchemas)

  static let recordSchema = Schema(
    "data.tfrecord", help: "Pictures in TFRecord files, as TensorFlow and Herbariograph write them.",
    options: RecordSource.optionSchemas + commonOptions + Preprocessing.optionSchemas)

  func defineData(in runtime: LuaRuntime) throws {
    try define("data.folder", in: runtime) { [unowned self] in try folderData($0) }
    try define("data.manifest", in: runtime) { [unowned self] in try manifestData($0) }
    try define("data.tfrecord", in: runtime) { [unowned self] in
      try load(try Arguments($0[0], schema: Self.recordSchema))
    }
    for schema in AugmentationRegistry.schemas {
      try define("augment." + schema.name, in: runtime) { try Self.augmentation(schema, $0) }
    }
  }

  private static func augmentation(_ schema: Schema, _ call: LuaCall) throws -> LuaValue {
    let owner = Schema("augment." + schema.name, help: schema.help, options: schema.options)
    let options = try Arguments(call[0], schema: owner).options
    let content: AugmentationObject.Content
    if let type = AugmentationRegistry.all.first(where: { $0.schema.name == schema.name }) {
      content = .picture(try type.init(options: options))
    } else if let type = AugmentationRegistry.batchWise.first(where: { $0.schema.name == schema.name }) {
      content = .batch(try type.init(options: options))
    } else {
      throw RequestError.invalid(owner: owner.name, reason: "is no augmentation")
    }
    return .object(AugmentationObject(content, text: describe(schema.name, options)))
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
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      throw RequestError.path(
        function: "data.folder", path: path, reason: "not a folder (wb.data.manifest reads a table)")
    }
    return try load(arguments)
  }

  private func manifestData(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.manifestSchema)
    let path = arguments.options.string("path")
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw RequestError.path(function: "data.manifest", path: path, reason: "a folder (wb.data.folder reads it)")
    }
    return try load(arguments)
  }

  private func load(_ arguments: Arguments) throws -> LuaValue {
    let owner = arguments.options.owner
    let source: DatasetSource
    let preprocessing: Preprocessing
    let dataset: Dataset
    do {
      preprocessing = try Preprocessing(options: arguments.options)
      source =
        owner == Self.recordSchema.name
        ? try DatasetSource(recordOptions: arguments.options) : try DatasetSource(options: arguments.options)
    } catch {
      throw RequestError.invalid(owner: owner, reason: "\(error)")
    }
    for path in source.records?.allPaths ?? [source.path] { try paths.check(path, function: owner) }
    do {
      dataset = try source.load(seed: seed)
    } catch DatasetError.notFound(let path) where configuration.mode == .plan {
      dataset = Self.standIn(path)
    } catch {
      throw RequestError.invalid(owner: owner, reason: "\(error)")
    }
    return dataObject(dataset, preprocessing: preprocessing, arguments: arguments)
  }

  /// - Parameter arguments: checked against a schema that contains `commonOptions`.
  func dataObject(_ dataset: Dataset, preprocessing: Preprocessing, arguments: Arguments) -> LuaValue {
    for note in dataset.notes { console.note(note) }
    let augmentations = (arguments.table("augment")?.list ?? []).compactMap { value -> AugmentationObject? in
      guard case .object(let object) = value else { return nil }
      return object as? AugmentationObject
    }
    return .object(
      DataObject(
        dataset: dataset, preprocessing: preprocessing, augmentations: augmentations,
        reportsDuplicates: arguments.options.boolean("duplicates")))
  }

  /// Two classes with a picture in each split, none of which exists: enough to plan a network.
  static func standIn(_ path: String) -> Dataset {
    let classes = ["class 1", "class 2"]
    let places = Split.allCases.flatMap { split in classes.indices.map { (split, $0) } }
    let samples = places.enumerated().map { id, place in
      Sample(id: id, path: "\(path)/\(id)", name: "\(id)", label: place.1, split: place.0)
    }
    return Dataset(root: path, classes: classes, samples: samples)
  }

  /// Says, once for each data set, which pictures look the same in different splits.
  ///
  /// - Parameter cache: keeps the pictures, for the training.
  /// - Throws: `StopRequest`.
  func reportDuplicates(_ data: DataObject, cache: PixelCache) throws {
    if !data.reportsDuplicates || data.duplicateNotes != nil { return }
    let report = DuplicateReport(
      dataset: data.dataset, preprocessing: data.preprocessing, cache: cache, threads: threadCount,
      shouldStop: shouldStop)
    if shouldStop() { throw StopRequest() }
    var notes: [String] = []
    if report.pairCount > 0 {
      notes.append(
        "\(report.pairCount) pair\(report.pairCount == 1 ? "" : "s") of near-duplicates across splits, which makes the "
          + "test easier than it should be:")
      for pair in report.pairs.prefix(5) {
        let (a, b) = (data.dataset.samples[pair.first], data.dataset.samples[pair.second])
        notes.append("  \(a.name) (\(Self.name(a.split))), \(b.name) (\(Self.name(b.split)))")
      }
      if report.pairCount > 5 { notes.append("  and \(report.pairCount - 5) more") }
    }
    data.duplicateNotes = notes
    for note in notes { console.note(note) }
  }

  private static func name(_ split: Split?) -> String { split?.rawValue ?? "no split" }
}
