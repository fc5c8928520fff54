import Foundation
import ModelFiles

/// What is known of a soup in the making, in `soup.json`: enough to go on without measuring anything twice.
struct SoupState: Codable, Equatable {
  /// What a candidate alone came to.
  struct Measurement: Codable, Equatable {
    var file: String
    var identity: String
    /// nil when it cannot be used.
    var value: Double?
    var message = ""
  }

  struct Decision: Codable, Equatable {
    var value: Double
    var isKept: Bool
  }

  /// What the measurements depend on, in words: data, split and metric.
  var fingerprint: String
  /// What the decisions depend on besides, in words.
  var choice: String
  var measured: [Measurement] = []
  /// By rank.
  var decisions: [Decision] = []
  /// Of the finished soup, whose file then exists.
  var value: Double?

  /// nil when there is none, or one that cannot be read: then everything is measured anew.
  static func read(_ path: String) -> SoupState? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return try? JSONDecoder().decode(SoupState.self, from: data)
  }

  /// - Throws: `ModelFileError`.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    try AtomicFile.write(try encoder.encode(self), to: path)
  }
}
