import Foundation

/// Goes through the files that a person means.
///
/// Files as they are; folders with all regular files below them, hidden ones left out, sorted by the bytes of their
/// names; then the lines of the list. Holds the names of one folder at a time, and of those above it.
enum InputWalk {
  /// A file that was found; the pointers are valid during the call.
  struct Found {
    /// The path to open, without a zero at its end.
    let path: UnsafeBufferPointer<UInt8>
    /// How many of the path's bytes stand before the part below the folder that was given, and that folder's own name;
    /// nil for a file that was given itself.
    let folder: (prefix: Int, name: [UInt8])?
    /// Whether a person gave this very file, not its folder or a list with it.
    var isArgument = false
  }

  /// - Parameters:
  ///   - list: a text file with a path a line (as `TSV` escapes them), relative to the working folder; its files need not
  ///     exist: a missing one gets a row that says so.
  ///   - excluded: files that are left out of folders, and must not be given themselves: the table that is being written.
  /// - Throws: `InferenceError.notFound`, `.cannotRead`, `.noFiles`, `.emptyList`, `.longLine`, `.outputIsInput`; what
  ///   `emit` throws.
  static func run(
    paths: [String], list: String?, excluded: [String], _ emit: (Found) throws(InferenceError) -> Void
  ) throws(InferenceError) {
    let excludedFiles = Set(excluded.compactMap(FileIdentity.init(path:)))
    var found = 0
    for path in paths {
      var status = stat()
      guard stat(path, &status) == 0 else {
        let code = errno
        if code == ENOENT || code == ENOTDIR { throw .notFound(path: path) }
        throw .cannotRead(path: path, reason: String(cString: strerror(code)))
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        var folder = FolderWalk(root: path, excluded: excludedFiles)
        try folder.run(emit)
        found += folder.found
      } else {
        if excludedFiles.contains(FileIdentity(status)) { throw .outputIsInput(path: path) }
        try self.emit(Array(path.utf8), isArgument: true, emit)
        found += 1
      }
    }
    if let list { found += try walk(list: list, excluded: excluded, emit) }
    if found == 0 { throw .noFiles(paths: paths) }
  }

  private static func emit(
    _ path: [UInt8], isArgument: Bool, _ emit: (Found) throws(InferenceError) -> Void
  ) throws(InferenceError) {
    let result = path.withUnsafeBufferPointer { path in
      Result { () throws(InferenceError) in try emit(Found(path: path, folder: nil, isArgument: isArgument)) }
    }
    try result.get()
  }

  private static func walk(
    list: String, excluded: [String], _ emit: (Found) throws(InferenceError) -> Void
  ) throws(InferenceError) -> Int {
    for output in excluded { try FileIdentity.refuse(output, replacing: [list]) }
    // Only files of these names are looked for on the disk: the list may name a million.
    let outputs = excluded.map { (path: $0, name: Array(URL(fileURLWithPath: $0).lastPathComponent.utf8)) }
    let reader = try LineReader(path: list)
    var found = 0
    while var line = try reader.next() {
      if line.last == UInt8(ascii: "\r") { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
      if line.isEmpty { continue }
      // A name with a backslash that escapes nothing is meant as it stands.
      if line.contains(UInt8(ascii: "\\")), let name = TSV.unescaped(bytes: Array(line)) {
        try self.emit(name, isArgument: false, emit)
      } else {
        for output in outputs where line.suffix(output.name.count).elementsEqual(output.name) {
          try FileIdentity.refuse(output.path, replacing: [line.text])
        }
        try emit(Found(path: line, folder: nil))
      }
      found += 1
    }
    if found == 0 { throw .emptyList(path: list) }
    return found
  }
}

/// Goes through one folder that was given.
private struct FolderWalk {
  let excluded: Set<FileIdentity>
  private(set) var found = 0
  private let root: [UInt8]
  private let rootName: [UInt8]
  private let prefix: Int
  /// A link to a folder above must not lead round and round.
  private var visited: Set<FileIdentity> = []

  init(root: String, excluded: Set<FileIdentity>) {
    self.excluded = excluded
    let bytes = Array(root.utf8)
    self.root = bytes.last == UInt8(ascii: "/") ? bytes : bytes + [UInt8(ascii: "/")]
    prefix = self.root.count
    // `.` and `..` have a name, too.
    let last = root.split(separator: "/").last.map(String.init) ?? ""
    let isReal = last != "" && last != "." && last != ".."
    rootName = Array((isReal ? last : URL(fileURLWithPath: root).standardizedFileURL.lastPathComponent).utf8)
  }

  mutating func run(_ emit: (InputWalk.Found) throws(InferenceError) -> Void) throws(InferenceError) {
    try walk(root, emit)
  }

  /// - Parameter folder: with a slash at its end.
  private mutating func walk(
    _ folder: [UInt8], _ emit: (InputWalk.Found) throws(InferenceError) -> Void
  ) throws(InferenceError) {
    var status = stat()
    guard stat(cString(folder), &status) == 0, let directory = opendir(cString(folder)) else {
      throw .cannotRead(path: String(decoding: folder, as: UTF8.self), reason: String(cString: strerror(errno)))
    }
    if !visited.insert(FileIdentity(status)).inserted {
      closedir(directory)
      return
    }
    let entries = FolderEntries(directory)
    closedir(directory)
    var path = folder
    for entry in entries.sorted() {
      path.removeLast(path.count - folder.count)
      path += entries.name(entry)
      let kind = kind(of: path, entry.kind)
      if kind == S_IFDIR {
        try walk(path + [UInt8(ascii: "/")], emit)
      } else if kind == S_IFREG {
        found += 1
        let result = path.withUnsafeBufferPointer { path in
          Result { () throws(InferenceError) in
            try emit(InputWalk.Found(path: path, folder: (prefix, rootName)))
          }
        }
        try result.get()
      }
    }
  }

  /// `S_IFDIR`, `S_IFREG`, or something else that is passed over.
  private func kind(of path: [UInt8], _ type: UInt8) -> mode_t {
    if type == DT_DIR { return S_IFDIR }
    if type == DT_REG, excluded.isEmpty { return S_IFREG }
    var status = stat()
    // A dangling link stays in: its row says that it cannot be read.
    guard stat(cString(path), &status) == 0 else { return S_IFREG }
    if excluded.contains(FileIdentity(status)) { return 0 }
    return status.st_mode & S_IFMT
  }

  private func cString(_ bytes: [UInt8]) -> [CChar] { (bytes + [0]).map { CChar(bitPattern: $0) } }
}

private let DT_DIR: UInt8 = 4
private let DT_REG: UInt8 = 8

/// The names in one folder, in one block of memory: a folder may hold a million.
private struct FolderEntries {
  struct Entry {
    let start: Int
    let count: Int32
    let kind: UInt8
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []

  /// Hidden names are left out.
  init(_ directory: OpaquePointer) {
    while let entry = readdir(directory) {
      let start = bytes.count
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: UInt8.self, capacity: 256) { name in
          if name[0] == UInt8(ascii: ".") { return }
          bytes.append(contentsOf: UnsafeBufferPointer(start: name, count: strnlen(name, 256)))
        }
      }
      if bytes.count > start {
        entries.append(
          Entry(start: start, count: Int32(bytes.count - start), kind: entry.pointee.d_type))
      }
    }
  }

  func name(_ entry: Entry) -> ArraySlice<UInt8> { bytes[entry.start..<entry.start + Int(entry.count)] }

  /// By the bytes of the names.
  func sorted() -> [Entry] {
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return entries }
      return entries.sorted { a, b in
        let order = memcmp(base + a.start, base + b.start, Int(min(a.count, b.count)))
        return order == 0 ? a.count < b.count : order < 0
      }
    }
  }
}

private func strnlen(_ pointer: UnsafePointer<UInt8>, _ maximum: Int) -> Int {
  var length = 0
  while length < maximum, pointer[length] != 0 { length += 1 }
  return length
}
