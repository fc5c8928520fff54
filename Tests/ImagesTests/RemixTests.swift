import Images
import Schemas
import TestSupport
import Tensors
import Testing

@Suite("Remix") struct RemixTests {
  func remix(_ options: [String: OptionValue] = [:]) throws -> Remix {
    try #require(try AugmentationRegistry.batchAugmentation(named: "remix", options: options) as? Remix)
  }

  @Test("the paper's rule gives the label to the rarer class where the frequent one has less than tau")
  func paper() throws {
    let rule = try remix()
    // The partner's share of the pixels; the picture's class three times as frequent, then the other way round.
    for (share, rareSecond, rareFirst) in [
      (Float(0.2), Float(0.2), Float(0)), (0.49, 0.49, 0), (0.5, 0.5, 0.5), (0.51, 1, 0.51), (0.9, 1, 0.9),
    ] {
      #expect(rule.share(of: share, first: 30, second: 10) == rareSecond)
      #expect(rule.share(of: share, first: 10, second: 30) == rareFirst)
      #expect(rule.share(of: share, first: 29, second: 10) == share)
      #expect(rule.share(of: share, first: 10, second: 10) == share)
      #expect(rule.share(of: share, first: 0, second: 0) == share)
    }
    #expect(rule.share(of: 0.7, first: 5, second: 0) == 1)
  }

  @Test("Herbariograph's rule favours the frequent class, and its defaults change nothing")
  func herbariograph() throws {
    let rule = try remix(["variant": .string("herbariograph")])
    for (share, frequentFirst, frequentSecond) in [
      (Float(0.2), Float(0), Float(0.2)), (0.49, 0, 0.49), (0.5, 0.5, 0.5), (0.51, 0.51, 1), (0.9, 0.9, 1),
    ] {
      #expect(rule.share(of: share, first: 30, second: 10) == frequentFirst)
      #expect(rule.share(of: share, first: 10, second: 30) == frequentSecond)
    }
    let published = try remix(["variant": .string("herbariograph"), "kappa": .number(1), "tau": .number(0)])
    for share in [Float(0), 0.3, 1] {
      for (first, second) in [(Float(1), Float(1)), (30, 1), (1, 30)] {
        #expect(published.share(of: share, first: first, second: second) == share)
      }
    }
  }

  /// Pictures of one grey each: 1 for class 0, 101 for class 1; labels one-hot.
  func run(
    _ options: [String: OptionValue], classes rows: [Int], counts: [Double]? = nil, seed: Int = 1
  ) throws -> (pixels: [Float], labels: [Float]) {
    var augmentation = try AugmentationRegistry.batchAugmentation(named: "remix", options: options)
    if let counts { augmentation = try augmentation.fitted(toClassCounts: counts) }
    var pixels = rows.flatMap { [Float](repeating: Float(1 + 100 * $0), count: 12) }
    var labels: [Float] = rows.flatMap { $0 == 0 ? [1, 0] : [0, 1] }
    var streams = rows.indices.map { RandomStream(RandomKey(seed: seed).deriving($0)) }
    pixels.withUnsafeMutableBufferPointer { pixels in
      labels.withUnsafeMutableBufferPointer { labels in
        var batch = PixelBatch(
          count: rows.count, height: 2, width: 2, classes: 2, pixels: pixels.baseAddress!, labels: labels.baseAddress!)
        augmentation.apply(&batch, streams: &streams)
      }
    }
    return (pixels, labels)
  }

  @Test("pixels are blended as by mixup; labels go to the rarer class where it has the greater share")
  func batch() throws {
    var moved = 0
    for (name, options, counts) in [
      ("train", [:], [300.0, 100]), ("given", ["class_counts": .list([.number(30), .number(10)])], [1, 1000]),
      ("batch", ["counts": .string("batch")], [1, 1000]),
    ] as [(String, [String: OptionValue], [Double])] {
      for seed in 0..<20 {
        // Three of class 0 to each of class 1.
        let rows = [0, 0, 1, 0, 0, 0, 1, 0]
        let (pixels, labels) = try run(options, classes: rows, counts: counts, seed: seed)
        for i in rows.indices {
          // Of class 1, the rarer one.
          let pixelShare = (pixels[12 * i] - 1) / 100
          let labelShare = labels[2 * i + 1]
          #expect(abs(labels[2 * i] + labelShare - 1) < 1e-6)
          if pixelShare > 0.5001, pixelShare < 0.9999 {
            #expect(labelShare == 1, "\(name)")
            moved += 1
          } else if pixelShare < 0.4999 {
            #expect(abs(labelShare - pixelShare) < 1e-5, "\(name)")
          }
        }
      }
    }
    #expect(moved > 50)
  }

  @Test("with equal counts remix is mixup")
  func equalCounts() throws {
    let rows = [0, 1, 1, 0, 1]
    let (pixels, labels) = try run(["alpha": .number(0.4)], classes: rows, counts: [7, 7])
    for i in rows.indices { #expect(abs((pixels[12 * i] - 1) / 100 - labels[2 * i + 1]) < 1e-5) }
    #expect(labels.contains { $0 > 0.01 && $0 < 0.99 })
  }

  @Test("class counts that do not fit are refused")
  func errors() throws {
    let two: OptionValue = .list([.number(1), .number(2)])
    #expect(throws: AugmentationError.classCounts(augmentation: "remix", found: 2, classes: 3)) {
      try remix(["class_counts": two]).fitted(toClassCounts: [1, 1, 1])
    }
    let error = AugmentationError.classCounts(augmentation: "remix", found: 2, classes: 3)
    #expect("\(error)" == "remix: 'class_counts' has 2 numbers, but there are 3 classes")
    for options in [
      ["class_counts": .list([])], ["class_counts": .list([.number(0), .number(0)])],
      ["class_counts": two, "counts": .string("batch")], ["kappa": .number(0)], ["variant": .string("other")],
    ] as [[String: OptionValue]] {
      #expect(throws: OptionError.self) { try remix(options) }
    }
  }
}
