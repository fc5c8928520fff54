import Schemas

/// The one table of options that most functions take, checked against its schema.
struct Arguments {
  let options: Options
  /// The list part: `{ a, b, name = "x" }`.
  let list: [LuaValue]
  private let fields: [String: LuaValue]

  /// - Parameters:
  ///   - value: the table, or nothing where no option is required.
  ///   - takesList: whether entries without a name have a meaning.
  /// - Throws: `OptionError`, `RequestError`.
  init(_ value: LuaValue, schema: Schema, takesList: Bool = false) throws {
    var table = LuaTable()
    switch value {
    case .none: break
    case .table(let given): table = given
    default: throw RequestError.wantsTable(function: schema.name, found: value.kindDescription)
    }
    if let key = table.strayKey { throw RequestError.strayKey(function: schema.name, key: key) }
    if !takesList, let first = table.list.first {
      throw RequestError.listEntry(
        function: schema.name, index: 1, expected: "an option with a name, as in name = value",
        found: first.kindDescription)
    }
    options = try Options(table.fields.mapValues(\.optionValue), schema: schema)
    list = table.list
    fields = table.fields
  }

  /// The object of an option declared as `.reference`; nil when it was not given.
  func object<Object: RecipeObject>(_ name: String, _ type: Object.Type = Object.self) -> Object? {
    guard case .object(let object)? = fields[name] else { return nil }
    return object as? Object
  }

  /// The value as it was given.
  func value(_ name: String) -> LuaValue { fields[name] ?? .none }

  func function(_ name: String) -> LuaFunction? {
    guard case .function(let function)? = fields[name] else { return nil }
    return function
  }

  /// The table of an option declared as `.table`.
  func table(_ name: String) -> LuaTable? {
    guard case .table(let table)? = fields[name] else { return nil }
    return table
  }
}
