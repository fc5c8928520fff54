import Images
import Testing

@Suite("Drawing on pictures") struct DrawingTests {
  private func drawn(_ text: String, width: Int, height: Int, x: Int = 0, y: Int = 0, scale: Int = 1) -> [String] {
    var picture = Picture(width: width, height: height, colour: (255, 255, 255))
    picture.draw(text: text, x: x, y: y, scale: scale)
    return (0..<height).map { row in
      String((0..<width).map { picture[$0, row].red == 0 ? "#" : "." })
    }
  }

  @Test("letters stand on their line, and tails hang below it")
  func letters() {
    #expect(
      drawn("Ag", width: 12, height: 9) == [
        ".###........",
        "#...#.......",
        "#...#..####.",
        "#####.#...#.",
        "#...#.#...#.",
        "#...#.#...#.",
        "#...#..####.",
        "..........#.",
        ".......###..",
      ])
    #expect(drawn("1", width: 10, height: 4, scale: 2) == ["....##....", "....##....", "..####....", "..####...."])
  }

  @Test("accents are taken off, and what is not ASCII is a frame")
  func otherLetters() {
    #expect(drawn("Éü", width: 12, height: 9) == drawn("Eu", width: 12, height: 9))
    #expect(drawn("木", width: 5, height: 2) == ["#####", "#...#"])
    #expect(drawn("\n", width: 5, height: 2) == ["#####", "#...#"])
  }

  @Test("every printable letter differs from every other")
  func distinct() {
    let letters = (0x20...0x7e).map { String(UnicodeScalar($0)!) }
    #expect(Set(letters.map { drawn($0, width: 5, height: 9).joined() }).count == letters.count)
  }

  @Test("what lies outside is left out")
  func clipping() {
    // Of the third to fifth row, the second to fourth column.
    #expect(drawn("A", width: 3, height: 3, x: -1, y: -2) == ["...", "###", "..."])
    #expect(drawn("A", width: 4, height: 2, x: 100, y: -50) == ["....", "...."])
    var picture = Picture(width: 3, height: 2, colour: (9, 9, 9))
    picture.draw(Picture(width: 2, height: 2, colour: (1, 2, 3)), x: -1, y: 1, scale: 2)
    #expect(picture.pixels == [9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 1, 2, 3, 1, 2, 3])
  }

  @Test("a text is cut to the width it has, with a tilde")
  func shortening() {
    #expect(Picture.textSize("abc").width == 17 && Picture.textSize("", scale: 2).width == 0)
    #expect(Picture.shortened("Selaginella", toWidth: 65) == "Selaginella")
    #expect(Picture.shortened("Selaginella", toWidth: 64) == "Selaginel~")
    #expect(Picture.shortened("Selaginella", toWidth: 5) == "~")
    #expect(Picture.shortened("Selaginella", toWidth: 4) == "")
    #expect(Picture.shortened("Selaginella", toWidth: 100, scale: 2) == "Selagin~")
  }
}
