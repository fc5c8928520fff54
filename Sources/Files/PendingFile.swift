import Foundation

/// What ended the writing of a file.
public enum FileError: Error, Equatable, Sendable {
  case diskFull(path: String)
  /// `reason` is the system's.
  case cannotWrite(path: String, reason: String)

  /// From `errno`.
  init(path: String) {
    let code = errno
    if code == ENOSPC || code == EDQUOT {
      self = .diskFull(path: path)
    } else {
      self = .cannotWrite(path: path, reason: String(cString: strerror(code)))
    }
  }
}

/// A file that takes its path's name only when it is whole: at any moment, even after a power cut, the path holds all of
/// the old bytes or all of the new.
///
///     let file = try PendingFile(path: path)
///     try file.append(bytes)
///     try file.finish()
///
/// The bytes go to a hidden name in the same folder, are forced to disk, and take the path's name by `rename`. Without
/// `finish` nothing is left. Not for several threads at once.
public final class PendingFile {
  public let path: String

  private let temporaryPath: String
  /// -1 when closed.
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferBytes = 1 << 20

  public init(path: String) throws(FileError) {
    self.path = path
    let url = URL(fileURLWithPath: path)
    // A name may have 255 bytes, and a letter up to four.
    let shown = String(decoding: url.lastPathComponent.utf8.prefix(100), as: UTF8.self)
    let name = ".\(shown).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    temporaryPath = url.deletingLastPathComponent().appendingPathComponent(name).path
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileError(path: path) }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporaryPath)
    }
  }

  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    precondition(descriptor >= 0, "the file is finished")
    if bytes.count < PendingFile.bufferBytes {
      buffer.append(contentsOf: bytes)
      if buffer.count >= PendingFile.bufferBytes { try flush() }
    } else {
      try flush()
      try write(bytes)
    }
  }

  public func append(_ bytes: some ContiguousBytes) throws(FileError) {
    // `withUnsafeBytes` rethrows untyped errors: hand the result out instead.
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try append(bytes) }
    }
    try result.get()
  }

  /// Brings everything to disk, so that `finish` has nothing left that a full disk could stop: of several files, call this
  /// for all before `finish` for the first.
  public func synchronise() throws(FileError) {
    precondition(descriptor >= 0, "the file is finished")
    try flush()
    guard fsync(descriptor) == 0 else { throw FileError(path: path) }
  }

  /// Brings everything to disk and gives the file its name.
  ///
  /// - Throws: `FileError`; the old file is then intact.
  public func finish() throws(FileError) {
    try synchronise()
    guard rename(temporaryPath, path) == 0 else { throw FileError(path: path) }
    close(descriptor)
    descriptor = -1
    // The new name is safe only when the folder is on disk, too. Some file systems refuse this: then it is theirs to do.
    let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private func flush() throws(FileError) {
    let result = buffer.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try write(bytes) }
    }
    try result.get()
    buffer.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = Foundation.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(path: path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }
}
