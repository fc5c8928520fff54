/// How many pictures got which probability, in two groups that share the axes.
struct Histogram {
  struct Group {
    let name: String
    let values: [Float]
  }

  enum Arrangement {
    /// The groups overlap, each starting at zero: for comparing two shapes.
    case overlaid
    /// The second group stands on the first: for comparing parts of a whole.
    case stacked
  }

  let title: String
  let groups: [Group]
  let arrangement: Arrangement
  /// The ends of the axis; values lie between them.
  let low: Double
  let xTitle: String
  /// Where a dashed line marks the border of a decision.
  let border: Double?

  static let binCount = 20

  var svg: HTML {
    let counts = groups.map { group in
      group.values.reduce(into: [Int](repeating: 0, count: Histogram.binCount)) { bins, value in
        let place = (Double(value) - low) / (1 - low) * Double(Histogram.binCount)
        bins[min(Histogram.binCount - 1, max(0, place.isFinite ? Int(place) : 0))] += 1
      }
    }
    let highest =
      switch arrangement {
      case .overlaid: counts.joined().max() ?? 0
      case .stacked: (0..<Histogram.binCount).map { bin in counts.reduce(0) { $0 + $1[bin] } }.max() ?? 0
      }
    let x = Axis(low: low, high: 1, step: low > 0.4 ? 0.1 : 0.2, from: Plot.left, to: Plot.right)
    let y = Axis(covering: 0, Double(max(1, highest)), from: Plot.bottom, to: Plot.top, ticks: 5, integers: true)
    let plot = Plot(
      title: title, x: x, y: y, xTitle: xTitle, yTitle: "pictures", xLabel: x.label, yLabel: y.label,
      legend: groups.enumerated().map { (Histogram.shortened($1.name), style($0)) })
    var marks: [HTML] = []
    var floor = [Int](repeating: 0, count: Histogram.binCount)
    for (number, bins) in counts.enumerated() {
      for (bin, count) in bins.enumerated() where count > 0 {
        let from = low + (1 - low) * Double(bin) / Double(Histogram.binCount)
        let to = low + (1 - low) * Double(bin + 1) / Double(Histogram.binCount)
        let top = y.position(Double(floor[bin] + count))
        marks.append(
          """
          <rect class="\(style(number)) bar" x="\(x.position(from) + 0.75)" y="\(top)" \
          width="\(x.position(to) - x.position(from) - 1.5)" height="\(y.position(Double(floor[bin])) - top)">\
          <title>\(groups[number].name), \(fixed(from, 2)) to \(fixed(to, 2)): \(counted(count, "picture"))</title></rect>
          """)
        if arrangement == .stacked { floor[bin] += count }
      }
    }
    if let border {
      let position = x.position(border)
      marks.append(
        "<line class=\"mark\" x1=\"\(position)\" x2=\"\(position)\" y1=\"\(Plot.top)\" y2=\"\(Plot.bottom)\"/>")
    }
    return plot.svg(marks: marks, description: groups.map { "\($0.name): \($0.values.count)" }.joined(separator: "; "))
  }

  private func style(_ group: Int) -> String {
    switch arrangement {
    case .overlaid: "series\(group) overlaid"
    case .stacked: group == 0 ? "right" : "wrong"
    }
  }

  private static func shortened(_ name: String) -> String { name.count <= 20 ? name : name.prefix(19) + "…" }
}
