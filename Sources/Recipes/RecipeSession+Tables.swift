import Datasets
import Foundation
import Schemas

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
      let value = try? JSONDecoder().decode(OptionValue.self, from: Data(text.utf8))
    {
      return LuaValue(value)
    }
    return .string(text)
  }
}
