import CWorkbenchPlugin
import Foundation
import Schemas

/// Checked options as a plugin reads them. Owns the memory behind `pointer`.
public final class PluginOptions: @unchecked Sendable {
  /// Valid as long as this object.
  public let pointer: UnsafePointer<workbench_options>

  private let values: UnsafeMutableBufferPointer<workbench_value>
  private let list: UnsafeMutableBufferPointer<UnsafePointer<workbench_value>?>
  private let table: UnsafeMutablePointer<workbench_options>

  /// - Parameter schema: the one that the options were checked against, of a plugin or of a built-in layer; it gives
  ///   order and kinds.
  public init(_ options: Options, schema: Schema) {
    values = .allocate(capacity: schema.options.count)
    list = .allocate(capacity: schema.options.count)
    table = .allocate(capacity: 1)
    for (index, option) in schema.options.enumerated() {
      values.initializeElement(at: index, to: PluginOptions.value(options[option.name], of: option))
      list.initializeElement(at: index, to: UnsafePointer(values.baseAddress! + index))
    }
    table.initialize(
      to: workbench_options(
        struct_size: UInt32(MemoryLayout<workbench_options>.size), count: UInt32(schema.options.count),
        values: UnsafePointer(list.baseAddress)))
    pointer = UnsafePointer(table)
  }

  deinit {
    for value in values {
      free(UnsafeMutablePointer(mutating: value.name))
      free(UnsafeMutablePointer(mutating: value.string))
      value.list?.deallocate()
    }
    values.deallocate()
    list.deallocate()
    table.deallocate()
  }

  private static func value(_ value: OptionValue?, of option: OptionSchema) -> workbench_value {
    var result = workbench_value()
    result.struct_size = UInt32(MemoryLayout<workbench_value>.size)
    result.name = UnsafePointer(strdup(option.name))
    switch value {
    case .boolean(let value)?:
      result.kind = Int32(WORKBENCH_BOOLEAN.rawValue)
      result.integer = value ? 1 : 0
    case .integer(let value)?:
      result.kind = Int32(WORKBENCH_INTEGER.rawValue)
      result.integer = Int64(value)
      result.number = Double(value)
    case .number(let value)?:
      result.kind = Int32(WORKBENCH_NUMBER.rawValue)
      result.number = value
    case .string(let value)?:
      result.kind = Int32(option.kind.isChoice ? WORKBENCH_CHOICE.rawValue : WORKBENCH_STRING.rawValue)
      result.string = UnsafePointer(strdup(value))
    case .list(let values)?:
      let isInteger = option.kind.isListOfIntegers
      result.kind = Int32(isInteger ? WORKBENCH_INTEGERS.rawValue : WORKBENCH_NUMBERS.rawValue)
      result.list_count = UInt64(values.count)
      let list = UnsafeMutablePointer<Double>.allocate(capacity: max(1, values.count))
      for (index, element) in values.enumerated() { list[index] = element.asNumber }
      result.list = UnsafePointer(list)
    case .table?, .reference?, nil: break  // No layer or source of a plugin takes these: unset.
    }
    return result
  }
}

extension OptionKind {
  fileprivate var isChoice: Bool {
    switch self {
    case .choice: true
    case .either(let kinds): kinds.contains { $0.isChoice }
    default: false
    }
  }

  fileprivate var isListOfIntegers: Bool {
    switch self {
    case .list(let element): element == .integer
    case .either(let kinds): kinds.contains { $0.isListOfIntegers }
    default: false
    }
  }
}

extension OptionValue {
  fileprivate var asNumber: Double {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: .nan
    }
  }
}
