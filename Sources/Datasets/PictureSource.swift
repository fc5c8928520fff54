import Foundation
import Images
import Records

/// Where the bytes of a picture are: in a file of its own, in a record of a TFRecord file, or with a provider.
public enum PictureSource: Equatable, Sendable {
  case file(String)
  case record(RecordPicture)
  case provided(ProvidedPicture)

  /// What to open; `FILE#INDEX` for a record, `SOURCE#INDEX` for a provider's picture.
  public var path: String {
    switch self {
    case .file(let path): path
    case .record(let record): record.path
    case .provided(let picture): picture.path
    }
  }

  /// Decodes, fits and resizes the picture.
  ///
  /// - Parameters:
  ///   - epoch: from 0; 0 outside of training. Only providers' pictures may differ by it.
  ///   - output: gets `preprocessing.count` floats, `[height, width, 3]` in 0 to 255.
  public func read(
    _ preprocessing: Preprocessing, epoch: Int = 0, into output: UnsafeMutablePointer<Float>
  ) throws(ImageError) {
    switch self {
    case .file(let path): try preprocessing.read(file: path, into: output)
    case .record(let record):
      try record.withBytes { (bytes) throws(ImageError) in try preprocessing.read(bytes: bytes, into: output) }
    case .provided(let picture): try picture.read(preprocessing, epoch: epoch, into: output)
    }
  }

  /// As `read(_:epoch:into:)`, but bytes, for a cache.
  public func read(
    _ preprocessing: Preprocessing, epoch: Int = 0, intoBytes output: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    switch self {
    case .file(let path): try preprocessing.read(file: path, intoBytes: output)
    case .record(let record):
      try record.withBytes { (bytes) throws(ImageError) in try preprocessing.read(bytes: bytes, intoBytes: output) }
    case .provided(let picture): try picture.read(preprocessing, epoch: epoch, intoBytes: output)
    }
  }

  /// A sentence without the path; for a record it says at which byte of the file it begins.
  public func reason(for error: ImageError) -> String {
    switch self {
    case .file, .provided: "\(error)"
    case .record(let record): "\(record.place.shortDescription): \(error)"
    }
  }

  /// A number that changes with the contents at next to no cost: the size of a file, -1 where there is none; the size
  /// and checksum of a record; the place of a provider's picture.
  var mark: String {
    switch self {
    case .file(let path):
      var status = stat()
      return "\(stat(path, &status) == 0 ? Int(status.st_size) : -1)"
    case .record(let record):
      if record.index >= record.file.count { return "-1" }
      return "\(record.file.payloadCount(at: record.index)) \(record.file.storedChecksum(at: record.index))"
    case .provided(let picture): return "\(picture.index)"
    }
  }

  /// Whether the picture looks different in different epochs.
  package var variesByEpoch: Bool {
    if case .provided(let picture) = self { picture.provider.variesByEpoch } else { false }
  }
}

/// A picture in a record.
public struct RecordPicture: Equatable, Sendable {
  public let file: RecordFile
  /// From 0. The number of records in the file means the damage behind them, `RecordFile.tail`.
  public let index: Int
  /// The key of the feature with the picture.
  public let key: String

  public init(file: RecordFile, index: Int, key: String) {
    self.file = file
    self.index = index
    self.key = key
  }

  /// `FILE#INDEX`
  public var path: String { "\(file.path)#\(index)" }

  public var place: RecordPlace { file.place(of: index) }

  /// Hands out the picture file's bytes, which are valid inside `body` only.
  ///
  /// - Throws: `ImageError.damagedRecord`, and what `body` throws.
  func withBytes(_ body: (UnsafeRawBufferPointer) throws(ImageError) -> Void) throws(ImageError) {
    let data: Data
    do throws(RecordError) {
      if index >= file.count, let tail = file.tail { throw tail }
      data = try file.picture(at: index, key: key)
    } catch {
      throw .damagedRecord(reason: error.reason)
    }
    if data.isEmpty { throw .empty }
    let result: Result<Void, ImageError> = data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try body(bytes) }
    }
    try result.get()
  }
}
