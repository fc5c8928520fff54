import Foundation
import Images
import Schemas
import TestSupport
import Tensors
import Testing

@Suite("Augmentations of pixels and places") struct PixelAugmentationTests {
  let sizes = [(1, 1), (1, 7), (7, 1), (2, 3), (13, 5), (33, 17)]
  let gray = MovedPixels(fill: nil)

  func apply(
    _ name: String, _ options: [String: OptionValue] = [:], to values: [Float], width: Int, height: Int, seed: Int = 1
  ) throws -> [Float] {
    let always = options.merging(["probability": .number(1)]) { given, _ in given }
    let augmentation = try AugmentationRegistry.augmentation(named: name, options: always)
    var stream = RandomStream(RandomKey(seed: seed))
    return changed(values, width: width, height: height) { augmentation.apply(&$0, stream: &stream) }
  }

  func fill(_ colour: [Double]) throws -> MovedPixels {
    let options: [String: OptionValue] = ["fill": .list(colour.map { .number($0) })]
    let translate = try AugmentationRegistry.augmentation(named: "translate", options: options)
    return try #require((translate as? Translate)?.pixels)
  }

  @Test("grayscale, invert and solarise do to each pixel what their formulas say")
  func pixels() throws {
    let two: [Float] = [255, 0, 0, 10, 100, 200]
    let weighted: Float = 0.2989 * 10 + 0.587 * 100 + 0.114 * 200
    expectClose(
      try apply("grayscale", to: two, width: 2, height: 1), [76.2195, 76.2195, 76.2195, weighted, weighted, weighted])
    #expect(try apply("invert", to: two, width: 2, height: 1) == [0, 255, 255, 245, 155, 55])
    #expect(try apply("solarise", to: two, width: 2, height: 1) == [0, 0, 0, 10, 100, 55])
    let exact: [Float] = [51, 50.9, 51.1]
    let solarised = try apply("solarise", ["threshold": .number(0.2)], to: exact, width: 1, height: 1)
    expectClose(solarised, [204, 50.9, 203.9])
    let added = try apply(
      "solarise", ["threshold": .number(0.5), "addition": .number(0.4)], to: two, width: 2, height: 1)
    expectClose(added, [255, 102, 102, 112, 202, 200])
    expectClose(
      try apply("solarise", ["threshold": .number(1), "addition": .number(1)], to: two, width: 2, height: 1),
      [255, 255, 255, 255, 255, 255])
  }

  @Test("the fast loops do the same at every length")
  func lengths() throws {
    for (width, height) in sizes {
      let values = randomValues(width * height * 3, seed: width * 31 + height, 0, 255)
      let solarised = try apply("solarise", to: values, width: width, height: height)
      #expect(solarised == values.map { $0 >= 127.5 ? 255 - $0 : $0 })
      let added = try apply("solarise", ["addition": .number(0.25)], to: values, width: width, height: height)
      #expect(added == values.map { $0 < 127.5 ? min(255, $0 + 63.75) : $0 })
    }
  }

  @Test("solarise draws its threshold from a range")
  func threshold() throws {
    let ramp = (0..<256 * 3).map { Float($0 / 3) }
    let range: [String: OptionValue] = ["threshold": .list([.number(0.25), .number(0.75)])]
    let firsts = try (0..<60).map { seed in
      let found = try apply("solarise", range, to: ramp, width: 256, height: 1, seed: seed)
      return zip(found, ramp).enumerated().first { $1.0 != $1.1 }.map { $0.offset / 3 } ?? 256
    }
    #expect(firsts.allSatisfy { (64...192).contains($0) } && Set(firsts).count > 30)
  }

  @Test("a translation moves whole pixels and fills what it leaves")
  func translation() throws {
    let picture = filled(3, 2) { x, y in [Float(10 * y + x), 50, 60] }
    let moved = changed(picture, width: 3, height: 2) {
      Translate.move(&$0, columns: 1, rows: -1, try! fill([1, 2, 3]))
    }
    #expect(moved == [1, 2, 3, 10, 50, 60, 11, 50, 60] + [1, 2, 3, 1, 2, 3, 1, 2, 3])
    let repeated = changed(picture, width: 3, height: 2) { Translate.move(&$0, columns: -2, rows: 1, gray) }
    let reds = stride(from: 0, to: 18, by: 3).map { repeated[$0] }
    #expect(reds == [2, 2, 2, 2, 2, 2])
  }

  @Test("a translation is within its shares of the sides, whole, and the pixels' bits stay")
  func translationRange() throws {
    let (width, height) = (40, 20)
    let picture = filled(width, height) { x, y in [Float(x), Float(y), 7.3] }
    var columns = Set<Int>()
    var rows = Set<Int>()
    for seed in 0..<200 {
      let found = try apply(
        "translate", ["x": .number(0.2), "y": .number(0.1), "fill": .string("edge")], to: picture, width: width,
        height: height, seed: seed)
      let middle = (height / 2 * width + width / 2) * 3
      columns.insert(width / 2 - Int(found[middle]))
      rows.insert(height / 2 - Int(found[middle + 1]))
      #expect(found.allSatisfy { $0 == $0.rounded() || $0 == 7.3 })
    }
    #expect(columns == Set(-8...8) && rows == Set(-2...2))
  }

  @Test("a shear moves rows by their distance from the middle, and columns after that")
  func shear() throws {
    // A ramp stays a ramp: its slope says where each pixel came from.
    let (width, height) = (9, 7)
    let ramp = filled(width, height) { x, y in [Float(10 * x), Float(10 * y), 5] }
    let found = changed(ramp, width: width, height: height) { Shear.shear(&$0, x: 0.5, y: -0.25, gray) }
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = (Float(x) - 4, Float(y) - 3)
        let column = u + 0.5 * v + 4
        let row = v - 0.25 * (u + 0.5 * v) + 3
        if !(0...8).contains(column) || !(0...6).contains(row) { continue }
        let pixel = (y * width + x) * 3
        #expect(abs(found[pixel] - 10 * column) < 1e-3 && abs(found[pixel + 1] - 10 * row) < 1e-3)
      }
    }
    let still = changed(ramp, width: width, height: height) { Shear.shear(&$0, x: 0, y: 0, gray) }
    #expect(still == ramp)
  }

  @Test("what a shear brings in is the fill, blended at the picture's edge")
  func shearFill() throws {
    let white = [Float](repeating: 255, count: 5 * 5 * 3)
    let black = try fill([0, 0, 0])
    let found = changed(white, width: 5, height: 5) { Shear.shear(&$0, x: 0.75, y: 0, black) }
    // The first row comes from 1.5 to the left, the last from 1.5 to the right.
    let first = stride(from: 0, to: 15, by: 3).map { found[$0] }
    let last = stride(from: 60, to: 75, by: 3).map { found[$0] }
    #expect(first == [0, 127.5, 255, 255, 255] && last == [255, 255, 255, 127.5, 0])
    let edge = changed(white, width: 5, height: 5) { Shear.shear(&$0, x: 3, y: 3, gray) }
    #expect(edge == white)
  }

  @Test("moves and blurs stay within the picture's numbers at every size")
  func awkwardSizes() throws {
    for (width, height) in sizes {
      let values = randomValues(width * height * 3, seed: width + 50 * height, 20, 230)
      for name in ["shear", "translate", "gaussian_blur"] {
        for seed in 0..<10 {
          var options: [String: OptionValue] = ["fill": .string("edge"), "x": .number(1), "y": .number(1)]
          if name == "gaussian_blur" { options = ["sigma": .list([.number(1), .number(9)]), "kernel": .number(1)] }
          let found = try apply(name, options, to: values, width: width, height: height, seed: seed)
          #expect(found.allSatisfy { $0 > 19.99 && $0 < 230.01 }, "\(name) \(width) x \(height)")
        }
      }
    }
  }

  /// The blur as its definition has it: every pixel of the kernel's square, in Double.
  func slowBlur(_ values: [Float], width: Int, height: Int, sigma: Double, radius: Int) -> [Float] {
    let offsets = -radius...radius
    func weight(_ k: Int) -> Double { exp(-Double(k * k) / (2 * sigma * sigma)) }
    let sum = offsets.map(weight).reduce(0, +)
    var result: [Float] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          var total = 0.0
          for dy in offsets {
            for dx in offsets {
              let (row, column) = (min(height - 1, max(0, y + dy)), min(width - 1, max(0, x + dx)))
              total += weight(dy) * weight(dx) * Double(values[(row * width + column) * 3 + c])
            }
          }
          result.append(Float(total / (sum * sum)))
        }
      }
    }
    return result
  }

  @Test("the blur is the Gaussian's, at awkward sizes and with kernels larger than the picture")
  func blur() {
    for (width, height) in sizes {
      let values = randomValues(width * height * 3, seed: width * height, 0, 255)
      for (sigma, radius) in [(Float(0.1), 1), (0.8, 2), (2, 4), (3, 9)] {
        let found = changed(values, width: width, height: height) {
          GaussianBlur.blur(&$0, sigma: sigma, radius: radius)
        }
        let expected = slowBlur(values, width: width, height: height, sigma: Double(sigma), radius: radius)
        expectClose(found, expected, tolerance: 2e-6, "\(width) x \(height), \(sigma)")
      }
    }
  }

  @Test("the blur's kernel is a tenth of the picture: a point spreads no further")
  func blurReach() throws {
    let side = 60
    var point = [Float](repeating: 0, count: side * side * 3)
    point[(30 * side + 30) * 3] = 255
    let found = try apply(
      "gaussian_blur", ["sigma": .list([.number(50), .number(50)])], to: point, width: side, height: side)
    let lit = (0..<side * side).filter { found[3 * $0] > 0 }
    #expect(Set(lit.map { $0 % side }) == Set(27...33) && Set(lit.map { $0 / side }) == Set(27...33))
    #expect(abs(found.reduce(0, +) - 255) < 0.01)
  }

  @Test("noise has the asked deviation, differs in every number, and is clamped")
  func noise() throws {
    let count = 100 * 90 * 3
    let middle = [Float](repeating: 128, count: count)
    let fixed: [String: OptionValue] = ["deviation": .list([.number(0.1), .number(0.1)])]
    let noise = try apply("gaussian_noise", fixed, to: middle, width: 100, height: 90).map { Double($0) - 128 }
    let mean = noise.reduce(0, +) / Double(count)
    let variance = noise.map { $0 * $0 }.reduce(0, +) / Double(count)
    #expect(abs(mean) < 0.5 && abs(variance.squareRoot() - 25.5) < 0.4)
    let strong: [String: OptionValue] = ["deviation": .list([.number(1), .number(1)])]
    let clamped = try apply("gaussian_noise", strong, to: middle, width: 100, height: 90)
    #expect(clamped.min() == 0 && clamped.max() == 255)
    let least: [String: OptionValue] = ["deviation": .list([.number(0), .number(0)])]
    #expect(try apply("gaussian_noise", least, to: middle, width: 100, height: 90) == middle)
    #expect(
      try apply("gaussian_noise", fixed, to: middle, width: 100, height: 90, seed: 2).map { Double($0) - 128 } != noise)
  }

  @Test("each is applied as often as its probability says")
  func probability() throws {
    let values = randomValues(8 * 8 * 3, seed: 4, 60, 200)
    for (name, share) in [("grayscale", 0.25), ("invert", 0.5), ("solarise", 0.5), ("translate", 0.3)] {
      let options: [String: OptionValue] = ["probability": .number(share)]
      let count = try (0..<400).count { try apply(name, options, to: values, width: 8, height: 8, seed: $0) != values }
      // A translation of 8 pixels by a tenth is often none at all.
      let low = name == "translate" ? 0.1 : share - 0.08
      #expect((low * 400...(share + 0.08) * 400).contains(Double(count)), "\(name): \(count)")
    }
  }

  @Test("impossible options are refused")
  func errors() {
    let bad: [(String, [String: OptionValue])] = [
      ("shear", ["fill": .list([.number(1), .number(2)])]), ("translate", ["fill": .string("wrap")]),
      ("translate", ["x": .number(2)]), ("gaussian_blur", ["sigma": .list([.number(2), .number(1)])]),
      ("gaussian_blur", ["sigma": .list([.number(0), .number(1)])]), ("gaussian_noise", ["deviation": .number(0.1)]),
      ("solarise", ["threshold": .list([.number(0.5)])]), ("grayscale", ["probability": .number(1.5)]),
      ("colour_jitter", ["order": .list([.string("gamma")])]),
    ]
    for (name, options) in bad {
      #expect(throws: OptionError.self, "\(name)") {
        try AugmentationRegistry.augmentation(named: name, options: options)
      }
    }
  }
}
