import Foundation

/// What a feature of a record holds: a list, nearly always of one.
public enum RecordValue: Equatable, Sendable {
  case bytes([Data])
  case integers([Int64])
  case numbers([Float])
  /// A feature without a list.
  case none

  public static func data(_ data: Data) -> RecordValue { .bytes([data]) }
  public static func text(_ text: String) -> RecordValue { .bytes([Data(text.utf8)]) }
  public static func integer(_ number: Int) -> RecordValue { .integers([Int64(number)]) }

  public var count: Int {
    switch self {
    case .bytes(let values): values.count
    case .integers(let values): values.count
    case .numbers(let values): values.count
    case .none: 0
    }
  }

  /// `bytes`, `4 int64`, `27648 float`: for messages.
  public var kindDescription: String {
    let kind =
      switch self {
      case .bytes: "bytes"
      case .integers: "int64"
      case .numbers: "float"
      case .none: "nothing"
      }
    return count == 1 || self == .none ? kind : "\(count) \(kind)"
  }
}

/// The class of a record as the record has it.
public enum RecordLabel: Hashable, Sendable, CustomStringConvertible {
  case number(Int)
  case name(String)

  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .name(let name): "'\(name)'"
    }
  }
}
