import Schemas

/// What the reference and the editor stubs say of an option.
extension OptionSchema {
  /// `1 to 16384`; nil when it has no bounds.
  var range: String? {
    switch (minimum, maximum) {
    case (let low?, let high?): "\(plain(low)) to \(plain(high))"
    case (let low?, nil): "\(plain(low)) or more"
    case (nil, let high?): "\(plain(high)) or less"
    default: nil
    }
  }

  /// `an integer, 1 to 9, default 3`
  public var summary: String {
    let preset = isRequired ? "required" : defaultText.map { "default \($0)" }
    return [kind.description, range, preset].compactMap(\.self).joined(separator: ", ")
  }

  /// The default as a recipe would write it.
  var defaultText: String? { defaultValue.map(\.lua) }
}

extension OptionValue {
  /// As a recipe would write it.
  var lua: String {
    switch self {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): plain(value)
    case .string(let value): value.luaLiteral
    case .list(let values): values.isEmpty ? "{}" : "{ " + values.map(\.lua).joined(separator: ", ") + " }"
    case .table(let values):
      values.isEmpty
        ? "{}"
        : "{ " + values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.lua)" }.joined(separator: ", ") + " }"
    case .reference(let kind, _): kind
    }
  }
}

extension String {
  /// In quotes, with whatever cannot stand there escaped.
  fileprivate var luaLiteral: String {
    let escaped = unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 32 || scalar.value == 127:
        "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  /// With a capital letter and a full stop: the schemas of different rooms differ in these.
  var sentence: String {
    let capital = first.map { $0 == "`" ? String($0) : $0.uppercased() } ?? ""
    return capital + dropFirst() + (hasSuffix(".") || isEmpty ? "" : ".")
  }
}

private func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
