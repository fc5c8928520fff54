import Foundation
import Recipes

/// Folders that commands write into.
enum OutputFolder {
  /// `runs/<name>-<date-time>`, with a number behind it where that exists already.
  static func defaultName(_ name: String) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyyMMdd-HHmmss"
    let base = "runs/\(name.replacingOccurrences(of: "/", with: "-"))-\(format.string(from: Date()))"
    var candidate = base
    var number = 2
    while FileManager.default.fileExists(atPath: candidate) {
      candidate = "\(base)-\(number)"
      number += 1
    }
    return candidate
  }

  /// Makes the folder and those above it.
  ///
  /// - Throws: `CommandFailure` when it cannot be made or written to, before any work is done.
  static func make(_ path: String) throws -> String {
    if let reason = FolderMaker.make(path) {
      throw CommandFailure.request("\(path): the output folder cannot be made or written to: \(reason)")
    }
    return path
  }

  /// - Throws: `CommandFailure` when no file can be put beside `file`.
  static func checkWritable(besides file: String) throws {
    if file.isEmpty { throw CommandFailure.request("the name of the file to write is empty") }
    try checkWritable(FolderMaker.parent(of: file))
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder.boolValue {
      throw CommandFailure.request("\(file): is a folder; the name of a file is wanted here")
    }
  }

  private static func checkWritable(_ folder: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
      throw CommandFailure.request("\(folder): no such folder")
    }
    if !isFolder.boolValue { throw CommandFailure.request("\(folder): is not a folder") }
    if access(folder, W_OK) != 0 {
      throw CommandFailure.request("\(folder): cannot be written to: \(String(cString: strerror(errno)))")
    }
  }
}

/// JSON as scripts like it: one line, keys sorted.
enum JSON {
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
