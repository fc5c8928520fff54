/// The declaration of one option: the only place where its type, default, range and help stand.
///
/// From it come the checks, the error texts, the reference page and the editor stubs.
public struct OptionSchema: Sendable {
  public let name: String
  public let kind: OptionKind
  /// nil: the option may be left out and then has no value, unless it is required.
  public let defaultValue: OptionValue?
  public let isRequired: Bool
  /// Closed bounds for numbers; nil where there is none.
  public let minimum: Double?
  public let maximum: Double?
  /// One line.
  public let help: String

  public init(
    _ name: String, _ kind: OptionKind, default defaultValue: OptionValue? = nil, required: Bool = false,
    minimum: Double? = nil, maximum: Double? = nil, help: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isRequired = required
    self.minimum = minimum
    self.maximum = maximum
    self.help = help
  }
}

/// What an option accepts.
public indirect enum OptionKind: Equatable, Sendable {
  case boolean
  case integer
  case number
  case string
  /// One of these words.
  case choice([String])
  case list(OptionKind)
  /// A table with any keys.
  case table
  /// A recipe object of one of these kinds, such as `function`, `node`, `dataset`.
  case reference([String])
  /// The first kind that fits.
  case either([OptionKind])

  /// `an integer`, `'valid' or 'same'`.
  public var description: String {
    switch self {
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .choice(let words): words.map { "'\($0)'" }.joined(separator: " or ")
    case .list(let element): "a list of which each is \(element.description)"
    case .table: "a table"
    case .reference(let kinds): kinds.map(withArticle).joined(separator: " or ")
    case .either(let kinds): kinds.map(\.description).joined(separator: " or ")
    }
  }
}

/// All options of one thing that a recipe can name: a layer, a loss, an optimizer, a data source.
public struct Schema: Sendable {
  /// The name that recipes use: `conv2d`.
  public let name: String
  /// One line: what it does.
  public let help: String
  public let options: [OptionSchema]

  public init(_ name: String, help: String, options: [OptionSchema] = []) {
    self.name = name
    self.help = help
    self.options = options
  }
}
