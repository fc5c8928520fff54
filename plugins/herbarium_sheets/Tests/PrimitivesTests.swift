import Foundation
import Testing

import HerbariumSheets

@Suite("Random numbers and geometry")
struct GeometryTests {
  @Test("a source gives the numbers of its counter, whatever else is drawn")
  func sourcesAreIndependent() {
    var plain = RandomSource(seed: 1, index: 2, purpose: .paper)
    var other = RandomSource(seed: 1, index: 2, purpose: .plant)
    let first = plain.next()
    #expect(first != other.next())
    var again = RandomSource(seed: 1, index: 2, purpose: .paper)
    _ = again.fork()
    var third = RandomSource(seed: 1, index: 2, purpose: .paper)
    #expect(third.next() == first)
    #expect(third.next() == again.next())
  }

  @Test("whole numbers below a bound take every value of it and no other")
  func integersFillTheirRange() {
    var random = RandomSource(seed: 3, index: 0, purpose: .paper)
    var seen = Set<Int>()
    for _ in 0..<400 { seen.insert(random.integer(2...7)) }
    #expect(seen == [2, 3, 4, 5, 6, 7])
  }

  @Test("the bell has mean 0 and deviation 1")
  func bellIsABell() {
    var random = RandomSource(seed: 4, index: 0, purpose: .paper)
    let values = (0..<20_000).map { _ in random.bell() }
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.05)
  }

  @Test(
    "directions agree with sine and cosine", arguments: [-40.0, -3.3, -0.7, 0, 0.1, 1.5707964, 2.5, 9, 40] as [Float])
  func directionsAreRight(angle: Float) {
    let made = direction(angle)
    #expect(abs(Double(made.x) - cos(Double(angle))) < 4e-6)
    #expect(abs(Double(made.y) - sin(Double(angle))) < 4e-6)
  }

  @Test("noise stays within 0 and 1 and does not jump")
  func noiseIsSmooth() {
    var random = RandomSource(seed: 5, index: 0, purpose: .paper)
    let noise = Noise(&random)
    var last = noise.value(-3, 0.4)
    for step in -299...600 {
      let value = noise.value(Float(step) * 0.01, 0.4)
      #expect((0...1).contains(value))
      #expect(abs(value - last) < 0.03)
      last = value
    }
  }
}

@Suite("Canvas")
struct CanvasTests {
  private func inked(_ draw: (Canvas) -> Void) -> Float {
    let canvas = Canvas(width: 64, height: 48)
    draw(canvas)
    return (0..<canvas.count).reduce(0) { $0 + canvas.pixels[$1].w }
  }
  private let ink = Ink.paint(Colour(1, 1, 1))

  @Test("a disc covers its area", arguments: [0.2, 0.5, 1.5, 6, 17.3] as [Float])
  func discArea(radius: Float) {
    let area = inked { $0.disc(Point(30.3, 22.8), radius, ink) }
    #expect(abs(area - .pi * radius * radius) < 0.05 * .pi * radius * radius + 0.1)
  }

  @Test(
    "a line covers its length times its width, however thin and in whatever direction",
    arguments: [0.05, 0.3, 1, 3] as [Float])
  func lineArea(radius: Float) {
    for angle: Float in [0, 0.3, 0.785, 1.2, 1.5707964, 2.9] {
      let half = direction(angle) * 12
      let middle = Point(31.2, 23.9)
      let area = inked { $0.stroke(from: middle - half, to: middle + half, (radius, radius), ink, isFlat: true) }
      #expect(abs(area - 48 * radius) < 0.12 * 48 * radius, "angle \(angle)")
    }
  }

  @Test("a rectangle on the pixel grid covers just its pixels")
  func rectangleIsExact() {
    let area = inked { $0.rectangle(Point(20, 20), half: Point(4, 2.5), ink) }
    #expect(abs(area - 40) < 1e-3)
  }

  @Test("a polygon covers its area")
  func polygonArea() {
    let area = inked { $0.polygon([Point(10, 10), Point(40, 14), Point(22, 40)], ink) }
    #expect(abs(area - 426) < 3)
  }

  @Test("nothing is drawn outside, nor of what is no number")
  func outsideIsSafe() {
    let area = inked { canvas in
      canvas.disc(Point(-40, 500), 9, ink)
      canvas.stroke(from: Point(-90, -80), to: Point(-5, -70), (2, 2), ink)
      canvas.disc(Point(.nan, 3), 2, ink)
      canvas.leaf(Point(900, 3), along: Point(1, 0), length: 20, halfWidth: 2, .ovate, Colour(1, 1, 1))
      canvas.polygon([Point(-9, -9), Point(-4, -9), Point(-4, -3)], ink)
    }
    #expect(area == 0)
  }
}

@Suite("L-system and fields")
struct GrowthTests {
  /// Every apex becomes a piece of stem with two apices: a binary tree.
  private struct Forks: Grammar {
    let axiom: [Module] = [.apex(0)]
    let steps = 3
    func rewrite(_ apex: Module, _ random: inout RandomSource, into word: inout [Module]) {
      word += [.stem(1), .push(.shoot, 1), .turn(-0.5), .apex(0), .pop, .push(.shoot, 1), .turn(0.5), .apex(0), .pop]
    }
  }

  @Test("three steps of forking give 7 pieces of stem in 15 axes, 7 of them with a length")
  func forking() {
    var random = RandomSource(seed: 1, index: 1, purpose: .plant)
    let word = Forks().derive(&random)
    #expect(word.count { $0.letter == .stem } == 7)
    #expect(word.count { $0.letter == .push } == 14)
    let axes = Turtle(tropism: 0, wander: 0, piece: 1).trace(word, heading: 0, &random)
    #expect(axes.count == 7)
    #expect(axes.allSatisfy { abs($0.extent - 1) < 1e-5 })
  }

  @Test("a fitted plant lies within its box")
  func fitting() {
    var random = RandomSource(seed: 7, index: 1, purpose: .plant)
    for form in Clubmoss.Form.allCases {
      var skeleton = Clubmoss(form, &random).grow(&random)
      skeleton.fit(low: Point(0.1, 0.2), high: Point(0.5, 0.9), anchor: Point(0.5, 1))
      for point in skeleton.axes.flatMap(\.points) {
        #expect(point.x > 0.0999 && point.x < 0.5001 && point.y > 0.1999 && point.y < 0.9001)
      }
    }
  }

  @Test("every growth form grows", arguments: 0..<12)
  func formsGrow(seed: UInt64) {
    var random = RandomSource(seed: seed, index: 1, purpose: .plant)
    for form in Clubmoss.Form.allCases { #expect(Clubmoss(form, &random).grow(&random).axes.count > 3) }
    for form in Spikemoss.Form.allCases { #expect(Spikemoss(form, &random).grow(&random).axes.count > 3) }
  }

  @Test("blurring keeps a flat field flat and a spot's sum")
  func blur() {
    var flat = ScalarField(side: 40)
    for i in flat.values.indices { flat.values[i] = 0.5 }
    #expect(flat.blurred(0.1).values.allSatisfy { abs($0 - 0.5) < 1e-5 })
    var spot = ScalarField(side: 40)
    spot.values[20 * 40 + 20] = 1
    #expect(abs(spot.blurred(0.08).values.reduce(0, +) - 1) < 1e-4)
  }
}
