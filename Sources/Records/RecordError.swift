/// What can be wrong with a file of records.
public enum RecordError: Error, Equatable, Sendable {
  case notFound(path: String)
  case unreadable(path: String, reason: String)
  /// The whole file is compressed.
  case compressed(path: String, method: String)
  /// The first length has not its checksum: another kind of file, or one damaged at its very beginning.
  case notRecords(path: String)
  /// The file is shorter than when it was opened.
  case shrunk(path: String)

  // Damage that hides all that follows.
  case damagedLength(RecordPlace)
  /// The file ends within the record; counts are of bytes.
  case cutLength(RecordPlace, found: Int)
  case cutPayload(RecordPlace, wanted: UInt64, found: Int)

  // Damage to one record.
  case damagedPayload(RecordPlace)
  case notAnExample(RecordPlace)

  // A record that is whole but not what was asked for.
  case missingKey(RecordPlace, key: String, found: [String])
  case wrongKind(RecordPlace, key: String, wanted: String, found: String)
  case labelNotText(RecordPlace, key: String)

  // Keys that cannot be guessed from the first record; `found` has each key with its kind.
  case noPictureKey(path: String, found: [String])
  case noLabelKey(path: String, found: [String])
  case ambiguousKey(path: String, what: String, option: String, candidates: [String])

  case cannotWrite(path: String, reason: String)
  case diskFull(path: String)
}

extension RecordError {
  /// Whether a record, rather than the file or what was asked of it, is what is wrong: it may be left out.
  public var isDamage: Bool {
    switch self {
    case .damagedLength, .cutLength, .cutPayload, .damagedPayload, .notAnExample, .missingKey, .wrongKind,
      .labelNotText:
      true
    default: false
    }
  }

  /// The record that is meant, where one is.
  public var place: RecordPlace? {
    switch self {
    case .damagedLength(let place), .cutLength(let place, _), .cutPayload(let place, _, _), .damagedPayload(let place),
      .notAnExample(let place), .missingKey(let place, _, _), .wrongKind(let place, _, _, _),
      .labelNotText(let place, _):
      place
    default: nil
    }
  }

  /// A clause without file and place.
  public var reason: String {
    switch self {
    case .notFound: "no such file"
    case .unreadable(_, let reason): "cannot be read: \(reason)"
    case .compressed(_, let method):
      "the file is compressed with \(method) as a whole, and compressed TFRecords are not read; uncompress it first"
        + (method == "gzip" ? " (gzip -dc)" : "")
    case .notRecords: "no TFRecord file: its first 12 bytes are not a length and the checksum of one"
    case .shrunk: "the file has become shorter since it was opened"
    case .damagedLength:
      "its length has not the checksum that stands behind it; where further records begin is not known"
    case .cutLength(_, let found): "the file ends within its length, after \(found) of 12 bytes"
    case .cutPayload(_, let wanted, let found):
      "the file ends within it: it takes \(wanted) bytes and a checksum of 4, of which there are \(found)"
    case .damagedPayload: "its data has not the checksum that stands behind it"
    case .notAnExample: "its data is no tf.Example"
    case .missingKey(_, let key, let found):
      "no feature '\(key)'; it has " + (found.isEmpty ? "none" : found.joined(separator: ", "))
    case .wrongKind(_, let key, let wanted, let found): "the feature '\(key)' must be \(wanted), not \(found)"
    case .labelNotText(_, let key): "the class name in '\(key)' is not UTF-8 text"
    case .noPictureKey(_, let found):
      "no feature of the first record holds a picture file such as a JPEG (raw pixels are not read); it has "
        + (found.isEmpty ? "none" : found.joined(separator: ", "))
    case .noLabelKey(_, let found):
      "which feature of the first record is the class? It has "
        + (found.isEmpty ? "none" : found.joined(separator: ", ")) + "; say so with label_key (--label-key)"
    case .ambiguousKey(_, let what, let option, let candidates):
      "several features may be the \(what): \(candidates.joined(separator: ", ")); choose one with \(option) "
        + "(--\(option.replacing("_", with: "-")))"
    case .cannotWrite(_, let reason): "cannot be written: \(reason)"
    case .diskFull: "cannot be written: the disk is full"
    }
  }

  private var path: String {
    switch self {
    case .notFound(let path), .unreadable(let path, _), .compressed(let path, _), .notRecords(let path),
      .shrunk(let path), .noPictureKey(let path, _), .noLabelKey(let path, _), .ambiguousKey(let path, _, _, _),
      .cannotWrite(let path, _), .diskFull(let path):
      path
    default: place?.path ?? ""
    }
  }
}

extension RecordError: CustomStringConvertible {
  /// `a.tfr: record 12 at byte 4411: its data has not the checksum that stands behind it`
  public var description: String { "\(place.map(\.description) ?? path): \(reason)" }
}
