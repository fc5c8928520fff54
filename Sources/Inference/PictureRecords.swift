import Foundation
import Images
import Records

/// A record file whose records are pictures.
final class PictureRecords: Sendable {
  /// One more than there are good ones where the file is damaged: what is behind the damage gets one row.
  let count: Int
  private let file: RecordFile
  private let key: String

  /// - Parameters:
  ///   - imageKey: the feature that holds the picture; nil: found out from the first record.
  ///   - refusesOthers: whether records without pictures are an error, not nil.
  /// - Returns: nil for a file that has no records, whatever it is called: it is taken for a picture, and when it is none,
  ///   `reason` says why it has no records.
  /// - Throws: `InferenceError.records` when the picture's key is not known.
  init?(path: String, imageKey: String?, refusesOthers: Bool) throws(InferenceError) {
    do throws(RecordError) {
      file = try RecordFile(path: path)
    } catch {
      return nil
    }
    // An empty file has its row, too.
    if file.byteCount == 0 { return nil }
    count = file.count + (file.tail == nil ? 0 : 1)
    do throws(RecordError) {
      key = try RecordKeys(image: imageKey, wantsLabel: false, guessing: file).image
    } catch {
      if case .noPictureKey = error, !refusesOthers { return nil }
      if !error.isDamage { throw .records(reason: "\(error)") }
      key = imageKey ?? RecordKeys.defaultImage
    }
  }

  /// Why a file gives no picture: one that is called like records is rather damaged records, compressed ones, or records
  /// without pictures than a picture of an unknown format.
  static func reason(_ error: ImageError, path: UnsafePointer<CChar>) -> ImageError {
    switch error {
    case .notAnImage, .fileTooLarge: break
    default: return error
    }
    let count = strlen(path)
    let isCalledRecords = path.withMemoryRebound(to: UInt8.self, capacity: count) {
      RecordName.matches(UnsafeBufferPointer(start: $0, count: count))
    }
    guard isCalledRecords, let path = String(validatingCString: path) else { return error }
    do throws(RecordError) {
      let file = try RecordFile(path: path)
      _ = try RecordKeys(wantsLabel: false, guessing: file)
      return error
    } catch {
      return .damagedRecord(reason: error.reason)
    }
  }

  /// Calls `body` with the encoded picture of a record.
  ///
  /// - Throws: why the record has no picture; what `body` throws.
  func withPicture(
    _ record: Int, _ body: (UnsafeRawBufferPointer) throws(ImageError) -> Void
  ) throws(ImageError) {
    let picture: Data
    do throws(RecordError) {
      guard record < file.count else {
        if let tail = file.tail, record == file.count { throw tail }
        throw RecordError.shrunk(path: file.path)
      }
      picture = try file.picture(at: record, key: key)
    } catch {
      throw .damagedRecord(reason: error.place.map { "\($0.shortDescription): \(error.reason)" } ?? error.reason)
    }
    // `withUnsafeBytes` would lose the type of the error.
    let result = picture.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in
        if bytes.isEmpty { throw ImageError.empty }
        try body(bytes)
      }
    }
    try result.get()
  }
}

/// The record files of a listing, of which one is open at a time.
final class OpenRecords {
  private let imageKey: String?
  private var path: [UInt8] = []
  private var file: PictureRecords?

  init(imageKey: String?) { self.imageKey = imageKey }

  /// - Returns: nil when it cannot be opened any more.
  func file(at path: [UInt8]) -> PictureRecords? {
    if path != self.path {
      self.path = path
      file = String(validating: path, as: UTF8.self).flatMap {
        try? PictureRecords(path: $0, imageKey: imageKey, refusesOthers: false)
      }
    }
    return file
  }
}
