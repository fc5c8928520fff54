import CWorkbenchPlugin
import Schemas

extension PluginTableReader {
  /// The options of a layer or a source as the host checks them.
  ///
  /// - Parameter reserved: names that recipes use for something else.
  func schema(
    _ name: String, help: String, count: UInt32,
    options: UnsafePointer<UnsafePointer<workbench_option>?>?, reserved: [String]
  ) throws(Fault) -> Schema {
    var schemas: [OptionSchema] = []
    for pointer in try entries(options, count: count, "option") {
      let option = try option(pointer.pointee)
      if schemas.contains(where: { $0.name == option.name }) { throw fault("it has two options '\(option.name)'") }
      if reserved.contains(option.name) {
        throw fault("its option '\(option.name)' has a name that recipes use for something else")
      }
      schemas.append(option)
    }
    return Schema(name, help: help, options: schemas)
  }

  private func option(_ raw: workbench_option) throws(Fault) -> OptionSchema {
    let name = try name(raw.name, "option's name")
    let reader = PluginTableReader(owner: "\(owner), option '\(name)'")
    let kind = try reader.kind(raw)
    let (minimum, maximum) = try reader.bounds(raw, of: kind)
    let option = OptionSchema(
      name, kind, default: try reader.defaultValue(raw), required: raw.presence == WORKBENCH_REQUIRED.rawValue,
      minimum: minimum, maximum: maximum, help: try reader.text(raw.help, "help"))
    guard let value = option.defaultValue else { return option }
    do {
      // The check that recipes' values go through.
      _ = try Options([name: value], schema: Schema("its default", help: "", options: [option]))
    } catch {
      throw reader.fault("\(error)")
    }
    return option
  }

  private func kind(_ raw: workbench_option) throws(Fault) -> OptionKind {
    switch UInt32(bitPattern: raw.kind) {
    case WORKBENCH_BOOLEAN.rawValue: return .boolean
    case WORKBENCH_INTEGER.rawValue: return .integer
    case WORKBENCH_NUMBER.rawValue: return .number
    case WORKBENCH_STRING.rawValue: return .string
    case WORKBENCH_CHOICE.rawValue: return .choice(try choices(raw))
    case WORKBENCH_INTEGERS.rawValue: return .list(.integer)
    case WORKBENCH_NUMBERS.rawValue: return .list(.number)
    default: throw fault("its kind \(raw.kind) is none of workbench_option_kind")
    }
  }

  private func choices(_ raw: workbench_option) throws(Fault) -> [String] {
    guard raw.choice_count > 0, let list = raw.choices else { throw fault("it is a choice without words to choose") }
    guard Int(raw.choice_count) <= PluginTableReader.mostEntries else {
      throw fault("it has \(raw.choice_count) words to choose")
    }
    var words: [String] = []
    for index in 0..<Int(raw.choice_count) {
      let word = try text(list[index], "choice \(index + 1)")
      if words.contains(word) { throw fault("'\(word)' stands twice among its choices") }
      words.append(word)
    }
    return words
  }

  private func bounds(_ raw: workbench_option, of kind: OptionKind) throws(Fault) -> (Double?, Double?) {
    let (low, high) = (raw.minimum, raw.maximum)
    guard !low.isNaN, !high.isNaN else { throw fault("a bound is not a number") }
    if low == 0 && high == 0 || low == -.infinity && high == .infinity { return (nil, nil) }
    switch kind {
    case .integer, .number, .list: break
    default: throw fault("it has bounds, but is no number")
    }
    guard low <= high, low < .infinity, high > -.infinity else {
      throw fault("nothing lies within its bounds, \(low) to \(high)")
    }
    return (low == -.infinity ? nil : low, high == .infinity ? nil : high)
  }

  private func defaultValue(_ raw: workbench_option) throws(Fault) -> OptionValue? {
    switch UInt32(bitPattern: raw.presence) {
    case WORKBENCH_NO_DEFAULT.rawValue, WORKBENCH_REQUIRED.rawValue: return nil
    case WORKBENCH_DEFAULT.rawValue: break
    default: throw fault("its presence \(raw.presence) is none of workbench_option_default")
    }
    switch UInt32(bitPattern: raw.kind) {
    case WORKBENCH_BOOLEAN.rawValue:
      guard (0...1).contains(raw.default_integer) else {
        throw fault("its default \(raw.default_integer) is not 0 or 1")
      }
      return .boolean(raw.default_integer == 1)
    case WORKBENCH_INTEGER.rawValue: return .integer(Int(raw.default_integer))
    case WORKBENCH_NUMBER.rawValue: return .number(raw.default_number)
    case WORKBENCH_INTEGERS.rawValue, WORKBENCH_NUMBERS.rawValue: return try defaultList(raw)
    default:
      guard let text = try optionalText(raw.default_string, "default") else { throw fault("its default is NULL") }
      return .string(text)
    }
  }

  private func defaultList(_ raw: workbench_option) throws(Fault) -> OptionValue {
    let count = Int(raw.default_list_count)
    guard count <= PluginTableReader.mostEntries else { throw fault("its default has \(count) elements") }
    if count == 0 { return .list([]) }
    guard let list = raw.default_list else { throw fault("its default is NULL, but has \(count) elements") }
    return .list((0..<count).map { .number(list[$0]) })
  }
}
