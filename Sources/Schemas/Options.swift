/// Options that were checked against a schema, with the defaults filled in.
public struct Options: Equatable, Sendable {
  /// The name of the schema, for messages.
  public let owner: String
  public private(set) var values: [String: OptionValue]

  /// - Throws: `OptionError` for the first option, in order of name, that does not fit.
  public init(_ given: [String: OptionValue], schema: Schema) throws {
    owner = schema.name
    values = [:]
    let known = Dictionary(schema.options.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let option = known[name] else {
        throw OptionError.unknownOption(
          owner: schema.name, name: name, suggestion: nearest(to: name, among: schema.options.map(\.name)))
      }
      values[name] = try option.checked(value, owner: schema.name)
    }
    for option in schema.options where values[option.name] == nil {
      if option.isRequired { throw OptionError.missingOption(owner: schema.name, name: option.name) }
      values[option.name] = option.defaultValue
    }
  }

  public subscript(name: String) -> OptionValue? { values[name] }

  // The schema has checked the types: asking for an option that it does not declare, or as another type, is our error.

  public func integer(_ name: String) -> Int {
    guard case .integer(let value)? = values[name] else { preconditionFailure("\(owner).\(name) is no integer") }
    return value
  }

  public func number(_ name: String) -> Double {
    switch values[name] {
    case .number(let value)?: return value
    case .integer(let value)?: return Double(value)
    default: preconditionFailure("\(owner).\(name) is no number")
    }
  }

  public func boolean(_ name: String) -> Bool {
    guard case .boolean(let value)? = values[name] else { preconditionFailure("\(owner).\(name) is no boolean") }
    return value
  }

  public func string(_ name: String) -> String {
    guard case .string(let value)? = values[name] else { preconditionFailure("\(owner).\(name) is no string") }
    return value
  }

  public func optionalInteger(_ name: String) -> Int? { values[name] == nil ? nil : integer(name) }
  public func optionalNumber(_ name: String) -> Double? { values[name] == nil ? nil : number(name) }
  public func optionalString(_ name: String) -> String? { values[name] == nil ? nil : string(name) }

  /// One integer for both axes, or a list of two.
  public func pair(_ name: String) -> (Int, Int) {
    if case .list(let values)? = values[name], values.count == 2, case .integer(let a) = values[0],
      case .integer(let b) = values[1]
    {
      return (a, b)
    }
    let side = integer(name)
    return (side, side)
  }

  /// The list of an option declared as `.list(.integer)`; empty when it has no value.
  public func integers(_ name: String) -> [Int] {
    guard case .list(let values)? = values[name] else { return [] }
    return values.map {
      guard case .integer(let value) = $0 else { preconditionFailure("\(owner).\(name) is no list of integers") }
      return value
    }
  }

  /// The list of an option declared as `.list(.number)`; empty when it has no value.
  public func numbers(_ name: String) -> [Double] {
    guard case .list(let values)? = values[name] else { return [] }
    return values.map {
      switch $0 {
      case .number(let value): return value
      case .integer(let value): return Double(value)
      default: preconditionFailure("\(owner).\(name) is no list of numbers")
      }
    }
  }
}

extension OptionSchema {
  /// The value in the form that the option's kind stores, so that `2.0` becomes the integer 2 where one is wanted.
  func checked(_ value: OptionValue, owner: String) throws -> OptionValue {
    guard let converted = kind.converted(value) else {
      throw OptionError.wrongType(
        owner: owner, name: name, expected: kind.description, found: value.kindWithContent)
    }
    try checkRange(converted, owner: owner)
    return converted
  }

  private func checkRange(_ value: OptionValue, owner: String) throws {
    let number: Double
    switch value {
    case .integer(let integer): number = Double(integer)
    case .number(let double): number = double
    case .list(let values):
      for element in values { try checkRange(element, owner: owner) }
      return
    default: return
    }
    let fits = number.isFinite && number >= (minimum ?? -.infinity) && number <= (maximum ?? .infinity)
    if fits { return }
    let range =
      switch (minimum, maximum) {
      case (let low?, let high?): "from \(plain(low)) to \(plain(high))"
      case (let low?, nil): "\(plain(low)) or more"
      case (nil, let high?): "\(plain(high)) or less"
      case (nil, nil): "a finite number"
      }
    throw OptionError.outOfRange(owner: owner, name: name, value: plain(number), range: range)
  }
}

extension OptionKind {
  /// nil when the value does not fit.
  func converted(_ value: OptionValue) -> OptionValue? {
    switch (self, value) {
    case (.boolean, .boolean), (.integer, .integer), (.number, .number), (.string, .string), (.table, .table):
      return value
    case (.table, .list(let values)) where values.isEmpty: return .table([:])
    case (.integer, .number(let number)): return Int(exactly: number).map { .integer($0) }
    case (.number, .integer(let integer)): return .number(Double(integer))
    case (.choice(let words), .string(let word)): return words.contains(word) ? value : nil
    case (.list(let kind), .list(let values)):
      let converted = values.compactMap { kind.converted($0) }
      return converted.count == values.count ? .list(converted) : nil
    case (.list, .table(let values)) where values.isEmpty: return .list([])
    case (.reference(let kinds), .reference(let kind, _)): return kinds.contains(kind) ? value : nil
    case (.either(let kinds), _):
      for kind in kinds { if let converted = kind.converted(value) { return converted } }
      return nil
    default: return nil
    }
  }
}

extension OptionValue {
  /// `the string "abc"`, `3.5`, `a list`: short enough for a message.
  var kindWithContent: String {
    switch self {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): plain(value)
    case .string(let value): "the string \"\(value.prefix(40))\""
    default: kindDescription
    }
  }
}

/// A number without a needless `.0`.
private func plain(_ number: Double) -> String {
  Int(exactly: number).map { "\($0)" } ?? "\(number)"
}
