import Synchronization

/// A reader of a picture format that the room does not read itself.
///
/// Called by several threads at once. What it is given may be damaged on purpose.
public protocol PictureCodec: Sendable {
  /// As messages write the format: `farbfeld`.
  var name: String { get }
  /// Endings by which folders are searched for pictures: lower case, without the dot.
  var extensions: [String] { get }

  /// Whether a file that begins with these bytes (the first `PictureCodecs.signatureBytes`, or all) is of this format.
  func recognises(_ bytes: UnsafeRawBufferPointer) -> Bool

  /// The picture's size, from the whole file.
  func header(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> PictureHeader

  /// Writes `height * width * 3` bytes, `[height, width, 3]`, transparency laid on white.
  ///
  /// - Parameters:
  ///   - header: what `header(_:)` said.
  ///   - workspace: the header's `workspaceBytes`; nil for 0.
  func decode(
    _ bytes: UnsafeRawBufferPointer, header: PictureHeader, into pixels: UnsafeMutablePointer<UInt8>,
    workspace: UnsafeMutableRawPointer?
  ) throws(ImageError)
}

/// What a codec knows of a picture before it decodes it.
public struct PictureHeader: Equatable, Sendable {
  /// Pixels, before the orientation is applied.
  public var width: Int
  public var height: Int
  /// As in EXIF, 1 ... 8.
  public var orientation: Int
  /// Scratch memory that decoding wants.
  public var workspaceBytes: Int

  public init(width: Int, height: Int, orientation: Int = 1, workspaceBytes: Int = 0) {
    self.width = width
    self.height = height
    self.orientation = orientation
    self.workspaceBytes = workspaceBytes
  }
}

/// The codecs that are asked when no built-in format matches: those that were registered first are asked first.
public enum PictureCodecs {
  /// How much of a file `recognises` is shown.
  public static let signatureBytes = 64

  private struct Table {
    var codecs: [any PictureCodec] = []
    var extensions: Set<String> = []
  }

  private static let table = Mutex(Table())

  /// From now on all pictures of its format are read, in the whole process.
  ///
  /// - Returns: false when there is a codec of that name already.
  @discardableResult
  public static func register(_ codec: any PictureCodec) -> Bool {
    table.withLock { table in
      if table.codecs.contains(where: { $0.name == codec.name }) { return false }
      table.codecs.append(codec)
      table.extensions.formUnion(codec.extensions)
      return true
    }
  }

  /// The endings of all registered codecs.
  public static var extensions: Set<String> { table.withLock { $0.extensions } }

  /// The codec that recognises the bytes.
  static func codec(for bytes: UnsafeRawBufferPointer) -> (any PictureCodec)? {
    let codecs = table.withLock { $0.codecs }
    let start = UnsafeRawBufferPointer(rebasing: bytes.prefix(signatureBytes))
    return codecs.first { $0.recognises(start) }
  }
}
