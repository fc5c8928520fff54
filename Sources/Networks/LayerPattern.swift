import Schemas

/// Names of layers as a person writes them: a whole name, or a name with `*` for any characters (none included).
public struct LayerPattern: Sendable {
  public let text: String
  private let parts: [Substring]

  public init(_ text: String) {
    self.text = text
    parts = text.split(separator: "*", omittingEmptySubsequences: false)
  }

  /// Whether it is the whole name of one layer.
  public var isName: Bool { parts.count == 1 }

  /// Characters that are not `*`: of two patterns that fit, the one with more says more.
  var literalCount: Int { parts.reduce(0) { $0 + $1.count } }

  /// - Complexity: O(length of the name x parts).
  public func matches(_ name: String) -> Bool {
    guard let first = parts.first, let last = parts.last, parts.count > 1 else { return name == text }
    guard name.hasPrefix(first) else { return false }
    var rest = name.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let place = rest.firstRange(of: part) else { return false }
      rest = rest[place.upperBound...]
    }
    return rest.count >= last.count && rest.hasSuffix(last)
  }

  /// Those of the names that a list of patterns fits, in the order of the names.
  ///
  /// - Throws: `NetworkError.unknownNode` for the first pattern that fits none, with the nearest name.
  static func choose(_ patterns: [String], among names: [String]) throws(NetworkError) -> [String] {
    var chosen = Set<String>()
    for pattern in patterns.map(LayerPattern.init) {
      let found = names.filter(pattern.matches)
      guard !found.isEmpty else {
        throw .unknownNode(name: pattern.text, suggestion: nearest(to: pattern.text, among: names))
      }
      chosen.formUnion(found)
    }
    return names.filter(chosen.contains)
  }
}
