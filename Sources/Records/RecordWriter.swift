import Files
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

  /// nil when finished.
  private var file: PendingFile?

  /// - Throws: `RecordError.cannotWrite`, `.diskFull`.
  public init(path: String) throws(RecordError) {
    self.path = path
    do throws(FileError) { file = try PendingFile(path: path) } catch { throw RecordError(error) }
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
    let length = withUnsafeBytes(of: UInt64(payload.count).littleEndian) { Array($0) }
    try withFile { file throws(FileError) in
      try file.append(length)
      try file.append(RecordWriter.checksum(of: length))
      try file.append(payload)
      try file.append(RecordWriter.checksum(of: payload))
    }
    count += 1
  }

  /// Brings everything to disk, so that `finish` has nothing left that a full disk could stop: of several files, call this
  /// for all before `finish` for the first.
  ///
  /// - Throws: `RecordError.cannotWrite`, `.diskFull`.
  public func synchronise() throws(RecordError) {
    try withFile { file throws(FileError) in try file.synchronise() }
  }

  /// Brings everything to disk and gives the file its name.
  ///
  /// - Throws: `RecordError.cannotWrite`, `.diskFull`; the old file is then intact.
  public func finish() throws(RecordError) {
    try withFile { file throws(FileError) in try file.finish() }
    file = nil
  }

  private func withFile(_ body: (PendingFile) throws(FileError) -> Void) throws(RecordError) {
    guard let file else { preconditionFailure("the writer has finished") }
    do throws(FileError) { try body(file) } catch { throw RecordError(error) }
  }

  private static func checksum(of bytes: [UInt8]) -> [UInt8] {
    let checksum = bytes.withUnsafeBytes { Checksum.masked($0) }
    return withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
  }
}

extension RecordError {
  init(_ error: FileError) {
    switch error {
    case .diskFull(let path): self = .diskFull(path: path)
    case .cannotWrite(let path, let reason): self = .cannotWrite(path: path, reason: reason)
    }
  }
}
