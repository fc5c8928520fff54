import Foundation

/// Where an editor finds the annotations of recipes.
///
///     <folder>/.luarc.json               tells the language server of the rest
///     <folder>/.workbench/workbench.lua  the annotations: what `require "workbench"` gives
package enum StubFolder {
  package static let stubsName = ".workbench"
  package static let settingsName = ".luarc.json"

  /// - Parameters:
  ///   - folder: the one that is opened in the editor; made where it is missing.
  ///   - libraries: folders with Lua modules that recipes may require, such as the shipped recipes.
  /// - Returns: lines that say what was done, and what is left to do by hand.
  /// - Throws: `StubError`.
  package static func write(
    _ surface: RecipeSurface, to folder: String, libraries: [String] = []
  ) throws(StubError) -> [String] {
    let stubs = folder + "/" + stubsName
    if let reason = FolderMaker.make(stubs) { throw StubError(path: stubs, reason: reason) }
    let path = stubs + "/workbench.lua"
    try write(RecipeStubs.text(surface), to: path)
    var lines = ["wrote \(path)"]

    let own = URL(fileURLWithPath: folder).standardizedFileURL.path
    // What lies in the folder is found there.
    let library =
      [stubsName] + libraries.filter { !(URL(fileURLWithPath: $0).standardizedFileURL.path + "/").hasPrefix(own + "/") }
    let settings = folder + "/" + settingsName
    guard let found = try? String(contentsOfFile: settings, encoding: .utf8) else {
      try write(Self.settings(library: library), to: settings)
      return lines + ["wrote \(settings)"]
    }
    if found == Self.settings(library: library) { return lines }
    lines.append(
      "kept \(settings), which was there: its \"workspace.library\" should have "
        + library.map { "\"\($0)\"" }.joined(separator: " and "))
    return lines
  }

  /// https://luals.github.io/wiki/settings
  private static func settings(library: [String]) -> String {
    let entries = library.map { "\"\($0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" }
      .joined(separator: ", ")
    return """
      {
        "runtime.version": "Lua 5.4",
        "workspace.library": [\(entries)],
        "workspace.checkThirdParty": false
      }

      """
  }

  private static func write(_ text: String, to path: String) throws(StubError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw StubError(path: path, reason: access(path, W_OK) == 0 ? "\(error)" : String(cString: strerror(errno)))
    }
  }
}

/// Why the annotations cannot be written.
package struct StubError: Error, CustomStringConvertible {
  package let path: String
  package let reason: String

  package var description: String { "\(path): cannot be written: \(reason)" }
}
