import Foundation

/// The report: one HTML file with everything in it, for a browser or a printer, without any network.
public struct ReportPage: Sendable {
  public let content: ReportContent

  public init(_ content: ReportContent) { self.content = content }

  /// The whole file.
  public var source: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="workbench">
      <title>\(content.title): report</title>
      <style>\(HTML(trusted: ReportPage.styleSheet))</style>
      </head>
      <body>
      <main>
      <h1>\(content.title)</h1>
      <p class="subtitle">\(content.subtitle)</p>
      \(content.results.map { ResultSections(results: $0, picturesFolder: content.picturesFolder).all } ?? "")
      \(repeats)
      \(soups)
      \(curves)
      \(data)
      \(failures)
      \(layers)
      \(facts("Settings", content.settings))
      \(facts("Where this came from", content.provenance))
      </main>
      </body>
      </html>

      """
    return page.source
  }

  private var repeats: HTML {
    if content.repeats.count < 2 { return "" }
    let accuracies = content.repeats.map(\.accuracy)
    let mean = accuracies.reduce(0, +) / Double(accuracies.count)
    let squares = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(accuracies.count - 1)).squareRoot()
    let rows = content.repeats.map { row -> HTML in
      "<tr><td class=\"number\">\(row.seed)</td><td class=\"number\">\(percent(row.accuracy))</td>"
        + "<td class=\"number\">\(percent(row.macroF1))</td></tr>"
    }
    return """
      <section><h2>Repeated with fresh partitions</h2>
      <p>Test accuracy over \(content.repeats.count) repeats: <strong>\(percent(mean))</strong>, with a standard deviation \
      of \(percent(deviation)). The figures above are of the last one.</p>
      <table><thead><tr><th class="number">Seed</th><th class="number">Accuracy</th><th class="number">Macro F1</th></tr>\
      </thead><tbody>\(rows)</tbody></table></section>
      """
  }

  private var curves: HTML {
    let charts = content.curves.compactMap { curve in
      curve.svg.map { svg -> HTML in "<figure><h3>\(curve.title)</h3>\(svg)</figure>" }
    }
    if charts.isEmpty { return "" }
    return """
      <section><h2>Training</h2>
      <p>How the network learnt. When the validation line turns while the training line goes on, the network begins to \
      learn the training pictures by heart; the weights of the best epoch are the ones that were kept.</p>
      <div class="charts">\(charts)</div></section>
      """
  }

  private var data: HTML {
    var parts: [HTML] = []
    if let data = content.data {
      let heads = data.splits.map { split -> HTML in "<th class=\"number\">\(split)</th>" }
      let rows = data.rows.map { row -> HTML in
        let cells = (row.counts + [row.counts.reduce(0, +)]).map { count -> HTML in
          "<td class=\"number\">\(grouped(count))</td>"
        }
        return "<tr><th scope=\"row\">\(row.className)</th>\(cells)</tr>"
      }
      let totals = data.splits.indices.map { split in data.rows.reduce(0) { $0 + $1.counts[split] } }
      let totalCells = (totals + [totals.reduce(0, +)]).map { count -> HTML in
        "<td class=\"number\">\(grouped(count))</td>"
      }
      parts.append(
        """
        <div class="scroll"><table><thead><tr><th>Class</th>\(heads)<th class="number">all</th></tr></thead>
        <tbody>\(rows)</tbody><tfoot><tr><th scope="row">all</th>\(totalCells)</tr></tfoot></table></div>
        """)
    }
    if !content.dataFacts.isEmpty { parts.append(ReportPage.table(content.dataFacts)) }
    return parts.isEmpty ? "" : "<section><h2>Pictures</h2>\(parts)</section>"
  }

  private var failures: HTML {
    let failures = content.failures.isEmpty ? content.results?.failures ?? [] : content.failures
    if failures.isEmpty { return "" }
    let shown = failures.prefix(500)
    let hasSplits = shown.contains { $0.split != nil }
    let rows = shown.map { failure -> HTML in
      let split: HTML = hasSplits ? "<td>\(failure.split ?? "")</td>" : ""
      return """
        <tr><td class="path">\(failure.path)</td>\(split)<td>\(failure.status)</td><td>\(failure.message)</td></tr>
        """
    }
    let rest = failures.count - shown.count
    return """
      <section><h2>Pictures that could not be read</h2>
      <p>\(counted(failures.count, "file")) left out of everything above.</p>
      <div class="scroll"><table><thead><tr><th>File</th>\(hasSplits ? "<th>Split</th>" : "" as HTML)<th>What</th><th>Reason</th></tr></thead><tbody>\(rows)</tbody></table></div>
      \(rest > 0 ? "<p>… and \(rest) more.</p>" : "" as HTML)</section>
      """
  }

  private var layers: HTML {
    guard let layers = content.layers, !layers.isEmpty else { return "" }
    return "<section><h2>The network</h2><div class=\"scroll\"><pre>\(layers)</pre></div></section>"
  }

  private func facts(_ title: String, _ facts: [ReportContent.Fact]) -> HTML {
    facts.isEmpty ? "" : "<section><h2>\(title)</h2>\(ReportPage.table(facts))</section>"
  }

  private static func table(_ facts: [ReportContent.Fact]) -> HTML {
    let rows = facts.map { fact -> HTML in
      "<tr><th scope=\"row\">\(fact.name)</th><td class=\"path\">\(fact.value)</td></tr>"
    }
    return "<div class=\"scroll\"><table class=\"facts\"><tbody>\(rows)</tbody></table></div>"
  }
}
