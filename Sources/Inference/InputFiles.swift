import Foundation

/// One file to predict. Its name need not be UTF-8.
public struct InputFile: Equatable, Sendable {
  /// The path's bytes.
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }

  public init(path: String) { bytes = Array(path.utf8) }

  /// The path; nil when it is not UTF-8.
  var path: String? { String(validating: bytes, as: UTF8.self) }
}

/// Finds the files that a person means.
public enum InputFiles {
  /// Files as they are; folders with all regular files below them, hidden ones left out, sorted by the bytes of their
  /// names; then the lines of the list.
  ///
  /// - Parameter list: a text file with a path a line (as `TSV` escapes them), relative to the working folder; its files
  ///   need not exist: a missing one gets a row that says so.
  /// - Throws: `InferenceError.notFound`, `.cannotRead`, `.noFiles`, `.emptyList`.
  public static func collect(paths: [String], list: String? = nil) throws(InferenceError) -> [InputFile] {
    var files: [InputFile] = []
    for path in paths {
      var status = stat()
      guard stat(path, &status) == 0 else {
        let code = errno
        if code == ENOENT || code == ENOTDIR { throw .notFound(path: path) }
        throw .cannotRead(path: path, reason: String(cString: strerror(code)))
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        var visited: Set<FolderIdentity> = []
        try collect(folder: Array(path.utf8), into: &files, visited: &visited)
      } else {
        files.append(InputFile(path: path))
      }
    }
    if let list { files += try read(list: list) }
    if files.isEmpty { throw .noFiles(paths: paths) }
    return files
  }

  /// Tells folders apart, so that a link to a folder above does not lead round and round.
  private struct FolderIdentity: Hashable {
    let device: dev_t
    let number: ino_t
  }

  private static func collect(
    folder: [UInt8], into files: inout [InputFile], visited: inout Set<FolderIdentity>
  ) throws(InferenceError) {
    var status = stat()
    guard stat(cString(folder), &status) == 0, let directory = opendir(cString(folder)) else {
      throw .cannotRead(path: String(decoding: folder, as: UTF8.self), reason: String(cString: strerror(errno)))
    }
    defer { closedir(directory) }
    if !visited.insert(FolderIdentity(device: status.st_dev, number: status.st_ino)).inserted { return }
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: UInt8.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strnlen($0)))
        }
      }
      if name.first != UInt8(ascii: ".") { names.append(name) }
    }
    names.sort { $0.lexicographicallyPrecedes($1) }
    let prefix = folder.last == UInt8(ascii: "/") ? folder : folder + [UInt8(ascii: "/")]
    for name in names {
      let path = prefix + name
      var status = stat()
      // A dangling link stays in: its row says that it cannot be read.
      let kind = stat(cString(path), &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
      if kind == S_IFDIR {
        try collect(folder: path, into: &files, visited: &visited)
      } else if kind == S_IFREG {
        files.append(InputFile(bytes: path))
      }
    }
  }

  private static func strnlen(_ pointer: UnsafePointer<UInt8>) -> Int {
    var length = 0
    while length < 256, pointer[length] != 0 { length += 1 }
    return length
  }

  private static func cString(_ bytes: [UInt8]) -> [CChar] {
    (bytes + [0]).map { CChar(bitPattern: $0) }
  }

  private static func read(list: String) throws(InferenceError) -> [InputFile] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: list))
    } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
      throw .notFound(path: list)
    } catch {
      throw .cannotRead(path: list, reason: (error as NSError).localizedDescription)
    }
    let lines = data.split(separator: UInt8(ascii: "\n")).map { line in
      line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
    let files = lines.filter { !$0.isEmpty }.map { line in
      // A name with a backslash that escapes nothing is meant as it stands.
      InputFile(bytes: TSV.unescaped(bytes: Array(line)) ?? Array(line))
    }
    if files.isEmpty { throw .emptyList(path: list) }
    return files
  }
}
