import Foundation

/// A value of `config.json`.
indirect enum KerasValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([KerasValue])
  case table([String: KerasValue])

  /// - Throws: `KerasFileError.config` when the bytes are no JSON.
  init(json: Data) throws(KerasFileError) {
    let object: Any
    do {
      object = try JSONSerialization.jsonObject(with: json, options: [.fragmentsAllowed])
    } catch {
      let reason = (error as NSError).userInfo["NSDebugDescription"] as? String
      throw .config(place: "", reason: "it is not JSON" + (reason.map { ": \($0.prefix(200))" } ?? ""))
    }
    self.init(object)
  }

  /// Foundation nests no deeper than 512, so this does not, either.
  private init(_ object: Any) {
    switch object {
    case let number as NSNumber:
      switch UInt8(bitPattern: number.objCType.pointee) {
      case UInt8(ascii: "c"), UInt8(ascii: "B"): self = .boolean(number.boolValue)
      case UInt8(ascii: "d"), UInt8(ascii: "f"), UInt8(ascii: "Q"): self = .number(number.doubleValue)
      default: self = .integer(number.intValue)
      }
    case let text as String: self = .string(text)
    case let list as [Any]: self = .list(list.map { KerasValue($0) })
    case let table as [String: Any]: self = .table(table.mapValues { KerasValue($0) })
    default: self = .null
    }
  }

  /// The value of a key; nil when it is absent, or this is no table.
  subscript(key: String) -> KerasValue? {
    if case .table(let table) = self { table[key] } else { nil }
  }

  var string: String? { if case .string(let text) = self { text } else { nil } }
  var list: [KerasValue]? { if case .list(let values) = self { values } else { nil } }
  var table: [String: KerasValue]? { if case .table(let values) = self { values } else { nil } }
  var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

  /// A whole number, also when it is written as `2.0`.
  var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// As a message shows it: short.
  var text: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "'\(value.prefix(60))'"
    case .list(let values): values.count > 8 ? "a list" : "[\(values.map(\.text).joined(separator: ", "))]"
    case .table(let values): values["class_name"]?.string.map { "'\($0.prefix(60))'" } ?? "a table"
    }
  }
}

extension KerasValue: Encodable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .table(let values): try container.encode(values)
    }
  }
}
