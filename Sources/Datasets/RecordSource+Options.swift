import Schemas

extension RecordSource {
  /// The options of a data source that is TFRecord files.
  public static let optionSchemas: [OptionSchema] = [
    OptionSchema(
      "path", .either([.string, .list(.string)]), help: "a TFRecord file or a list of them, to be split by `split`"),
    OptionSchema("train", .either([.string, .list(.string)]), help: "the file or files of the train split"),
    OptionSchema("validation", .either([.string, .list(.string)]), help: "those of the validation split"),
    OptionSchema("test", .either([.string, .list(.string)]), help: "those of the test split"),
    OptionSchema(
      "classes", .either([.string, .list(.string)]),
      help:
        "the names of the labels 0, 1, ...: a list, a text file with a name a line, or a TSV with the columns index "
        + "and class; left out: the names or numbers that the records have"),
    OptionSchema(
      "image_key", .string, help: "the feature with the picture file; left out: guessed from the first record"),
    OptionSchema(
      "label_key", .string, help: "the feature with the class, an int64 or a name; left out: guessed likewise"),
    OptionSchema(
      "group_key", .string, help: "the feature with the group, an int64 or a name; no split divides a group"),
    OptionSchema(
      "remap", .string, help: "a TSV that replaces labels: a header line, then old id and new id; all ids must be in it"
    ),
    OptionSchema(
      "damaged", .choice(DamagedRecords.allCases.map(\.rawValue)), default: .string("skip"),
      help: "skip: a damaged record is left out, counted and named like a picture that cannot be read; fail: it is an "
        + "error"),
    OptionSchema(
      "split", .table, help: "shares of a random split: { train = 0.7, validation = 0.2, test = 0.1 }"),
  ]

  /// - Parameter options: checked against a schema that contains `optionSchemas`.
  /// - Throws: `DatasetError.recordOptions` when neither `path` nor `train` is given, or options contradict each other.
  public init(options: Options) throws(DatasetError) {
    let whole = RecordSource.strings(options["path"])
    let named = Split.allCases.map { Part(split: $0, paths: RecordSource.strings(options[$0.rawValue])) }
    if whole.isEmpty {
      if named[0].paths.isEmpty { throw .recordOptions(reason: "'path' or 'train' is required") }
      if options["split"] != nil {
        throw .recordOptions(reason: "'split' divides the records of 'path'; with 'train' the files are the splits")
      }
    } else if let other = named.first(where: { !$0.paths.isEmpty })?.split {
      throw .recordOptions(reason: "'path' and '\(other)' cannot both be given")
    }
    self.init(parts: whole.isEmpty ? named.filter { !$0.paths.isEmpty } : [Part(paths: whole)])
    switch options["classes"] {
    case .string(let file)?: classNames = .file(file)
    case .list?: classNames = .given(RecordSource.strings(options["classes"]))
    default: classNames = .found
    }
    imageKey = options.optionalString("image_key")
    labelKey = options.optionalString("label_key")
    groupKey = options.optionalString("group_key")
    remap = options.optionalString("remap")
    damaged = DamagedRecords(rawValue: options.string("damaged")) ?? .skip
  }

  private static func strings(_ value: OptionValue?) -> [String] {
    switch value {
    case .string(let text)?: [text]
    case .list(let list)?: list.compactMap { if case .string(let text) = $0 { text } else { nil } }
    default: []
    }
  }

  /// All files that it names, for a sandbox to look at.
  public var allPaths: [String] {
    var paths = parts.flatMap(\.paths)
    if case .file(let path) = classNames { paths.append(path) }
    return paths + (remap.map { [$0] } ?? [])
  }
}
