import Images
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Augmentations of a batch") struct BatchAugmentationTests {
  /// Pictures of one colour each, and one-hot labels.
  func mixed(
    _ name: String, _ options: [String: OptionValue] = [:], count: Int, width: Int, height: Int, seed: Int = 1
  ) throws -> (pixels: [Float], labels: [Float]) {
    let augmentation = try AugmentationRegistry.batchAugmentation(named: name, options: options)
      .fitted(toClassCounts: [Double](repeating: 1, count: count))
    let size = width * height * 3
    var pixels = (0..<count).flatMap { [Float](repeating: Float(1 << $0), count: size) }
    var labels = [Float](repeating: 0, count: count * count)
    for i in 0..<count { labels[i * count + i] = 1 }
    let key = RandomKey(seed: seed)
    var streams = (0..<count).map { RandomStream(key.deriving($0)) }
    pixels.withUnsafeMutableBufferPointer { pixels in
      labels.withUnsafeMutableBufferPointer { labels in
        var batch = PixelBatch(
          count: count, height: height, width: width, classes: count, pixels: pixels.baseAddress!,
          labels: labels.baseAddress!)
        augmentation.apply(&batch, streams: &streams)
      }
    }
    return (pixels, labels)
  }

  @Test("mixup blends pixels as it blends labels", arguments: ["beta", "uniform"])
  func mixup(mode: String) throws {
    let (count, width, height) = (5, 45, 40)
    let size = width * height * 3
    var blended = 0
    for seed in 0..<10 {
      let (pixels, labels) = try mixed(
        "mixup", ["mode": .string(mode), "alpha": .number(0.4)], count: count, width: width, height: height, seed: seed)
      for i in 0..<count {
        let row = labels[i * count..<(i + 1) * count]
        #expect(abs(row.reduce(0, +) - 1) < 1e-6)
        if row.filter({ $0 > 0.01 }).count == 2 { blended += 1 }
        let expected = row.enumerated().map { Float(1 << $0.offset) * $0.element }.reduce(0, +)
        for position in [0, size / 2, size - 1] {
          #expect(abs(pixels[i * size + position] - expected) < 1e-4)
        }
      }
    }
    #expect(blended > 15)
  }

  @Test("cutmix pastes a rectangle of whole pixels, and the label is its share of the area")
  func cutmix() throws {
    let (count, width, height) = (6, 21, 34)
    let size = width * height
    var pasted = 0
    for seed in 0..<20 {
      let (pixels, labels) = try mixed("cutmix", count: count, width: width, height: height, seed: seed)
      for i in 0..<count {
        let picture = stride(from: i * size * 3, to: (i + 1) * size * 3, by: 3).map { pixels[$0] }
        for k in 0..<count {
          let share = Float(picture.filter { $0 == Float(1 << k) }.count) / Float(size)
          #expect(abs(share - labels[i * count + k]) < 1e-5)
        }
        let foreign = (0..<size).filter { picture[$0] != Float(1 << i) }
        if foreign.isEmpty { continue }
        pasted += 1
        let columns = Set(foreign.map { $0 % width })
        let rows = Set(foreign.map { $0 / width })
        #expect(foreign.count == columns.count * rows.count)
        #expect((columns.max() ?? 0) - (columns.min() ?? 0) + 1 == columns.count)
        #expect((rows.max() ?? 0) - (rows.min() ?? 0) + 1 == rows.count)
      }
    }
    #expect(pasted > 60)
  }

  @Test("the same streams give the same batch; probability 0 and a batch of one change nothing")
  func determinism() throws {
    let names = AugmentationRegistry.batchWise.map { $0.schema.name }
    for name in names {
      let a = try mixed(name, count: 4, width: 9, height: 9)
      let b = try mixed(name, count: 4, width: 9, height: 9)
      expectSameBits(a.pixels, b.pixels)
      expectSameBits(a.labels, b.labels)
      let other = try mixed(name, count: 4, width: 9, height: 9, seed: 2)
      #expect(a.pixels != other.pixels)
      let never = try mixed(name, ["probability": .number(0)], count: 3, width: 4, height: 4)
      #expect(never.labels == [1, 0, 0, 0, 1, 0, 0, 0, 1])
      #expect(never.pixels.prefix(48).allSatisfy { $0 == 1 })
      #expect(try mixed(name, count: 1, width: 4, height: 4).labels == [1])
    }
  }
}
