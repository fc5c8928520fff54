import Foundation
import SwiftProtobuf

/// Writes a TFRecord file, which takes its name when `finish` has brought everything to disk: at any moment the path
/// holds all of the old file or all of the new.
///
///     let writer = try RecordWriter(path: "train.tfr")
///     for picture in pictures {
///       try writer.append(["image": .data(picture.jpeg), "category": .integer(picture.label)])
///     }
///     try writer.finish()
///
/// Without `finish` nothing is left. Not for several threads at once.
public final class RecordWriter {
  public let path: String
  /// How many records have been appended.
  public private(set) var count = 0

  private let temporaryPath: String
  /// -1 when closed.
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferBytes = 1 << 20

  /// - Throws: `RecordError.cannotWrite`, `.diskFull`.
  public init(path: String) throws(RecordError) {
    self.path = path
    let url = URL(fileURLWithPath: path)
    // A file's name may have 255 bytes.
    let shown = String(decoding: url.lastPathComponent.utf8.prefix(100), as: UTF8.self)
    let name = ".\(shown).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    temporaryPath = url.deletingLastPathComponent().appendingPathComponent(name).path
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw RecordWriter.failure(path) }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporaryPath)
    }
  }

  /// Appends a tf.Example; the same features give the same bytes.
  ///
  /// - Throws: `RecordError.cannotWrite`, `.diskFull`.
  public func append(_ features: [String: RecordValue]) throws(RecordError) {
    let example = ProtoExample.with { example in
      example.features.feature = features.mapValues { value in
        ProtoFeature.with { feature in
          switch value {
          case .bytes(let list): feature.bytesList.value = list
          case .integers(let list): feature.int64List.value = list
          case .numbers(let list): feature.floatList.value = list
          case .none: break
          }
        }
      }
    }
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    let payload: [UInt8]
    do {
      payload = try example.serializedBytes(options: options)
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
    try append(payload: payload)
  }

  /// Appends a record of any bytes.
  public func append(payload: [UInt8]) throws(RecordError) {
    precondition(descriptor >= 0, "the writer has finished")
    let length = withUnsafeBytes(of: UInt64(payload.count).littleEndian) { Array($0) }
    buffer += length
    buffer += RecordWriter.checksum(of: length)
    buffer += payload
    buffer += RecordWriter.checksum(of: payload)
    count += 1
    if buffer.count >= RecordWriter.bufferBytes { try flush() }
  }

  /// Brings everything to disk, so that `finish` has nothing left that a full disk could stop: of several files, call this
  /// for all before `finish` for the first.
  ///
  /// - Throws: `RecordError.cannotWrite`, `.diskFull`.
  public func synchronise() throws(RecordError) {
    precondition(descriptor >= 0, "the writer has finished")
    try flush()
    guard fsync(descriptor) == 0 else { throw RecordWriter.failure(path) }
  }

  /// Brings everything to disk and gives the file its name.
  ///
  /// - Throws: `RecordError.cannotWrite`, `.diskFull`; the old file is then intact.
  public func finish() throws(RecordError) {
    try synchronise()
    guard rename(temporaryPath, path) == 0 else { throw RecordWriter.failure(path) }
    close(descriptor)
    descriptor = -1
    let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      // Some file systems refuse to sync a folder: then it is theirs to do.
      fsync(folder)
      close(folder)
    }
  }

  private func flush() throws(RecordError) {
    var done = 0
    while done < buffer.count {
      let written = buffer.withUnsafeBytes { bytes in
        bytes.baseAddress.map { write(descriptor, $0 + done, min(bytes.count - done, 1 << 30)) } ?? 0
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw RecordWriter.failure(path)
      }
      done += written
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func checksum(of bytes: [UInt8]) -> [UInt8] {
    let checksum = bytes.withUnsafeBytes { Checksum.masked($0) }
    return withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
  }

  private static func failure(_ path: String) -> RecordError {
    let code = errno
    if code == ENOSPC || code == EDQUOT { return .diskFull(path: path) }
    return .cannotWrite(path: path, reason: String(cString: strerror(code)))
  }
}
