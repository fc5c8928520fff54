import ModelFiles

/// One of several parts of a listing that are predicted apart: the files whose names' hash says so.
///
/// A file's part depends on its name and the number of parts alone, so that the parts are as good as equal in size and
/// stay the same when files are added.
public struct Shard: Equatable, Sendable {
  /// 1 ... `count`.
  public let number: Int
  public let count: Int

  public static let largestCount = 100_000

  /// - Parameter number: from 1, or from 0: 0 and `count` are the same shard, so that either way of counting covers all.
  /// - Returns: nil when there is no such shard.
  public init?(number: Int, count: Int) {
    guard (1...Shard.largestCount).contains(count), (0...count).contains(number) else { return nil }
    self.number = number == 0 ? count : number
    self.count = count
  }

  /// `3/8`
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]) else { return nil }
    self.init(number: number, count: count)
  }

  /// Whether a file of this name is in the shard.
  func contains(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    if count == 1 { return true }
    var hash = XXHash64()
    hash.update(UnsafeRawBufferPointer(name))
    return Int(hash.digest % UInt64(count)) == number % count
  }
}

extension Shard: CustomStringConvertible {
  public var description: String { "\(number)/\(count)" }
}
