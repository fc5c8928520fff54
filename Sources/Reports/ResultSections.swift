import Foundation

/// The part of the report that is about the test pictures: the paper's Figure 2, the class table, the mistakes.
struct ResultSections {
  let results: TestResults
  let picturesFolder: String?

  /// From this many classes on, the matrix shows counts only; from the second number on, it is left to the TSV.
  private static let compactFrom = 11
  private static let tooManyFrom = 41
  private static let mistakesShown = 25

  var all: HTML {
    if results.count == 0 { return "<section><p>There was no picture to test.</p></section>" }
    return "\(summary)\(figures)\(classTable)\(mixUps)\(mistakes)"
  }

  private var summary: HTML {
    let hits = results.confusion.correct
    let tiles = [
      ("accuracy", percent(results.accuracy)), ("macro F1", percent(results.macroF1)),
      ("AUCPR", percent(results.aucpr)), ("loss", fixed(results.loss, 4)),
    ]
    let cards = tiles.map { tile -> HTML in
      "<div class=\"tile\"><div class=\"figure\">\(tile.1)</div><div class=\"name\">\(tile.0)</div></div>"
    }
    return """
      <section><div class="tiles">\(cards)</div>
      <p>Of \(counted(results.count, "picture")) in the \(results.split) split, which the network never saw while it \
      learnt, it named <strong>\(grouped(hits))</strong> rightly and \(grouped(results.count - hits)) wrongly.</p></section>
      """
  }

  private var figures: HTML {
    """
    <section><h2>Results</h2><div class="charts">
    \(confusion)
    <figure><h3>Class probabilities</h3>\(histogram.svg)<figcaption>\(histogramCaption)</figcaption></figure>
    <figure><h3>Rejection plot</h3>\(RejectionPlot(rightByCertainty: results.byCertainty.map { results.isRight(image: $0) }).svg)<figcaption>\(rejectionCaption)\
    </figcaption></figure>
    \(rejectionTable)
    </div></section>
    """
  }

  // MARK: Confusion matrix

  private var confusion: HTML {
    let classes = results.classes
    if classes.count >= ResultSections.tooManyFrom {
      return
        "<figure class=\"wide\"><p>With \(classes.count) classes the confusion matrix is too large for a page: see confusion.tsv.</p></figure>"
    }
    let isCompact = classes.count >= ResultSections.compactFrom
    let heads = classes.map { name -> HTML in
      isCompact || classes.count > 4
        ? "<th class=\"turned\"><div><span>\(name)</span></div></th>" : "<th class=\"number\">\(name)</th>"
    }
    let rows = classes.indices.map { label -> HTML in
      let total = results.support(label)
      let cells = classes.indices.map { named in
        cell(results.confusion[label, named], of: total, label: label, named: named, isCompact: isCompact)
      }
      return "<tr><th scope=\"row\">\(classes[label])</th>\(cells)</tr>"
    }
    let isWide = classes.count > 4
    return """
      <figure class="\(isWide ? "wide" : "")"><h3>Confusion matrix</h3><div class="scroll"><table class="confusion\(isCompact ? " compact" : "")">
      <thead><tr><th class="corner">true class ↓ &nbsp; named as →</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
      <figcaption>Each row is one true class; the cells say how many of its pictures were named as \
      what\(isCompact ? "" : ", and which share of the row that is"). Blue is right, orange is wrong.</figcaption></figure>
      """
  }

  private func cell(_ count: Int, of total: Int, label: Int, named: Int, isCompact: Bool) -> HTML {
    let share = total > 0 ? Double(count) / Double(total) : 0
    let tip: HTML =
      "\(results.classes[label]) named as \(results.classes[named]): \(count) of \(total) (\(percent(share)))"
    if count == 0 { return "<td class=\"none\" title=\"\(tip)\">0</td>" }
    // A single mistake must be visible, too: the tint starts at 12 %.
    let tint = fixed(0.12 + 0.78 * share, 3)
    let content: HTML = isCompact ? "\(count)" : "\(grouped(count))<small>\(percent(share, digits: 0))</small>"
    return """
      <td class="\(label == named ? "hit" : "miss")\(share > 0.6 ? " strong" : "")" style="--tint:\(tint)" title="\(tip)">\
      \(content)</td>
      """
  }

  // MARK: Probabilities

  private var histogram: Histogram {
    if results.classes.count == 2 {
      return Histogram(
        title: "Probability by true class",
        groups: [0, 1].map { label in
          Histogram.Group(
            name: results.classes[label],
            values: results.labels.indices.filter { results.labels[$0] == label }
              .map { results.probability(of: 1, image: $0) })
        },
        arrangement: .overlaid, low: 0, xTitle: "probability of \(results.classes[1])", border: 0.5)
    }
    return Histogram(
      title: "Certainty, right and wrong",
      groups: [true, false].map { wanted in
        Histogram.Group(
          name: wanted ? "named rightly" : "named wrongly",
          values: results.labels.indices.filter { results.isRight(image: $0) == wanted }.map {
            results.certainty(image: $0)
          })
      },
      arrangement: .stacked, low: 0, xTitle: "certainty (probability of the class named)", border: nil)
  }

  private var histogramCaption: HTML {
    if results.classes.count == 2 {
      return """
        How probable the network found “\(results.classes[1])”, coloured by what the picture truly \
        is. Pictures near the dashed line, 0.5, are the ones it was unsure of.
        """
    }
    return """
      How certain the network was of the class that it named. Mistakes should lie to the left; a \
      certain mistake, to the right, is worth a look at the label.
      """
  }

  // MARK: Rejection

  private var rejectionCaption: HTML {
    """
    How often the network is right on the rest when a person takes over the pictures that it is \
    least certain of; a curve that climbs steeply means that its doubts are well placed.
    """
  }

  private var rejectionTable: HTML {
    let rows = results.rejection.rows.map { row -> HTML in
      """
      <tr><td class="number">\(percent(row.share, digits: 0))</td><td class="number">\(grouped(row.kept))</td>\
      <td class="number">\(percent(row.accuracy ?? .nan))</td></tr>
      """
    }
    return """
      <figure><h3>Rejection in numbers</h3><table><thead><tr><th class="number">Set aside</th><th class="number">Pictures left</th>\
      <th class="number">Accuracy</th></tr></thead><tbody>\(rows)</tbody></table></figure>
      """
  }

  // MARK: Classes

  private var classTable: HTML {
    let rows = zip(results.classes, results.confusion.perClass).map { name, score -> HTML in
      """
      <tr><th scope="row">\(name)</th><td class="number">\(grouped(score.support))</td>\
      <td class="number">\(percent(score.precision))</td><td class="number">\(percent(score.recall))</td>\
      <td class="number">\(percent(score.f1))</td></tr>
      """
    }
    return """
      <section><h2>Classes</h2>
      <p>Precision: of the pictures named so, the share that are. Recall: of the pictures that are, the share named so. \
      F1 is their harmonic mean.</p>
      <div class="scroll"><table><thead><tr><th>Class</th><th class="number">Pictures</th><th class="number">Precision</th>\
      <th class="number">Recall</th><th class="number">F1</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  /// The pairs of classes that were taken for each other most often; for two classes the matrix says it all.
  private var mixUps: HTML {
    if results.classes.count < 3 { return "" }
    var pairs: [(label: Int, named: Int, count: Int)] = []
    for label in results.classes.indices {
      for named in results.classes.indices where named != label && results.confusion[label, named] > 0 {
        pairs.append((label, named, results.confusion[label, named]))
      }
    }
    if pairs.isEmpty { return "" }
    pairs.sort { (-$0.count, $0.label, $0.named) < (-$1.count, $1.label, $1.named) }
    let rows = pairs.prefix(10).map { pair -> HTML in
      let total = results.support(pair.label)
      return """
        <tr><td>\(results.classes[pair.label])</td><td>\(results.classes[pair.named])</td>\
        <td class="number">\(grouped(pair.count))</td><td class="number">\(percent(Double(pair.count) / Double(total)))</td></tr>
        """
    }
    return """
      <section><h2>Most frequent mix-ups</h2>
      <div class="scroll"><table><thead><tr><th>True class</th><th>Named as</th><th class="number">Pictures</th>\
      <th class="number">Share of the class</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  // MARK: Mistakes

  private var mistakes: HTML {
    let wrong = results.byCertainty.reversed().filter { !results.isRight(image: $0) }
    if wrong.isEmpty { return "<section><h2>Mistakes</h2><p>None.</p></section>" }
    let rows = wrong.prefix(ResultSections.mistakesShown).map { image -> HTML in
      """
      <tr><td class="path">\(link(results.paths[image]))</td><td>\(results.classes[results.labels[image]])</td>\
      <td>\(results.classes[results.predictions[image]])</td>\
      <td class="number">\(percent(Double(results.certainty(image: image))))</td></tr>
      """
    }
    let isPart = wrong.count > rows.count
    return """
      <section><h2>The most certain mistakes</h2>
      <p>\(isPart ? "The \(rows.count) most certain of \(wrong.count) mistakes" : "All \(counted(wrong.count, "mistake"))"), \
      the most certain first. They are where a wrong label, an odd picture or a weakness of the network shows.</p>
      <div class="scroll"><table><thead><tr><th>File</th><th>True class</th><th>Named as</th>\
      <th class="number">Certainty</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  /// A link that opens the picture when the report is read on the machine that wrote it.
  private func link(_ path: String) -> HTML {
    if picturesFolder == nil && !path.hasPrefix("/") { return HTML(escaping: path) }
    let folder = picturesFolder.map { URL(fileURLWithPath: $0, isDirectory: true) }
    let address = URL(fileURLWithPath: path, relativeTo: folder).absoluteString
    return "<a href=\"\(address)\">\(path)</a>"
  }
}
