import Images
import Tensors
import TestSupport
import Testing

@Suite("Simulated corruptions") struct CorruptionTests {
  /// Noise, so that every pixel has neighbours that differ.
  private func noise(_ width: Int, _ height: Int, seed: Int = 1) -> Picture {
    let values = randomValues(width * height * 3, seed: seed, 1, 256)
    return Picture(width: width, height: height, pixels: values.map { UInt8($0) })
  }

  private func corrupted(_ kind: Corruption, _ picture: Picture, seed: Int = 1) throws -> Picture {
    var stream = RandomStream(RandomKey(seed: seed))
    return try kind.applied(to: picture, stream: &stream)
  }

  @Test(
    "every kind changes pictures of any size, the same way for the same seed",
    arguments: Corruption.allCases)
  func sizes(kind: Corruption) throws {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (7, 50), (64, 64)] {
      let picture = noise(width, height)
      let found = try (0..<12).map { try corrupted(kind, picture, seed: $0) }
      #expect(found.allSatisfy { $0.width == width && $0.height == height })
      #expect(try found[3] == corrupted(kind, picture, seed: 3))
      if width > 1, height > 1 {
        #expect(
          found.count { $0 != picture } > 8 && Set(found.map(\.pixels)).count > 6,
          "\(width) x \(height)")
      }
    }
  }

  @Test("a mask covers the full width from a row to the bottom, most often in black or gray")
  func mask() throws {
    let picture = noise(20, 200)
    var colours: [[UInt8]: Int] = [:]
    var tops: [Int] = []
    for seed in 0..<200 {
      let found = try corrupted(.mask, picture, seed: seed)
      let top = (0..<200).first { y in (0..<20).contains { found[$0, y] != picture[$0, y] } } ?? 200
      tops.append(top)
      #expect(found.pixels[..<(top * 60)] == picture.pixels[..<(top * 60)])
      if top == 200 { continue }
      let colour = Array(found.pixels.suffix(3))
      colours[colour, default: 0] += 1
      #expect((top * 20..<4000).allSatisfy { Array(found.pixels[3 * $0..<3 * $0 + 3]) == colour })
    }
    #expect(
      (60...135).contains(colours[[0, 0, 0]] ?? 0)
        && (50...120).contains(colours[[128, 128, 128]] ?? 0))
    // The mean of max(0, N(0.148, 0.199)) of the height is 0.17 of it.
    #expect((28...42).contains(tops.reduce(0, +) / 200) && tops.min() == 0)
  }

  @Test("a double mask has two colours, or one where the second covers the first")
  func doubleMask() throws {
    let picture = noise(8, 300)
    let counts = try (0..<100).map { seed in
      let found = try corrupted(.doubleMask, picture, seed: seed)
      let rows = (0..<300).map { y in
        Set((0..<8).map { x in [found[x, y].red, found[x, y].green, found[x, y].blue] })
      }
      // Rows of noise have as many colours as pixels.
      return Set(rows.filter { $0.count == 1 }).count
    }
    #expect(Set(counts) == [1, 2])
  }

  @Test("a translucent mask darkens the lower part evenly, by 8 to 32 percent")
  func translucent() throws {
    let white = Picture(width: 10, height: 100, colour: (200, 100, 50))
    for seed in 0..<50 {
      let found = try corrupted(.translucentMask, white, seed: seed)
      let share = 1 - Float(found[0, 99].red) / 200
      #expect(share > 0.075 && share < 0.325)
      let top = (0..<100).first { found[5, $0].red != 200 } ?? 100
      #expect((25...56).contains(top))
      #expect(
        (top..<100).allSatisfy { found[9, $0] == found[0, 99] }
          && found[9, top - 1] == (200, 100, 50))
    }
  }

  @Test("a blur is the mean of a square of 16 to 48 pixels, the edges mirrored")
  func blur() throws {
    var picture = Picture(width: 101, height: 99, colour: (0, 0, 0))
    for y in 0..<99 { for x in 0..<50 { picture[x, y] = (240, 240, 240) } }
    for seed in 0..<20 {
      let found = try corrupted(.blur, picture, seed: seed)
      let between = (0..<101).count { x in found[x, 40].red > 0 && found[x, 40].red < 240 }
      #expect((15...48).contains(between))
      #expect((0..<101).allSatisfy { found[$0, 0] == found[$0, 98] }, "rows are alike")
      #expect((1..<101).allSatisfy { found[$0, 40].red <= found[$0 - 1, 40].red })
    }
  }

  @Test("an overflow exchanges red and blue, and leaves gray gray")
  func overflow() throws {
    for seed in 0..<20 {
      let gray = try corrupted(
        .overflow, Picture(width: 2, height: 2, colour: (90, 90, 90)), seed: seed)
      #expect(gray[0, 0].red == gray[0, 0].green && gray[0, 0].green == gray[0, 0].blue)
      // Not so much that anything overflows: the order of the colours turns round.
      let dim = try corrupted(
        .overflow, Picture(width: 1, height: 1, colour: (31, 28, 27)), seed: seed)
      #expect(dim[0, 0].blue > dim[0, 0].green && dim[0, 0].green > dim[0, 0].red)
    }
  }
}
