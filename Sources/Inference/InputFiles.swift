/// One file to predict. Its name need not be UTF-8.
public struct InputFile: Equatable, Sendable {
  /// The path's bytes.
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }

  public init(path: String) { bytes = Array(path.utf8) }
}

/// Finds the files that a person means.
public enum InputFiles {
  /// Files as they are; folders with all regular files below them, hidden ones left out, sorted by the bytes of their
  /// names; then the lines of the list.
  ///
  /// - Parameter list: a text file with a path a line (as `TSV` escapes them); its files need not exist: a missing one
  ///   gets a row that says so.
  /// - Throws: `InferenceError.notFound`, `.cannotRead`, `.noFiles`, `.emptyList`.
  public static func collect(paths: [String], list: String? = nil) throws(InferenceError) -> [InputFile] {
    throw .noFiles(paths: paths)
  }
}
