import Tensors
import Testing

/// Records an issue unless each pair differs by at most `tolerance * max(1, |expected|)`.
///
/// The message names the worst element. Not-a-number equals only not-a-number.
public func expectClose(
  _ found: [Float], _ expected: [Float], tolerance: Float = 1e-5, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let prefix = what.isEmpty ? "" : "\(what): "
  guard found.count == expected.count else {
    Issue.record("\(prefix)\(found.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  var worst: (index: Int, excess: Float)?
  var wrong = 0
  for i in found.indices {
    if found[i] == expected[i] || (found[i].isNaN && expected[i].isNaN) { continue }
    let excess = abs(found[i] - expected[i]) / max(1, abs(expected[i]))
    if excess <= tolerance { continue }
    wrong += 1
    if worst.map({ excess > $0.excess || excess.isNaN }) ?? true { worst = (i, excess) }
  }
  if let worst {
    Issue.record(
      """
      \(prefix)\(wrong) of \(found.count) values differ by more than \(tolerance); the worst is [\(worst.index)]: \
      \(found[worst.index]), expected \(expected[worst.index]) (off by \(worst.excess))
      """, sourceLocation: sourceLocation)
  }
}

/// Records an issue unless both hold the same bits.
public func expectSameBits(
  _ found: [Float], _ expected: [Float], _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  let differing = zip(found, expected).enumerated().first { $1.0.bitPattern != $1.1.bitPattern }
  if found.count == expected.count, differing == nil { return }
  let prefix = what.isEmpty ? "" : "\(what): "
  let detail =
    differing.map { "[\($0.offset)] is \($0.element.0), expected \($0.element.1)" }
    ?? "\(found.count) values, expected \(expected.count)"
  Issue.record("\(prefix)\(detail)", sourceLocation: sourceLocation)
}

/// Uniform numbers in low ..< high, the same for the same seed.
public func randomValues(_ count: Int, seed: Int, _ low: Float = -1, _ high: Float = 1) -> [Float] {
  var stream = RandomStream(RandomKey(seed: seed).deriving("test values"))
  return (0..<count).map { _ in stream.uniform(low, high) }
}
