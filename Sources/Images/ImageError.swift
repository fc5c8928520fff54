/// Why a picture could not be read. None of these stops a run: the picture is named and left out.
public enum ImageError: Error, Equatable, Sendable {
  /// The file could not be opened or read; the reason is the system's.
  case unreadable(reason: String)
  case empty
  /// The picture begins well, but its data ends too early.
  case truncated(PictureFormat)
  /// The picture's data contradicts itself; the message is the codec's.
  case corrupt(PictureFormat, message: String)
  /// No picture format begins like this, whatever the file's name says.
  case notAnImage
  /// A picture, but of a kind that is not read: GIF, a 12-bit JPEG, ...
  case unsupported(what: String)
  case tooLarge(width: Int, height: Int, maximumPixels: Int)
  case fileTooLarge(bytes: Int, maximumBytes: Int)
  /// The record of a TFRecord file that should hold the picture is damaged, or holds none.
  case damagedRecord(reason: String)
  /// What a plugin's source or codec says of a picture; the reason names the plugin.
  case plugin(PluginFailure, reason: String)

  /// The kinds of a plugin's failures; the raw values are the words for tables.
  public enum PluginFailure: String, Equatable, Sendable {
    case unreadable, truncated, corrupt, unsupported, failed
    case tooLarge = "too_large"
  }

  /// One word for tables: `unreadable`, `empty`, `truncated`, `corrupt`, `not_an_image`, `unsupported`, `too_large`,
  /// `damaged_record`; `failed` for what only plugins say.
  public var statusWord: String {
    switch self {
    case .unreadable: "unreadable"
    case .empty: "empty"
    case .truncated: "truncated"
    case .corrupt: "corrupt"
    case .notAnImage: "not_an_image"
    case .unsupported: "unsupported"
    case .tooLarge, .fileTooLarge: "too_large"
    case .damagedRecord: "damaged_record"
    case .plugin(let failure, _): failure.rawValue
    }
  }
}

extension ImageError: CustomStringConvertible {
  /// A sentence without the file's name, which the caller puts in front.
  public var description: String {
    switch self {
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .empty: "the file is empty"
    case .truncated(let format): "the \(format.name) data ends too early"
    case .corrupt(let format, let message): "the \(format.name) data is damaged: \(message)"
    case .notAnImage: "not a picture in a known format"
    case .unsupported(let what): "\(what) is not supported"
    case .tooLarge(let width, let height, let maximum):
      "\(width) x \(height) pixels, but at most \(maximum) in all are read"
    case .fileTooLarge(let bytes, let maximum): "a file of \(bytes) bytes, but at most \(maximum) are read"
    case .damagedRecord(let reason): reason
    case .plugin(_, let reason): reason
    }
  }
}
