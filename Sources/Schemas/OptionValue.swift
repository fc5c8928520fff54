/// A value that a person wrote for an option, in a recipe, on the command line or in a model file.
public indirect enum OptionValue: Equatable, Sendable {
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([OptionValue])
  case table([String: OptionValue])
  /// Something that only the recipe language can name: a function, a network node, a data set. `kind` is the word
  /// that a message uses for it; `id` finds it again.
  case reference(kind: String, id: Int)

  /// What the value is, as a message would say it: `a string`, `a list`.
  public var kindDescription: String {
    switch self {
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .list: "a list"
    case .table: "a table"
    case .reference(let kind, _): withArticle(kind)
    }
  }
}

extension OptionValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([OptionValue].self) {
      self = .list(value)
    } else {
      self = .table(try container.decode([String: OptionValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .table(let value): try container.encode(value)
    case .reference(let kind, _): try container.encode("<\(kind)>")
    }
  }
}

/// `an optimizer`, `a loss`.
func withArticle(_ noun: String) -> String { (noun.first.map("aeiou".contains) == true ? "an " : "a ") + noun }
