/// The candidate that a person most likely meant, or nil when none is close.
///
/// Close: at most a third of the longer word's letters (and at least one) must be changed, added, removed or swapped;
/// or the one is the beginning of the other.
public func nearest(to word: String, among candidates: [String]) -> String? {
  let lowered = word.lowercased()
  let scored = candidates.map { ($0, editDistance(lowered, $0.lowercased())) }
  guard let best = scored.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { return nil }
  if best.1 <= max(1, max(word.count, best.0.count) / 3) { return best.0 }
  return candidates.filter { lowered.count >= 3 && ($0.lowercased().hasPrefix(lowered) || lowered.hasPrefix($0)) }.min()
}

/// The optimal string alignment distance (Damerau 1964): insertions, deletions, substitutions, swaps of neighbours.
private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.unicodeScalars)
  let b = Array(b.unicodeScalars)
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
