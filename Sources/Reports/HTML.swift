/// A piece of HTML that is known to be well formed; text gets in only through `escaping`.
struct HTML: Sendable, ExpressibleByStringInterpolation {
  let source: String

  init(stringLiteral source: String) { self.source = source }

  init(trusted source: String) { self.source = source }

  /// Text as a page shows it: no character of it is taken for markup, in an element or in a quoted attribute.
  init(escaping text: String) {
    var source = ""
    source.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": source += "&amp;"
      case "<": source += "&lt;"
      case ">": source += "&gt;"
      case "\"": source += "&quot;"
      case "'": source += "&#39;"
      case "\n", "\t": source.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: source += "\u{fffd}"
      default: source.unicodeScalars.append(scalar)
      }
    }
    self.source = source
  }

  init(stringInterpolation: Interpolation) { source = stringInterpolation.source }

  static func + (left: HTML, right: HTML) -> HTML { HTML(trusted: left.source + right.source) }

  /// Interpolated text is escaped; interpolated HTML and numbers stand as they are.
  struct Interpolation: StringInterpolationProtocol {
    var source = ""

    init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { source += literal }
    mutating func appendInterpolation(_ text: String) { source += HTML(escaping: text).source }
    mutating func appendInterpolation(_ html: HTML) { source += html.source }
    mutating func appendInterpolation(_ html: [HTML]) { for piece in html { source += piece.source } }
    mutating func appendInterpolation(_ number: Int) { source += String(number) }
    /// A coordinate of a drawing, to a tenth of a pixel.
    mutating func appendInterpolation(_ number: Double) { source += fixed(number, 1) }
  }
}
