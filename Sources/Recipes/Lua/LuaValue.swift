import Schemas

/// A value of a recipe, copied out of Lua.
package indirect enum LuaValue {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case table(LuaTable)
  case function(LuaFunction)
  case object(any RecipeObject)
  /// To Lua only: the table itself, not a copy.
  case shared(SharedTable)

  /// As a message names it: `a string`, `a layer`.
  package var kindDescription: String {
    switch self {
    case .none: "nothing"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "the string \"\(value.prefix(40))\""
    case .table(let table): table.fields.isEmpty && !table.list.isEmpty ? "a list" : "a table"
    case .function: "a function"
    case .object(let object): object.kind.phrase
    case .shared: "a table"
    }
  }
}

/// A Lua table: the list from 1 on, and the fields with string keys.
package struct LuaTable {
  package var list: [LuaValue] = []
  package var fields: [String: LuaValue] = [:]
  /// An integer key outside the list, as in `{ [0] = "a" }` or `{ 1, nil, 3 }`; such tables fit nowhere.
  package var strayKey: Int?

  package init(list: [LuaValue] = [], fields: [String: LuaValue] = [:]) {
    self.list = list
    self.fields = fields
  }

  package var isEmpty: Bool { list.isEmpty && fields.isEmpty && strayKey == nil }
}

extension LuaValue {
  /// For a schema's check. Functions and objects become references; `object(for:)` of the call finds them again.
  package var optionValue: OptionValue {
    switch self {
    case .none, .shared: .table([:])
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    case .function(let function): .reference(kind: "function", id: function.id)
    case .object(let object): .reference(kind: object.kind.word, id: 0)
    case .table(let table):
      if table.fields.isEmpty, table.strayKey == nil, !table.list.isEmpty {
        .list(table.list.map(\.optionValue))
      } else {
        .table(table.optionFields)
      }
    }
  }

  package init(_ value: OptionValue) {
    switch value {
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .list(let values): self = .table(LuaTable(list: values.map { LuaValue($0) }))
    case .table(let values): self = .table(LuaTable(fields: values.mapValues { LuaValue($0) }))
    case .reference: self = .none
    }
  }
}

extension LuaTable {
  /// All entries under text keys; those of the list under `1`, `2`, ..., so that a check can name them.
  fileprivate var optionFields: [String: OptionValue] {
    var result = fields.mapValues(\.optionValue)
    for (index, value) in list.enumerated() { result["\(index + 1)"] = value.optionValue }
    return result
  }
}
