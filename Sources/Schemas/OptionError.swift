/// What can be wrong with the options that a person gave.
public enum OptionError: Error, Equatable, Sendable {
  case unknownOption(owner: String, name: String, suggestion: String?)
  case missingOption(owner: String, name: String)
  case wrongType(owner: String, name: String, expected: String, found: String)
  case outOfRange(owner: String, name: String, value: String, range: String)
}

extension OptionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownOption(let owner, let name, let suggestion):
      "\(owner): unknown option '\(name)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .missingOption(let owner, let name):
      "\(owner): option '\(name)' is required"
    case .wrongType(let owner, let name, let expected, let found):
      "\(owner): option '\(name)' must be \(expected), not \(found)"
    case .outOfRange(let owner, let name, let value, let range):
      "\(owner): option '\(name)' is \(value), but must be \(range)"
    }
  }
}
