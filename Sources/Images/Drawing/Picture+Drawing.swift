import Foundation

extension Picture {
  /// How much room a line of text takes, in pixels.
  public static func textSize(_ text: String, scale: Int = 1) -> (width: Int, height: Int) {
    let letters = drawable(text).count
    return (max(0, letters * BitmapFont.advance - 1) * scale, BitmapFont.glyphHeight * scale)
  }

  /// The beginning of a line that fits into so many pixels; a tilde is its end where something was left out.
  public static func shortened(_ text: String, toWidth width: Int, scale: Int = 1) -> String {
    let room = max(0, (width / scale + 1) / BitmapFont.advance)
    let letters = drawable(text)
    return letters.count <= room ? String(letters) : String(letters.prefix(max(0, room - 1)) + (room > 0 ? "~" : ""))
  }

  /// Writes a line, its upper left corner at (x, y). What lies outside of the picture is left out.
  ///
  /// Letters have their accents taken off; what is not ASCII then is a frame.
  public mutating func draw(
    text: String, x: Int, y: Int, scale: Int = 1, colour: (red: UInt8, green: UInt8, blue: UInt8) = (0, 0, 0)
  ) {
    for (place, letter) in Picture.drawable(text).enumerated() {
      for (row, bits) in BitmapFont.glyph(letter).enumerated() {
        for column in 0..<BitmapFont.glyphWidth where bits >> (BitmapFont.glyphWidth - 1 - column) & 1 == 1 {
          let left = x + (place * BitmapFont.advance + column) * scale
          fill(x: left..<left + scale, y: y + row * scale..<y + (row + 1) * scale, colour: colour)
        }
      }
    }
  }

  /// Fills a rectangle; what lies outside of the picture is left out.
  public mutating func fill(x: Range<Int>, y: Range<Int>, colour: (red: UInt8, green: UInt8, blue: UInt8)) {
    for row in y.clamped(to: 0..<height) {
      for column in x.clamped(to: 0..<width) { self[column, row] = colour }
    }
  }

  /// Puts another picture on this one, each of its pixels `scale` wide and high; what lies outside is left out.
  public mutating func draw(_ other: Picture, x: Int, y: Int, scale: Int = 1) {
    for row in (y..<y + other.height * scale).clamped(to: 0..<height) {
      for column in (x..<x + other.width * scale).clamped(to: 0..<width) {
        self[column, row] = other[(column - x) / scale, (row - y) / scale]
      }
    }
  }

  private static func drawable(_ text: String) -> [Character] {
    Array(text.folding(options: .diacriticInsensitive, locale: nil))
  }
}
