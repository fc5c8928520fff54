import CLuaBridge

extension LuaRuntime {
  /// Copies a value that the bridge owns.
  func value(_ raw: wbl_value) -> LuaValue {
    switch Int(raw.kind) {
    case Int(WBL_BOOLEAN): .boolean(raw.integer != 0)
    case Int(WBL_INTEGER): .integer(Int(raw.integer))
    case Int(WBL_NUMBER): .number(raw.number)
    case Int(WBL_STRING): .string(LuaRuntime.text(raw))
    case Int(WBL_TABLE): .table(table(raw))
    case Int(WBL_FUNCTION): .function(LuaFunction(id: Int(raw.integer), runtime: self))
    case Int(WBL_OBJECT): objects[raw.integer].map { .object($0) } ?? .none
    default: .none
    }
  }

  private func table(_ raw: wbl_value) -> LuaTable {
    var result = LuaTable()
    for i in 0..<raw.count {
      let key = raw.keys[i]
      let value = value(raw.values[i])
      if key.kind == WBL_STRING {
        result.fields[LuaRuntime.text(key)] = value
      } else if Int(key.integer) == result.list.count + 1, result.strayKey == nil {
        result.list.append(value)
      } else {
        result.strayKey = result.strayKey ?? Int(key.integer)
      }
    }
    return result
  }

  /// Bytes that are not UTF-8 become U+FFFD.
  static func text(_ raw: wbl_value) -> String {
    guard raw.kind == WBL_STRING, let bytes = raw.bytes else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: raw.count), as: UTF8.self)
  }

  /// Fills in a value for the bridge, which then owns it. Without memory the value stays nil.
  func fill(_ raw: UnsafeMutablePointer<wbl_value>, with value: LuaValue) {
    raw.pointee = wbl_value()
    switch value {
    case .none: break
    case .boolean(let value):
      raw.pointee.kind = Int32(WBL_BOOLEAN)
      raw.pointee.integer = value ? 1 : 0
    case .integer(let value):
      raw.pointee.kind = Int32(WBL_INTEGER)
      raw.pointee.integer = Int64(value)
    case .number(let value):
      raw.pointee.kind = Int32(WBL_NUMBER)
      raw.pointee.number = value
    case .string(let text): LuaRuntime.fill(raw, with: text)
    case .table(let table): fill(raw, with: table)
    case .function(let function):
      raw.pointee.kind = Int32(WBL_FUNCTION)
      raw.pointee.integer = Int64(function.id)
    case .shared(let table):
      raw.pointee.kind = Int32(WBL_SHARED)
      raw.pointee.integer = Int64(table.number)
    case .object(let object):
      raw.pointee.kind = Int32(WBL_OBJECT)
      raw.pointee.object_kind = object.kind.rawValue
      raw.pointee.integer = retain(object)
    }
  }

  static func fill(_ raw: UnsafeMutablePointer<wbl_value>, with text: String) {
    var text = text
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) { wbl_set_string(raw, $0.baseAddress, $0.count) }
    }
  }

  private func fill(_ raw: UnsafeMutablePointer<wbl_value>, with table: LuaTable) {
    guard wbl_set_table(raw, table.list.count + table.fields.count) == 0 else { return }
    for (i, element) in table.list.enumerated() {
      fill(raw.pointee.keys + i, with: .integer(i + 1))
      fill(raw.pointee.values + i, with: element)
    }
    for (i, (key, element)) in table.fields.sorted(by: { $0.key < $1.key }).enumerated() {
      fill(raw.pointee.keys + table.list.count + i, with: .string(key))
      fill(raw.pointee.values + table.list.count + i, with: element)
    }
  }
}
