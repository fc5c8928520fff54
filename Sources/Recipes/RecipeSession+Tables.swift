import Datasets
import Foundation

extension RecipeSession {
  static let readTableFunction = RecipeFunction(
    "read_table",
    help: "Reads a TSV or CSV file with a header: a list with a table a line, its fields called as the columns. What "
      + "is a decimal number without leading zeros is a number, and what is a JSON object or list is a table.",
    parameters: [RecipeField("path", .string, "The file.")], result: .list(.table))

  func defineTables(in runtime: LuaRuntime) throws {
    try define(Self.readTableFunction.name, in: runtime) { [unowned self] in try readTable($0) }
  }

  private func readTable(_ call: LuaCall) throws -> LuaValue {
    guard case .string(let path) = call[0] else {
      throw RequestError.invalid(
        owner: "read_table", reason: "the argument must be a file's path, not \(call[0].kindDescription)")
    }
    try paths.check(path, function: "read_table")
    do {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
        throw RequestError.invalid(owner: "read_table", reason: "\(path) is a folder")
      }
      let text = try DelimitedText(file: path)
      var seen: Set<String> = []
      if let twice = text.header.fields.first(where: { !seen.insert($0).inserted }) {
        throw RequestError.invalid(owner: "read_table", reason: "\(path): two columns are called '\(twice)'")
      }
      return .table(
        LuaTable(
          list: text.records.map { record in
            .table(
              LuaTable(
                fields: Dictionary(
                  zip(text.header.fields, record.fields.map(Self.cell)), uniquingKeysWith: { first, _ in first })))
          }))
    } catch DatasetError.emptyManifest {
      throw RequestError.invalid(owner: "read_table", reason: "\(path): the file is empty; a header is wanted")
    } catch let error as RequestError {
      throw error
    } catch {
      throw RequestError.invalid(owner: "read_table", reason: "\(error)")
    }
  }

  /// A number, a table from JSON, or the text as it is.
  private static func cell(_ text: String) -> LuaValue {
    // A catalogue's number 007 stays a text.
    if text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil {
      if let integer = Int(text) { return .integer(integer) }
      if let number = Double(text), number.isFinite { return .number(number) }
    }
    if text.hasPrefix("{") || text.hasPrefix("["),
      let value = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    {
      return value.luaValue
    }
    return .string(text)
  }
}

/// A value of JSON.
private indirect enum JSON: Decodable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  var luaValue: LuaValue {
    switch self {
    case .null: .none
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    case .list(let values): .table(LuaTable(list: values.map(\.luaValue)))
    case .object(let members): .table(LuaTable(fields: members.mapValues(\.luaValue)))
    }
  }
}
