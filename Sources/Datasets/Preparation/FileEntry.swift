import Foundation

/// A name in a folder, whose own path has no links: what is removed when a file or a link is removed.
struct FileEntry {
  let folder: String
  let name: String

  var path: String { joinedPath(folder, name) }

  /// - Returns: nil when there is no such folder, or for a path without a name, such as `/`.
  init?(_ path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.last, !last.isEmpty, last != ".", last != ".." else { return nil }
    let above = parts.dropLast().joined(separator: "/")
    guard let folder = FileEntry.real(parts.count == 1 ? "." : above.isEmpty ? "/" : above) else { return nil }
    self.folder = folder
    name = String(last)
  }

  /// What a symbolic link says; nil for all else.
  var linkTarget: String? { FileEntry.linkTarget(of: path) }

  /// The same of any path.
  static func linkTarget(of path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    return count < 0 ? nil : String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The absolute path, without links, of what a path leads to; nil when there is nothing.
  static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// The entries on the way from a path to its file: its own, and behind each link the next.
  static func chain(from path: String) -> [FileEntry] {
    var entries: [FileEntry] = []
    var next = FileEntry(path)
    // Linux follows as many links.
    while let entry = next, entries.count <= 40 {
      entries.append(entry)
      next = entry.linkTarget.flatMap { FileEntry(joinedPath(entry.folder, $0)) }
    }
    return entries
  }
}
