extension ReportContent {
  /// A model that was averaged from others, and what became of each.
  public struct Soup: Sendable {
    public struct Row: Sendable {
      public let rank: Int?
      public let file: String
      public let value: Double?
      public let soupValue: Double?
      public let decision: String

      public init(rank: Int?, file: String, value: Double?, soupValue: Double?, decision: String) {
        self.rank = rank
        self.file = file
        self.value = value
        self.soupValue = soupValue
        self.decision = decision
      }
    }

    /// `macro_f1`
    public let metric: String
    public let split: String
    public let value: Double
    /// Of the best candidate alone.
    public let best: Double?
    public let rows: [Row]

    public init(metric: String, split: String, value: Double, best: Double?, rows: [Row]) {
      self.metric = metric
      self.split = split
      self.value = value
      self.best = best
      self.rows = rows
    }
  }
}

extension ReportPage {
  private static let soupRowsShown = 200

  var soups: [HTML] { content.soups.map(soup) }

  private func soup(_ soup: ReportContent.Soup) -> HTML {
    let rows = soup.rows.prefix(ReportPage.soupRowsShown).map { row -> HTML in
      """
      <tr><td class="number">\(row.rank.map(String.init) ?? "")</td><td class="path">\(row.file)</td>\
      <td class="number">\(row.value.map { fixed($0, 4) } ?? "")</td>\
      <td class="number">\(row.soupValue.map { fixed($0, 4) } ?? "")</td><td>\(row.decision)</td></tr>
      """
    }
    let kept = soup.rows.count { $0.decision == "kept" }
    let rest = soup.rows.count - rows.count
    let best: HTML = soup.best.map { best -> HTML in "; the best of them alone has \(fixed(best, 4))" } ?? ""
    return """
      <section><h2>Soup</h2>
      <p>The mean of the weights of \(counted(kept, "model")) out of \(soup.rows.count): \(soup.metric) \
      <strong>\(fixed(soup.value, 4))</strong> on the \(soup.split) split\(best).</p>
      <div class="scroll"><table><thead><tr><th class="number">Rank</th><th>Model</th><th class="number">alone</th>\
      <th class="number">soup with it</th><th>Decision</th></tr></thead><tbody>\(rows)</tbody></table></div>
      \(rest > 0 ? "<p>… and \(rest) more: see soup.tsv.</p>" : "" as HTML)</section>
      """
  }
}
