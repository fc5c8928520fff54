import Schemas

extension DatasetSource {
  /// The options of a data source that is a folder: which pictures there are, and how they are split.
  public static let folderOptionSchemas: [OptionSchema] =
    [
      OptionSchema(
        "path", .string, required: true,
        help: "a folder with one sub-folder a class, or with a labels.tsv or labels.csv"),
      OptionSchema(
        "manifest", .either([.string, .boolean]),
        help: "the manifest's name in the folder; false: sub-folders are classes although there is a labels.tsv"),
    ] + tableOptionSchemas

  /// The same for a data source that is a manifest.
  public static let manifestOptionSchemas: [OptionSchema] =
    [
      OptionSchema("path", .string, required: true, help: "a TSV or CSV file with a header and a line a picture")
    ] + tableOptionSchemas

  private static let tableOptionSchemas: [OptionSchema] = [
    OptionSchema("path_column", .string, default: .string("path"), help: "the manifest's column of paths"),
    OptionSchema("class_column", .string, default: .string("class"), help: "the manifest's column of classes"),
    OptionSchema("split_column", .string, help: "the manifest's column of splits: split, where there is one"),
    OptionSchema(
      "group_column", .string,
      help: "the manifest's column of groups, which no split divides: group, where there is one"),
    OptionSchema(
      "missing", .choice(MissingFiles.allCases.map(\.rawValue)), default: .string("error"),
      help: "error: a file that is not there is an error; leave_out: it is left out"),
    OptionSchema(
      "split", .table, help: "shares of a random split: { train = 0.7, validation = 0.2, test = 0.1 }"),
    OptionSchema(
      "resplit", .boolean, default: .boolean(false), help: "draw a random split although the data have one"),
  ]

  /// - Parameter options: checked against a schema that contains `folderOptionSchemas` or `manifestOptionSchemas`.
  /// - Throws: `OptionError` for an unknown split, `DatasetError.fractions` for shares that do not add up to 1.
  public init(options: Options) throws {
    var source = DatasetSource(path: options.string("path"))
    switch options["manifest"] {
    case .string(let name)?: source.manifest = .named(name)
    case .boolean(false)?: source.manifest = .none
    default: break
    }
    source.columns = ManifestColumns(
      path: options.string("path_column"), label: options.string("class_column"),
      split: options.optionalString("split_column"), group: options.optionalString("group_column"))
    source.missingFiles = MissingFiles(rawValue: options.string("missing")) ?? .error
    source.resplit = options.boolean("resplit")
    if case .table(let shares)? = options["split"] { source.fractions = try SplitFractions(shares: shares) }
    self = source
  }
}

extension DatasetSource {
  /// - Parameter recordOptions: checked against a schema that contains `RecordSource.optionSchemas`.
  /// - Throws: `DatasetError.recordOptions`, `.fractions`; `OptionError` for an unknown split.
  public init(recordOptions options: Options) throws {
    self.init(records: try RecordSource(options: options))
    if case .table(let shares)? = options["split"] { fractions = try SplitFractions(shares: shares) }
  }
}

extension SplitFractions {
  /// A share for each split; what is not named is 0.
  public static let schema = Schema(
    "split", help: "Shares of a random split, which add up to 1.",
    options: Split.allCases.map {
      OptionSchema(
        $0.rawValue, .number, default: .number(0), minimum: 0, maximum: 1, help: "the share of the \($0.rawValue) split"
      )
    })

  /// From a recipe's table.
  ///
  /// - Throws: `OptionError` for a name that is no split or a value that is no share, `DatasetError.fractions`.
  public init(shares: [String: OptionValue]) throws {
    let options = try Options(shares, schema: SplitFractions.schema)
    try self.init(
      train: options.number("train"), validation: options.number("validation"), test: options.number("test"))
  }
}
