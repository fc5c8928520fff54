import Images
import Schemas
import Tensors
import TestSupport
import Testing

/// Runs a change on a copy of the pixels.
func changed(_ values: [Float], width: Int, height: Int, _ body: (inout PixelImage) -> Void) -> [Float] {
  var copy = values
  copy.withUnsafeMutableBufferPointer { buffer in
    var image = PixelImage(height: height, width: width, pointer: buffer.baseAddress!)
    body(&image)
  }
  return copy
}

/// Pixels by column and row.
func filled(_ width: Int, _ height: Int, _ colour: (Int, Int) -> [Float]) -> [Float] {
  var values: [Float] = []
  for y in 0..<height { for x in 0..<width { values += colour(x, y) } }
  return values
}

@Suite("Augmentations") struct AugmentationTests {
  /// 3 wide, 2 high; the red channel counts.
  let small = filled(3, 2) { x, y in [Float(y * 3 + x), 10, 20] }

  func reds(_ values: [Float]) -> [Float] { stride(from: 0, to: values.count, by: 3).map { values[$0] } }

  func apply(
    _ name: String, _ options: [String: OptionValue] = [:], to values: [Float], width: Int, height: Int, seed: Int = 1
  ) throws -> [Float] {
    let augmentation = try AugmentationRegistry.augmentation(named: name, options: options)
    var stream = RandomStream(RandomKey(seed: seed))
    return changed(values, width: width, height: height) { augmentation.apply(&$0, stream: &stream) }
  }

  @Test("flips mirror, and with probability 0 do nothing")
  func flips() throws {
    let always: [String: OptionValue] = ["probability": .number(1)]
    #expect(try reds(apply("flip_horizontal", always, to: small, width: 3, height: 2)) == [2, 1, 0, 5, 4, 3])
    #expect(try reds(apply("flip_vertical", always, to: small, width: 3, height: 2)) == [3, 4, 5, 0, 1, 2])
    let names = AugmentationRegistry.all.map { $0.schema.name }
    for name in names {
      #expect(try apply(name, ["probability": .number(0)], to: small, width: 3, height: 2) == small, "\(name)")
    }
  }

  @Test("quarter turns go clockwise, and four of them are none")
  func quarterTurns() {
    let square = filled(2, 2) { x, y in [Float(y * 2 + x), 0, 0] }
    let turns = (0..<4).map { quarters in
      reds(changed(square, width: 2, height: 2) { QuarterTurns.turn(&$0, quarters: quarters) })
    }
    #expect(turns == [[0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0], [1, 3, 0, 2]])
    let half = changed(small, width: 3, height: 2) { QuarterTurns.turn(&$0, quarters: 2) }
    #expect(reds(half) == [5, 4, 3, 2, 1, 0])
  }

  @Test("a quarter turn of a picture that is not square stretches it back")
  func quarterTurnOfRectangle() {
    // Brighter to the right becomes brighter downwards.
    let (width, height) = (40, 10)
    let ramp = filled(width, height) { x, _ in [Float(x), Float(x), 7] }
    let turned = reds(changed(ramp, width: width, height: height) { QuarterTurns.turn(&$0, quarters: 1) })
    for y in 0..<height {
      let row = turned[y * width..<(y + 1) * width]
      #expect(row.allSatisfy { abs($0 - (Float(4 * y) + 1.5)) < 1e-4 }, "row \(y)")
    }
  }

  @Test("crop and resize samples as TensorFlow does", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func goldenCrop() throws {
    let golden = try Golden.load("training/image_crop_and_resize")
    let (images, boxes) = (golden.values("images"), golden.values("boxes"))
    let size = 20 * 24 * 3
    var found: [Float] = []
    for i in 0..<6 {
      let box = CropBox(y1: boxes[4 * i], x1: boxes[4 * i + 1], y2: boxes[4 * i + 2], x2: boxes[4 * i + 3])
      let source = Array(images[i * size..<(i + 1) * size])
      found += changed([Float](repeating: -1, count: 16 * 16 * 3), width: 16, height: 16) {
        box.cropAndResize(source, width: 24, height: 20, into: &$0)
      }
    }
    expectClose(found, golden.values("output"), tolerance: 1e-5)
  }

  @Test("colour changes are TensorFlow's", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func goldenColour() throws {
    let golden = try Golden.load("training/image_colour")
    let image = golden.values("image")
    for (change, name) in [
      (ColourChange.brightness(0.3 / 255), "brightness_0_3"), (.contrast(0.7), "contrast_0_7"),
      (.hue(0.07), "hue_0_07"), (.saturation(1.15), "saturation_1_15"),
    ] {
      let found = changed(image, width: 9, height: 8) { change.apply(&$0) }
      // Hue and saturation were computed on image / 255.
      let expected = golden.values(name)
      let scale: Float = (expected.max() ?? 0) <= 1.01 ? 255 : 1
      expectClose(found, expected.map { $0 * scale }, tolerance: 2e-5, name)
    }
  }

  @Test("a hue turned all the way round, step by step, is the same again")
  func hueCircle() {
    let values = randomValues(300, seed: 2, 0, 255)
    for turns in [Float(0.25), -0.25, 0.5, 0.1] {
      let found = changed(values, width: 10, height: 10) {
        for _ in 0..<Int((1 / abs(turns)).rounded()) { ColourChange.hue(turns).apply(&$0) }
      }
      expectClose(found, values, tolerance: 1e-3)
    }
  }

  @Test("colour jitter stays within 0 to 255 and leaves black and white alone when only the hue turns")
  func jitter() throws {
    let strong: [String: OptionValue] = [
      "brightness": .number(1), "contrast": .number(1), "saturation": .number(1), "hue": .number(0.5),
    ]
    for seed in 0..<20 {
      let values = randomValues(7 * 5 * 3, seed: seed, 0, 255)
      let found = try apply("colour_jitter", strong, to: values, width: 7, height: 5, seed: seed)
      #expect(found.allSatisfy { $0 >= 0 && $0 <= 255 })
    }
    let gray: [Float] = [0, 0, 0, 255, 255, 255, 100, 100, 100]
    let hue: [String: OptionValue] = [
      "brightness": .number(0), "contrast": .number(0), "saturation": .number(0), "hue": .number(0.5),
    ]
    #expect(try apply("colour_jitter", hue, to: gray, width: 3, height: 1) == gray)
  }

  @Test("colour jitter makes its changes in all 24 orders, or in the one that is given")
  func orders() throws {
    let steps = ["brightness", "contrast", "saturation", "hue"]
    let values = randomValues(4 * 3 * 3, seed: 9, 40, 200)
    let orders = permutations(steps)
    #expect(orders.count == 24)
    var counts = [Int](repeating: 0, count: 24)
    for seed in 0..<240 {
      func run(_ order: OptionValue) throws -> [Float] {
        try apply("colour_jitter", ["order": order, "hue": .number(0.4)], to: values, width: 4, height: 3, seed: seed)
      }
      let drawn = try run(.string("random"))
      let given = try orders.map { try run(.list($0.map { .string($0) })) }
      let place = try #require(given.firstIndex(of: drawn))
      counts[place] += 1
    }
    #expect(counts.allSatisfy { $0 > 0 }, "\(counts)")
    let alone = try apply(
      "colour_jitter", ["order": .list([.string("brightness")])], to: values, width: 4, height: 3, seed: 3)
    let differences = zip(alone, values).map { $0 - $1 }
    #expect(differences.allSatisfy { abs($0 - differences[0]) < 1e-4 } && differences[0] != 0)
    #expect(throws: OptionError.self) {
      try apply(
        "colour_jitter", ["order": .list([.string("hue"), .string("hue")])], to: values, width: 4, height: 3)
    }
  }

  private func permutations(_ words: [String]) -> [[String]] {
    if words.count < 2 { return [words] }
    return words.flatMap { first in permutations(words.filter { $0 != first }).map { [first] + $0 } }
  }

  @Test("cutout covers a square of the given side, cut off at the edges")
  func cutout() throws {
    let values = [Float](repeating: 1, count: 20 * 10 * 3)
    var full = 0
    for seed in 0..<50 {
      let found = try apply(
        "cutout", ["size": .number(0.4), "fill": .list([.number(9), .number(8), .number(7)])], to: values, width: 20,
        height: 10, seed: seed)
      let covered = reds(found).filter { $0 == 9 }.count
      #expect((4...16).contains(covered))
      if covered == 16 { full += 1 }
      #expect(found.filter { $0 == 8 }.count == covered && found.filter { $0 == 7 }.count == covered)
    }
    #expect(full > 10)
  }

  @Test("a random resized crop of a ramp is a ramp, of the asked share of the area")
  func randomResizedCrop() throws {
    let (width, height) = (64, 48)
    let ramp = filled(width, height) { x, y in [Float(x), Float(y), 0] }
    var shares: [Float] = []
    for seed in 0..<200 {
      let found = try apply("random_resized_crop", to: ramp, width: width, height: height, seed: seed)
      let last = found.count - 3
      let sides = (found[last] - found[0], found[last + 1] - found[1])
      let share: Float = sides.0 / 63 * sides.1 / 47
      shares.append(share)
      #expect(found[0] >= 0 && found[last] <= 63 && found[1] >= 0 && found[last + 1] <= 47)
    }
    #expect((shares.min() ?? 0) > 0.07 && (shares.max() ?? 2) <= 1.0001)
    #expect(abs(shares.reduce(0, +) / 200 - 0.53) < 0.06)
    let all: [String: OptionValue] = [
      "area": .list([.number(1), .number(1)]), "ratio": .list([.number(1), .number(1)]),
    ]
    expectClose(try apply("random_resized_crop", all, to: ramp, width: width, height: height), ramp, tolerance: 1e-5)
  }

  @Test("the same stream gives the same pixels, another stream others")
  func determinism() throws {
    let values = randomValues(23 * 17 * 3, seed: 3, 0, 255)
    for type in AugmentationRegistry.all {
      let name = type.schema.name
      let runs = try (0..<40).map { try apply(name, to: values, width: 23, height: 17, seed: $0 / 2) }
      for i in stride(from: 0, to: 40, by: 2) { expectSameBits(runs[i], runs[i + 1], name) }
      #expect(Set(runs.map { $0.map(\.bitPattern) }).count > 1, "\(name)")
    }
  }

  @Test("unknown names and impossible options are refused with a hint")
  func errors() {
    #expect(throws: AugmentationError.unknownName("flip_horizontl", suggestion: "flip_horizontal")) {
      try AugmentationRegistry.augmentation(named: "flip_horizontl")
    }
    #expect(throws: AugmentationError.self) { try AugmentationRegistry.batchAugmentation(named: "flip_horizontal") }
    #expect(throws: OptionError.self) {
      try AugmentationRegistry.augmentation(
        named: "random_resized_crop", options: ["area": .list([.number(1), .number(0.5)])])
    }
    #expect(throws: OptionError.self) {
      try AugmentationRegistry.augmentation(named: "cutout", options: ["fill": .list([.number(1)])])
    }
    #expect(AugmentationRegistry.isBatchWise("mixup") == true)
    #expect(AugmentationRegistry.isBatchWise("cutout") == false)
    #expect(AugmentationRegistry.isBatchWise("blur") == nil)
    #expect(Set(AugmentationRegistry.schemas.map(\.name)).count == 16)
  }
}
