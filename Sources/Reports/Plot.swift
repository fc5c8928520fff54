/// The frame of a chart: axes, grid, titles and legend, as SVG whose colours come from the page's style sheet.
struct Plot {
  var title: String
  var x: Axis
  var y: Axis
  var xTitle: String
  var yTitle: String
  var xLabel: (Double) -> String
  var yLabel: (Double) -> String
  /// The names of the series with the style classes of their colours, in drawing order; empty: no legend.
  var legend: [(name: String, style: String)] = []

  static let width = 460.0
  static let height = 320.0
  // Room for the labels on each side of the plane.
  static let left = 72.0
  static let right = Plot.width - 18
  static let top = 40.0
  static let bottom = Plot.height - 50

  /// The SVG element with the marks in front of the grid.
  func svg(marks: [HTML], description: String) -> HTML {
    """
    <svg viewBox="0 0 \(Plot.width) \(Plot.height)" role="img" aria-label="\(title). \(description)">
    \(grid)\(legendMarks)\(marks)
    <text class="axis" x="\((Plot.left + Plot.right) / 2)" y="\(Plot.height - 8)" text-anchor="middle">\(xTitle)</text>
    <text class="axis" transform="translate(13 \((Plot.top + Plot.bottom) / 2)) rotate(-90)" text-anchor="middle">\(yTitle)</text>
    </svg>
    """
  }

  private var grid: [HTML] {
    let horizontal = y.ticks.map { tick -> HTML in
      let position = y.position(tick)
      return """
        <line class="grid" x1="\(Plot.left)" x2="\(Plot.right)" y1="\(position)" y2="\(position)"/>
        <text class="tick" x="\(Plot.left - 8)" y="\(position + 4)" text-anchor="end">\(yLabel(tick))</text>
        """
    }
    let vertical = x.ticks.map { tick -> HTML in
      let position = x.position(tick)
      return """
        <line class="edge" x1="\(position)" x2="\(position)" y1="\(Plot.bottom)" y2="\(Plot.bottom + 5)"/>
        <text class="tick" x="\(position)" y="\(Plot.bottom + 19)" text-anchor="middle">\(xLabel(tick))</text>
        """
    }
    let edge: HTML =
      "<line class=\"edge\" x1=\"\(Plot.left)\" x2=\"\(Plot.right)\" y1=\"\(Plot.bottom)\" y2=\"\(Plot.bottom)\"/>"
    return horizontal + vertical + [edge]
  }

  private var legendMarks: [HTML] {
    var position = Plot.left
    return legend.map { entry in
      defer { position += 34 + 7.2 * Double(entry.name.count) }
      return """
        <rect class="\(entry.style) swatch" x="\(position)" y="12" width="12" height="12" rx="2"/>
        <text class="legend" x="\(position + 18)" y="22">\(entry.name)</text>
        """
    }
  }
}
