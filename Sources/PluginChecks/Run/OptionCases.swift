import PluginHost
import Schemas
import Tensors

/// One setting of all options of a layer or source.
struct OptionCase {
  /// What differs from the defaults: `p=2.5`; empty for the defaults.
  let name: String
  let values: Options
}

/// Settings of options to try a layer or source with; all of them pass the schema, as those of recipes do.
struct OptionCases {
  let schema: Schema
  /// What the person who runs the checks wants.
  private let given: [String: OptionValue]
  /// Required options need a value from somewhere.
  private let required: [String: OptionValue]

  init(schema: Schema, settings: PluginCheckSettings) {
    self.schema = schema
    var given: [String: OptionValue] = [:]
    var required: [String: OptionValue] = [:]
    for option in schema.options {
      if let text = settings.options[option.name] {
        given[option.name] = option.kind.value(text)
      } else if option.isRequired {
        required[option.name] = option.plainValues.first
      }
    }
    self.given = given
    self.required = required
  }

  /// The defaults.
  func defaults() throws -> OptionCase { try make([:]) }

  /// The defaults, then one other value at a time: every word of a choice, the ends of small ranges, short lists.
  func variations() throws -> [OptionCase] {
    var cases = [try defaults()]
    for option in schema.options where given[option.name] == nil {
      for value in option.plainValues where value != option.defaultValue {
        if let other = try? make([option.name: value]) { cases.append(other) }
      }
    }
    return cases
  }

  /// Values at the ends of what the schema allows, one at a time and then many at once.
  func extremes(count: Int) -> [OptionCase] {
    var cases: [OptionCase] = []
    for option in schema.options where given[option.name] == nil {
      for value in option.extremeValues {
        if let other = try? make([option.name: value]) { cases.append(other) }
      }
      if !option.isRequired, option.defaultValue != nil, let other = try? make([:]) { cases.append(other) }
    }
    var stream = RandomStream(RandomKey(seed: 11))
    for _ in 0..<count where !schema.options.isEmpty {
      var values: [String: OptionValue] = [:]
      for option in schema.options where given[option.name] == nil {
        let candidates = option.extremeValues + option.plainValues
        if !candidates.isEmpty, stream.bool() {
          values[option.name] = candidates[stream.integer(below: candidates.count)]
        }
      }
      if let other = try? make(values) { cases.append(other) }
    }
    return cases
  }

  /// - Throws: `OptionError` for values that the schema excludes.
  func make(_ values: [String: OptionValue]) throws -> OptionCase {
    let options = try Options(required.merging(given) { $1 }.merging(values) { $1 }, schema: schema)
    let name = values.merging(given) { $1 }.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value.short)" }.joined(separator: " ")
    return OptionCase(name: name, values: options)
  }
}

extension OptionSchema {
  /// Values that a person may well write.
  var plainValues: [OptionValue] { plainValues(of: kind) }

  private func plainValues(of kind: OptionKind) -> [OptionValue] {
    switch kind {
    case .boolean: return [.boolean(false), .boolean(true)]
    case .integer:
      let low = minimum.map { Int(max(-1e15, $0)) } ?? 0
      let high = maximum.map { Int(min(1e15, $0)) } ?? Int(1e15)
      var values = [low, 1, 2, 3].map { min(max($0, low), high) }
      if high <= 64 { values.append(high) }
      return unique(values).map { .integer($0) }
    case .number:
      let (low, high) = (minimum ?? -1e15, maximum ?? 1e15)
      var values = [1, 0.5, 2].map { min(max($0, low), high) }
      if low > -100 { values.append(low) }
      if high < 100 { values.append(high) }
      return unique(values).map { .number($0) }
    case .string: return [.string("a")]
    case .choice(let words): return words.map { .string($0) }
    case .list(let element):
      let elements = plainValues(of: element).prefix(3)
      guard let first = elements.first else { return [.list([])] }
      return unique([.list([first]), .list(Array(elements)), .list([])])
    case .table, .reference: return []
    case .either(let kinds): return Array(kinds.flatMap { plainValues(of: $0) }.prefix(8))
    }
  }

  /// Values at and near the ends of what is allowed; for strings and lists, odd and long ones.
  var extremeValues: [OptionValue] { extremeValues(of: kind) }

  private func extremeValues(of kind: OptionKind) -> [OptionValue] {
    switch kind {
    case .boolean, .choice: return plainValues(of: kind)
    case .integer:
      let low = minimum.map { $0 > -0x1p53 ? Int($0) : Int.min } ?? Int.min
      let high = maximum.map { $0 < 0x1p53 ? Int($0) : Int.max } ?? Int.max
      let inside = [0, -1, 1 << 31, 1 << 32, (1 << 31) - 1, 1 << 53].filter { (low...high).contains($0) }
      return unique([low, high] + inside).map { .integer($0) }
    case .number:
      let (low, high) = (minimum ?? -1.7e308, maximum ?? 1.7e308)
      let inside = [0, -0.0, Double.leastNonzeroMagnitude, 1e-30, -1, 1e30, 3.5e38, 1e308].filter {
        low <= $0 && $0 <= high
      }
      return unique([low, high, low.nextUp, high.nextDown] + inside).map { .number($0) }
    case .string:
      return [
        "", " ", "/no/such/place", "\u{e9}\u{1f33f}", "%s%n%d", String(repeating: "x", count: 100_000),
      ].map { .string($0) }
    case .list(let element):
      let elements = extremeValues(of: element)
      guard let first = elements.first else { return [.list([])] }
      return [.list([]), .list(elements), .list([OptionValue](repeating: first, count: 1000))]
        + elements.map { .list([$0]) }
    case .table, .reference: return []
    case .either(let kinds): return kinds.flatMap { extremeValues(of: $0) }
    }
  }

  /// Values that the schema must keep from the plugin.
  var forbiddenValues: [OptionValue] {
    var element = kind
    var wrap: (OptionValue) -> OptionValue = { $0 }
    if case .list(let inner) = kind {
      element = inner
      wrap = { .list([$0]) }
    }
    switch element {
    case .integer:
      var values: [OptionValue] = [.number(.nan), .number(.infinity), .number(1.5), .string("1"), .boolean(true)]
      if let minimum, minimum > -0x1p52 { values.append(.integer(Int(minimum.rounded(.up)) - 1)) }
      if let maximum, maximum < 0x1p52 { values.append(.integer(Int(maximum.rounded(.down)) + 1)) }
      return values.map(wrap)
    case .number:
      var values: [OptionValue] = [.number(.nan), .number(.infinity), .string("1"), .boolean(true)]
      if let minimum { values.append(.number(minimum.nextDown)) }
      if let maximum { values.append(.number(maximum.nextUp)) }
      return values.map(wrap)
    case .boolean: return [.integer(1), .string("true")].map(wrap)
    case .choice: return [.string(""), .string("no such word"), .integer(0)].map(wrap)
    case .string: return [.integer(1), .boolean(true)].map(wrap)
    default: return []
    }
  }
}

private func unique<Element: Equatable>(_ values: [Element]) -> [Element] {
  var result: [Element] = []
  for value in values where !result.contains(value) { result.append(value) }
  return result
}

extension OptionKind {
  /// What a person wrote on the command line; a string where it is nothing else, which the schema then refuses.
  func value(_ text: String) -> OptionValue {
    switch self {
    case .boolean: return text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : .string(text)
    case .integer, .number:
      return Int(text).map { .integer($0) } ?? Double(text).map { .number($0) } ?? .string(text)
    case .list(let element):
      return .list(text.split(separator: ",").map { element.value(String($0)) })
    case .either(let kinds):
      return kinds.map { $0.value(text) }.first { if case .string = $0 { false } else { true } } ?? .string(text)
    default: return .string(text)
    }
  }
}

extension OptionValue {
  /// As a recipe has it, cut where it is long.
  var short: String {
    switch self {
    case .boolean(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    case .number(let value): return value.formatted
    case .string(let value):
      return value.count > 30 ? "\"\(value.prefix(10))...\" (\(value.count) letters)" : "\"\(value)\""
    case .list(let values):
      return values.count > 6 ? "{\(values.count) elements}" : "{\(values.map(\.short).joined(separator: ","))}"
    case .table, .reference: return kindDescription
    }
  }
}

extension Double {
  /// Without a needless `.0`.
  var formatted: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
