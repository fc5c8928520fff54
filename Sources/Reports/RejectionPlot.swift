/// The paper's rejection plot: accuracy of what is left when the least certain pictures are set aside.
struct RejectionPlot {
  /// Whether each picture was named rightly, the least certain first.
  let rightByCertainty: [Bool]

  var svg: HTML {
    let points = curve
    let low = points.map(\.accuracy).min() ?? 0
    let x = Axis(low: 0, high: 0.9, step: 0.1, from: Plot.left, to: Plot.right - 8)
    let y = Axis(covering: max(0, min(0.9, low - 0.02)), 1, from: Plot.bottom, to: Plot.top, ticks: 5)
    let plot = Plot(
      title: "Rejection plot", x: x, y: y, xTitle: "least certain pictures set aside", yTitle: "accuracy of the rest",
      xLabel: { percent($0, digits: 0) }, yLabel: { percent($0, digits: y.high - y.low < 0.05 ? 1 : 0) })
    let path = points.map { "\(fixed(x.position($0.share), 1)),\(fixed(y.position($0.accuracy), 1))" }
    var marks: [HTML] = ["<polyline class=\"series0 line\" points=\"\(path.joined(separator: " "))\"/>"]
    var lastLabel = -Double.infinity
    for share in [0.0, 0.1] {
      guard let point = points.first(where: { $0.share >= share }) else { continue }
      let px = x.position(point.share)
      let py = y.position(point.accuracy)
      // Under the point, and clear of the label before.
      var label = py + 20
      if abs(label - lastLabel) < 18 { label = lastLabel + 18 }
      lastLabel = label
      marks.append(
        """
        <circle class="series0 dot" cx="\(px)" cy="\(py)" r="4"/>
        <text class="note" x="\(px + 8)" y="\(label)">\(percent(point.accuracy)) \
        \(share == 0 ? "of all" : "without " + percent(share, digits: 0))</text>
        """)
    }
    return plot.svg(marks: marks, description: "Accuracy of all pictures: \(percent(points.first?.accuracy ?? .nan))")
  }

  /// A point for each number of pictures set aside, up to 90 %; at most some 200 points.
  private var curve: [(share: Double, accuracy: Double)] {
    let total = rightByCertainty.count
    guard total > 0 else { return [] }
    let stride = max(1, total / 200)
    var points: [(share: Double, accuracy: Double)] = []
    var right = rightByCertainty.reduce(0) { $0 + ($1 ? 1 : 0) }
    for removed in 0..<total {
      let share = Double(removed) / Double(total)
      if share > 0.9 { break }
      if removed.isMultiple(of: stride) { points.append((share, Double(right) / Double(total - removed))) }
      if rightByCertainty[removed] { right -= 1 }
    }
    return points
  }
}
