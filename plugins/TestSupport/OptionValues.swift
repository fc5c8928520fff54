import CWorkbenchPlugin
import Foundation

/// The values of a schema's options: the defaults, but for those that are given.
public final class OptionValues {
  public enum Value { case boolean(Bool), integer(Int), number(Double), word(String), numbers([Double]), unset }

  public let pointer: UnsafePointer<workbench_options>
  private var owned: [UnsafeMutableRawPointer] = []

  public init(
    _ schema: UnsafePointer<UnsafePointer<workbench_option>?>?, count: UInt32, _ given: [String: Value] = [:]
  ) {
    var owned: [UnsafeMutableRawPointer] = []
    func place<T>(_ value: T) -> UnsafeMutablePointer<T> {
      let pointer = UnsafeMutablePointer<T>.allocate(capacity: 1)
      pointer.initialize(to: value)
      owned.append(UnsafeMutableRawPointer(pointer))
      return pointer
    }
    let values = UnsafeMutablePointer<UnsafePointer<workbench_value>?>.allocate(capacity: max(1, Int(count)))
    owned.append(UnsafeMutableRawPointer(values))
    for index in 0..<Int(count) {
      guard let option = schema?[index]?.pointee else { continue }
      var value = workbench_value()
      value.struct_size = UInt32(MemoryLayout<workbench_value>.size)
      value.name = option.name
      value.kind = option.kind
      switch given[String(cString: option.name)] {
      case .boolean(let flag): value.integer = flag ? 1 : 0
      case .integer(let number): (value.integer, value.number) = (Int64(number), Double(number))
      case .number(let number): value.number = number
      case .word(let word):
        let copy = strdup(word)
        if let copy { owned.append(copy) }
        value.string = UnsafePointer(copy)
      case .numbers(let numbers):
        let list = UnsafeMutablePointer<Double>.allocate(capacity: max(1, numbers.count))
        for (place, number) in numbers.enumerated() { (list + place).initialize(to: number) }
        owned.append(UnsafeMutableRawPointer(list))
        (value.list, value.list_count) = (UnsafePointer(list), UInt64(numbers.count))
      case .unset: value.kind = 0
      case nil:
        if option.presence != Int32(WORKBENCH_DEFAULT.rawValue) { value.kind = 0 }
        value.integer = option.default_integer
        value.number =
          option.kind == Int32(WORKBENCH_INTEGER.rawValue) ? Double(option.default_integer) : option.default_number
        value.string = option.default_string
        (value.list, value.list_count) = (option.default_list, UInt64(option.default_list_count))
      }
      values[index] = UnsafePointer(place(value))
    }
    var options = workbench_options()
    options.struct_size = UInt32(MemoryLayout<workbench_options>.size)
    options.count = count
    options.values = UnsafePointer(values)
    pointer = UnsafePointer(place(options))
    self.owned = owned
  }

  deinit { for pointer in owned { free(pointer) } }
}
