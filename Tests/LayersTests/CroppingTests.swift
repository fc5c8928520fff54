import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("RandomCrop and CenterCrop")
struct CroppingTests {
  private func runner(
    _ name: String, _ input: Shape, _ height: Int, _ width: Int, batch: Int = 1, training: Bool = false,
    workers: Int = 1
  ) throws -> OperationRunner {
    let layer = try LayerRegistry.layer(named: name, options: ["height": .integer(height), "width": .integer(width)])
    return try OperationRunner(
      layer, inputShapes: [input], maximumBatch: batch, isTraining: training, workerCount: workers)
  }

  /// Picture `[height, width, 1]` whose pixels are 0, 1, 2, ...
  private func counting(_ height: Int, _ width: Int) -> [Float] { (0..<height * width).map { Float($0) } }

  @Test("the centre by hand; odd rests stay at the end")
  func centre() throws {
    let output = try runner("center_crop", [4, 5, 1], 2, 2).run(inputs: [counting(4, 5)]).output
    #expect(output == [6, 7, 11, 12])
    let three = try runner("center_crop", [4, 4, 1], 3, 1).run(inputs: [counting(4, 4)], outputGradient: [1, 2, 3])
    #expect(three.output == [1, 5, 9])
    #expect(three.inputGradients[0] == [0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0])
  }

  @Test("at inference a random crop resizes the largest central part: by hand")
  func smartResize() throws {
    // 2 x 4 to 1 x 1: the central 2 x 2, of which the mean.
    let output = try runner("random_crop", [2, 4, 1], 1, 1).run(inputs: [counting(2, 4)], outputGradient: [4])
    #expect(output.output == [3.5])
    #expect(output.inputGradients[0] == [0, 1, 1, 0, 0, 1, 1, 0])
    // 1 x 2 to 1 x 4 keeps no more than a quarter of a row's height: one row, the whole width.
    #expect(try runner("random_crop", [1, 2, 1], 1, 4).run(inputs: [[0, 4]]).output == [0, 1, 3, 4])
  }

  @Test(
    "the golden pictures: Keras' random crop at inference", .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: [0, 1, 2, 3])
  func golden(index: Int) throws {
    let golden = try Golden.load("training/image_random_crop_inference")
    let (height, width) = try (
      #require(golden.metadata["height"].flatMap { Int($0) }), #require(golden.metadata["width"].flatMap { Int($0) })
    )
    let input = Shape(golden.shape("image_\(index)"))
    let found = try runner("random_crop", input, height, width).run(inputs: [golden.values("image_\(index)")])
    expectClose(found.output, golden.values("output_\(index)"), tolerance: 1e-6)
    if input == [height, width, 3] { expectSameBits(found.output, golden.values("image_\(index)")) }
    // A picture that is too small is resized in training, and by center_crop, too.
    if input[0] < height || input[1] < width {
      for name in ["random_crop", "center_crop"] {
        let other = try runner(name, input, height, width, training: true)
          .run(inputs: [golden.values("image_\(index)")])
        expectSameBits(other.output, found.output)
      }
    }
  }

  @Test("in training one part of the whole batch is cut, everywhere equally often")
  func random() throws {
    let (height, width) = (5, 7)
    let picture = counting(height, width)
    let runner = try runner("random_crop", [height, width, 1], 3, 4, batch: 2, training: true)
    var counts: [Float: Int] = [:]
    for step in 0..<1200 {
      let result = runner.run(
        inputs: [picture + picture], outputGradient: [Float](repeating: 1, count: 24),
        randomKey: RandomKey(seed: step), samples: [4, 9])
      let output = result.output
      let start = output[0]
      #expect(output == (0..<24).map { start + Float(($0 % 12) / 4 * width + $0 % 4) })
      counts[start, default: 0] += 1
      let gradient = result.inputGradients[0]
      #expect(gradient.reduce(0, +) == 24 && gradient[Int(start)] == 1)
    }
    // 3 x 4 places, 100 expected in each.
    #expect(counts.count == 12)
    #expect(counts.values.allSatisfy { (60...145).contains($0) })
  }

  @Test("the place depends on the key and the batch's first sample, not on the workers")
  func place() throws {
    let shape: Shape = [40, 50, 3]
    let x = randomValues(2 * shape.count, seed: 1)
    func output(_ workers: Int, _ samples: [Int]) throws -> [Float] {
      try runner("random_crop", shape, 3, 4, batch: 2, training: true, workers: workers)
        .run(inputs: [x], randomKey: RandomKey(seed: 5), samples: samples).output
    }
    expectSameBits(try output(2, [3, 4]), try output(1, [3, 8]))
    #expect(try output(1, [4, 3]) != output(1, [3, 4]))
  }

  @Test("an equal size passes unchanged, in training too", arguments: ["random_crop", "center_crop"])
  func equal(name: String) throws {
    let x = randomValues(2 * 35 * 3, seed: 1)
    for training in [false, true] {
      let found = try runner(name, [5, 7, 3], 5, 7, batch: 2, training: training).run(inputs: [x], outputGradient: x)
      expectSameBits(found.output, x)
      expectSameBits(found.inputGradients[0], x)
    }
  }

  @Test("gradients agree with finite differences, with 1, 7 and 13 channels", arguments: [1, 7, 13])
  func gradients(channels: Int) throws {
    for (name, height, width) in [("random_crop", 3, 4), ("center_crop", 3, 4), ("random_crop", 9, 5)] {
      let layer = try LayerRegistry.layer(named: name, options: ["height": .integer(height), "width": .integer(width)])
      let x = randomValues(2 * 30 * channels, seed: 1)
      for training in [true, false] {
        try checkGradients(layer: layer, inputShapes: [[6, 5, channels]], inputs: [x], batch: 2, isTraining: training)
      }
    }
  }

  @Test("any part of a smaller picture is at least one row and one column")
  func narrow() throws {
    let output = try runner("center_crop", [1, 9, 1], 2, 1).run(inputs: [counting(1, 9)]).output
    #expect(output == [4, 4])
    let column = try runner("center_crop", [9, 1, 1], 1, 2).run(inputs: [counting(9, 1)]).output
    #expect(column == [4, 4])
  }

  @Test("a vector, two inputs, no size and an empty size are refused")
  func refused() throws {
    let layer = try LayerRegistry.layer(named: "center_crop", options: ["height": .integer(1), "width": .integer(1)])
    #expect(throws: LayerError.inputRank(expected: "a picture (height x width x channels)", found: [4])) {
      try layer.signature(for: [[4]])
    }
    #expect(throws: LayerError.inputCount(expected: "one input", found: 2)) {
      try layer.signature(for: [[4, 4, 1], [4, 4, 1]])
    }
    #expect(throws: OptionError.missingOption(owner: "random_crop", name: "height")) {
      try LayerRegistry.layer(named: "random_crop")
    }
    #expect(throws: OptionError.outOfRange(owner: "random_crop", name: "height", value: "0", range: "from 1 to 65536"))
    {
      try LayerRegistry.layer(named: "random_crop", options: ["height": .integer(0), "width": .integer(1)])
    }
  }
}
