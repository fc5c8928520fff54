/// Which record of which file: what every message about a record begins with.
public struct RecordPlace: Equatable, Sendable, CustomStringConvertible {
  public let path: String
  /// From 0.
  public let index: Int
  /// Where the record begins in the file: the byte of its length.
  public let offset: Int

  public init(path: String, index: Int, offset: Int) {
    self.path = path
    self.index = index
    self.offset = offset
  }

  /// `a.tfr: record 12 at byte 4411`
  public var description: String { "\(path): \(shortDescription)" }

  /// `record 12 at byte 4411`
  public var shortDescription: String { "record \(index) at byte \(offset)" }
}
