/// Lines over the epochs: one chart for one metric, a line each for training and validation.
public struct Curve: Sendable {
  public struct Series: Sendable {
    public let name: String
    public let points: [(epoch: Int, value: Double)]

    public init(name: String, points: [(epoch: Int, value: Double)]) {
      self.name = name
      self.points = points
    }
  }

  public let title: String
  public let series: [Series]
  /// The epoch whose weights were kept, marked by a line.
  public let bestEpoch: Int?
  /// A share of 1 is drawn in per cent.
  public let isShare: Bool

  public init(title: String, series: [Series], bestEpoch: Int?, isShare: Bool) {
    self.title = title
    self.series = series
    self.bestEpoch = bestEpoch
    self.isShare = isShare
  }

  /// nil when there is nothing to draw.
  var svg: HTML? {
    let series = series.map { series in
      Series(name: series.name, points: series.points.filter { $0.value.isFinite })
    }.filter { !$0.points.isEmpty }
    let epochs = series.flatMap { $0.points.map(\.epoch) }
    let values = series.flatMap { $0.points.map(\.value) }
    guard let first = epochs.min(), let last = epochs.max(), let low = values.min(), let high = values.max() else {
      return nil
    }
    let x = Axis(
      covering: Double(first), Double(max(last, first + 1)), from: Plot.left + 8, to: Plot.right - 8, ticks: 8,
      integers: true)
    let y = Axis(
      covering: isShare ? low : min(0, low), isShare ? max(high, low + 0.01) : high, from: Plot.bottom, to: Plot.top,
      ticks: 5)
    let digits = y.high - y.low < 0.05 ? 1 : 0
    let yLabel: (Double) -> String = isShare ? { percent($0, digits: digits) } : { y.label($0) }
    let plot = Plot(
      title: title, x: x, y: y, xTitle: "epoch", yTitle: title.lowercased(), xLabel: { x.label($0) }, yLabel: yLabel,
      legend: series.map { (name: $0.name, style: Curve.style($0)) })
    var marks: [HTML] = []
    if let bestEpoch {
      let position = x.position(Double(bestEpoch))
      // The word goes to the side of the line where there is room.
      let isLeft = position > Plot.right - 90
      marks.append(
        """
        <line class="mark" x1="\(position)" x2="\(position)" y1="\(Plot.top)" y2="\(Plot.bottom)"/>
        <text class="note" x="\(position + (isLeft ? -5 : 5))" y="\(Plot.top + 4)" \
        text-anchor="\(isLeft ? "end" : "start")">best: \(bestEpoch)</text>
        """)
    }
    for line in series {
      marks.append(contentsOf: Curve.marks(line, style: Curve.style(line), x: x, y: y, label: plot.yLabel))
    }
    let summary = series.map {
      "\($0.name): from \(fixed($0.points[0].value, 4)) to \(fixed($0.points.last?.value ?? 0, 4))"
    }
    return plot.svg(marks: marks, description: summary.joined(separator: "; "))
  }

  /// Training and validation have their own colours, also where one of them stands alone.
  private static func style(_ series: Series) -> String { series.name == "validation" ? "series1" : "series0" }

  private static func marks(_ line: Series, style: String, x: Axis, y: Axis, label: (Double) -> String) -> [HTML] {
    let places = line.points.map { (x.position(Double($0.epoch)), y.position($0.value)) }
    let path = places.map { "\(fixed($0.0, 1)),\(fixed($0.1, 1))" }.joined(separator: " ")
    var marks: [HTML] = ["<polyline class=\"\(style) line\" points=\"\(path)\"/>"]
    if places.count <= 60 {
      marks += zip(places, line.points).map { place, point in
        """
        <circle class="\(style) dot" cx="\(place.0)" cy="\(place.1)" r="2.6">\
        <title>epoch \(point.epoch), \(line.name): \(fixed(point.value, 4))</title></circle>
        """
      }
    }
    return marks
  }
}
