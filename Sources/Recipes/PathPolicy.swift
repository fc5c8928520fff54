import Foundation

/// Which paths a recipe may name: those under its own folder, the working folder, and what the command line gave; a text
/// of the command line that is no file's name opens the files beside it whose names begin so, links included (`--set
/// data=/x/mine-96` opens /x/mine-96-train.tfr).
struct PathPolicy {
  private let roots: [String]
  /// Beginnings of files' paths.
  private let beginnings: [String]
  private let trusted: Bool

  /// - Parameter given: texts of the command line, each of which may be a path.
  init(recipe: String, given: [String], trusted: Bool) {
    let folder = URL(fileURLWithPath: recipe).deletingLastPathComponent().path
    roots = ([folder, FileManager.default.currentDirectoryPath] + given.filter { !$0.isEmpty }).map(PathPolicy.resolved)
    beginnings = given.filter { !$0.isEmpty && !$0.hasSuffix("/") && !PathPolicy.isFile($0) }
      .map(PathPolicy.withResolvedFolder)
    self.trusted = trusted
  }

  /// - Throws: `RequestError.outsideSandbox`.
  func check(_ path: String, function: String) throws(RequestError) {
    if trusted { return }
    let real = PathPolicy.resolved(path)
    let isInside = roots.contains { root in
      real == root || real.hasPrefix(root.hasSuffix("/") ? root : root + "/")
    }
    let named = PathPolicy.withResolvedFolder(path)
    let isBegun =
      !PathPolicy.isFolder(path)
      && beginnings.contains { named.hasPrefix($0) && !named.dropFirst($0.count).contains("/") }
    if !isInside && !isBegun { throw .outsideSandbox(function: function, path: path) }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// The absolute path, its folder without links, its last part as it is.
  private static func withResolvedFolder(_ path: String) -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let folder = resolved(url.deletingLastPathComponent().path)
    return folder + (folder.hasSuffix("/") ? "" : "/") + url.lastPathComponent
  }

  /// The absolute path without links; of a path that does not exist yet, as far as it exists.
  private static func resolved(_ path: String) -> String {
    var existing = URL(fileURLWithPath: path).standardizedFileURL.path
    var rest: [String] = []
    while true {
      if let real = realpath(existing, nil) {
        defer { free(real) }
        return rest.reduce(String(cString: real)) { $0 == "/" ? "/" + $1 : $0 + "/" + $1 }
      }
      let url = URL(fileURLWithPath: existing)
      if existing == "/" || existing.isEmpty { return URL(fileURLWithPath: path).standardizedFileURL.path }
      rest.insert(url.lastPathComponent, at: 0)
      existing = url.deletingLastPathComponent().path
    }
  }
}
