import Files
import Foundation

/// Writes a file so that at any moment, even after a power cut, the path holds all of the old bytes or all of the new.
public struct AtomicFile: ~Copyable {
  private let file: PendingFile

  /// - Throws: `ModelFileError.diskFull`, or `.cannotWrite` with the system's reason. The old file is then intact.
  public static func write(_ data: Data, to path: String) throws(ModelFileError) {
    try write(to: path) { (file: inout AtomicFile) throws(ModelFileError) in
      try file.append(data)
    }
  }

  /// - Throws: `ModelFileError.diskFull`, or `.cannotWrite` with the system's reason. The old file is then intact.
  public static func write(_ text: String, to path: String) throws(ModelFileError) {
    try write(Data(text.utf8), to: path)
  }

  /// Lets `body` append the new contents piece by piece.
  ///
  /// - Throws: what `body` throws, or as above as `ModelFileError`; the old file is then intact.
  public static func write(
    to path: String, _ body: (inout AtomicFile) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    var file = try AtomicFile(path: path)
    try body(&file)
    do throws(FileError) { try file.file.finish() } catch { throw ModelFileError(error) }
  }

  private init(path: String) throws(ModelFileError) {
    do throws(FileError) { file = try PendingFile(path: path) } catch { throw ModelFileError(error) }
  }

  public mutating func append(_ data: Data) throws(ModelFileError) {
    do throws(FileError) { try file.append(data) } catch { throw ModelFileError(error) }
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    do throws(FileError) { try file.append(bytes) } catch { throw ModelFileError(error) }
  }
}

extension ModelFileError {
  init(_ error: FileError) {
    switch error {
    case .diskFull(let path): self = .diskFull(path: path)
    case .cannotWrite(let path, let reason): self = .cannotWrite(path: path, reason: reason)
    }
  }
}
