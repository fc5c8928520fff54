import Foundation

/// Writes a file so that at any moment, even after a power cut, the path holds all of the old bytes or all of the new.
///
/// The bytes go to a temporary name in the same folder, are forced to disk, and take the path's name by `rename`.
public struct AtomicFile: ~Copyable {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  private static let bufferBytes = 1 << 20

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
    do {
      try body(&file)
      try file.commit()
    } catch {
      file.abandon()
      throw error
    }
  }

  private init(path: String) throws(ModelFileError) {
    self.path = path
    let url = URL(fileURLWithPath: path)
    let name = ".\(url.lastPathComponent.prefix(100)).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    temporaryPath = url.deletingLastPathComponent().appendingPathComponent(name).path
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw AtomicFile.failure(path) }
  }

  public mutating func append(_ data: Data) throws(ModelFileError) {
    // `withUnsafeBytes` rethrows untyped errors: hand the result out instead.
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(ModelFileError) in try append(bytes) }
    }
    try result.get()
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    if bytes.count < AtomicFile.bufferBytes {
      buffer.append(contentsOf: bytes)
      if buffer.count >= AtomicFile.bufferBytes { try flush() }
    } else {
      try flush()
      try writeAll(bytes)
    }
  }

  private mutating func flush() throws(ModelFileError) {
    let result = buffer.withUnsafeBytes { bytes in
      Result { () throws(ModelFileError) in try writeAll(bytes) }
    }
    try result.get()
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    var done = 0
    while done < bytes.count {
      let written = Foundation.write(descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30))
      if written < 0 {
        if errno == EINTR { continue }
        throw AtomicFile.failure(path)
      }
      done += written
    }
  }

  private mutating func commit() throws(ModelFileError) {
    try flush()
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else { throw AtomicFile.failure(path) }
    close(descriptor)
    // The new name is safe only when the folder is on disk, too. Some file systems refuse this: then it is theirs to do.
    let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private func abandon() {
    close(descriptor)
    unlink(temporaryPath)
  }

  private static func failure(_ path: String) -> ModelFileError {
    let code = errno
    if code == ENOSPC || code == EDQUOT { return .diskFull(path: path) }
    return .cannotWrite(path: path, reason: String(cString: strerror(code)))
  }
}
