/// What a picture file is, found by decoding all of it: so it is whole.
public struct PictureExamination: Equatable, Sendable {
  public let format: PictureFormat
  /// Pixels, upright.
  public let width: Int
  public let height: Int
  public let byteCount: Int
  /// Equal for files of equal bytes, and for others with a chance of 2^-64; another number in the next process.
  public let fingerprint: UInt64
  /// `differenceHash` of the upright picture; of a JPEG decoded smaller where that serves.
  public let differenceHash: UInt64

  /// - Throws: `ImageError` of a picture that cannot be read, or not to its end.
  public init(bytes: UnsafeRawBufferPointer) throws(ImageError) { try self.init(bytes, reader: .ofThisThread) }

  /// - Throws: as `init(bytes:)`, and `ImageError.unreadable`.
  public init(file path: String) throws(ImageError) {
    let reader = PictureReader.ofThisThread
    try self.init(reader.contents(of: path), reader: reader)
  }

  private init(_ bytes: UnsafeRawBufferPointer, reader: PictureReader) throws(ImageError) {
    defer { reader.trim() }
    let pixels = try reader.decode(
      bytes, settings: PictureDecoder.Settings(dctScaling: true), target: .size(width: 9, height: 8))
    switch try PictureFormat.sniff(bytes) {
    case .jpeg?:
      // Decoded smaller: the size is the header's.
      let header = try JPEGHeader(bytes)
      let isTransposed = header.orientation >= 5
      format = .jpeg
      width = isTransposed ? header.height : header.width
      height = isTransposed ? header.width : header.height
    case let known:
      format = known ?? .other(PictureCodecs.codec(for: bytes)?.name ?? "")
      width = pixels.width
      height = pixels.height
    }
    byteCount = bytes.count
    var hasher = Hasher()
    hasher.combine(bytes: bytes)
    fingerprint = UInt64(bitPattern: Int64(hasher.finalize()))
    differenceHash = Images.differenceHash(pixels.pointer, width: pixels.width, height: pixels.height)
  }
}
