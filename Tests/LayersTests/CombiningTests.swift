import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Add, multiply and flatten")
struct CombiningTests {
  @Test("sums of two and three inputs")
  func add() throws {
    let layer = try LayerRegistry.layer(named: "add")
    let two = try OperationRunner(layer, inputShapes: [[2], [2]], maximumBatch: 1)
    let result = two.run(inputs: [[1, 2], [10, 20]], outputGradient: [3, 4])
    #expect(result.output == [11, 22])
    #expect(result.inputGradients == [[3, 4], [3, 4]])
    let three = try OperationRunner(layer, inputShapes: [[2], [2], [2]], maximumBatch: 1)
    #expect(three.run(inputs: [[1, 2], [10, 20], [100, 200]]).output == [111, 222])
    #expect(!three.operation.canRunForwardInPlace)
  }

  @Test("add in place, with 2 workers, at awkward sizes", arguments: [1, 7, 13, 127, 40_001])
  func addSizes(count: Int) throws {
    let layer = try LayerRegistry.layer(named: "add")
    let runner = try OperationRunner(layer, inputShapes: [[count], [count]], maximumBatch: 3, workerCount: 2)
    let (a, b) = (randomValues(2 * count, seed: 1), randomValues(2 * count, seed: 2))
    let dy = randomValues(2 * count, seed: 3)
    let expected = zip(a, b).map { $0 + $1 }
    expectSameBits(runner.run(inputs: [a, b], batch: 2).output, expected)
    expectSameBits(runner.run(inputs: [a, b], batch: 2, aliasing: .forward).output, expected)
    let back = runner.run(inputs: [a, b], outputGradient: dy, batch: 2, aliasing: .backward)
    expectSameBits(back.inputGradients[0], dy)
    expectSameBits(back.inputGradients[1], dy)
  }

  @Test("a factor a channel, a position, or for all")
  func multiplyLiteral() throws {
    let picture: [Float] = [1, 2, 3, 4]  // 1 x 2 positions, 2 channels
    func output(_ shape: Shape, _ factor: [Float]) throws -> [Float] {
      try OperationRunner(
        LayerRegistry.layer(named: "multiply"), inputShapes: [[1, 2, 2], shape], maximumBatch: 1
      ).run(inputs: [picture, factor]).output
    }
    #expect(try output([1, 2, 2], [2, 2, 3, 3]) == [2, 4, 9, 12])
    #expect(try output([2], [10, 100]) == [10, 200, 30, 400])
    #expect(try output([1, 1, 2], [10, 100]) == [10, 200, 30, 400])
    #expect(try output([1, 2, 1], [10, 100]) == [10, 20, 300, 400])
    #expect(try output([1], [5]) == [5, 10, 15, 20])
  }

  static let cases: [[Shape]] = [
    [[4], [4]], [[4], [1]], [[3, 2, 7], [7]], [[7], [3, 2, 7]], [[3, 2, 7], [3, 2, 1]], [[3, 2, 7], [1]],
    [[3, 2, 7], [3, 2, 7], [7]], [[3, 2, 1], [3, 2, 9], [9]], [[30, 31, 5], [5]],
  ]

  @Test("products agree with finite differences", arguments: cases)
  func multiplyGradients(shapes: [Shape]) throws {
    try checkGradients(
      layer: LayerRegistry.layer(named: "multiply"), inputShapes: shapes,
      inputs: shapes.enumerated().map { randomValues(2 * $0.element.count, seed: $0.offset, 0.5, 2) }, batch: 2,
      tolerance: 4e-3)
  }

  @Test("products in place and with 2 workers give the same bits", arguments: cases)
  func multiplySameBits(shapes: [Shape]) throws {
    let layer = try LayerRegistry.layer(named: "multiply")
    let one = try OperationRunner(layer, inputShapes: shapes, maximumBatch: 4)
    let two = try OperationRunner(layer, inputShapes: shapes, maximumBatch: 4, workerCount: 2)
    let inputs = shapes.enumerated().map { randomValues(3 * $0.element.count, seed: $0.offset) }
    let dy = randomValues(3 * one.signature.outputShape.count, seed: 9)
    let expected = one.run(inputs: inputs, outputGradient: dy, batch: 3)
    for aliasing in [OperationRunner.Aliasing.none, .backward, .inputGradientOverInput] {
      if aliasing != .none, !two.operation.canRunBackwardInPlace { continue }
      let found = two.run(inputs: inputs, outputGradient: dy, batch: 3, aliasing: aliasing)
      expectSameBits(found.output, expected.output)
      for (a, b) in zip(found.inputGradients, expected.inputGradients) { expectSameBits(a, b) }
    }
    if two.operation.canRunForwardInPlace {
      expectSameBits(two.run(inputs: inputs, batch: 3, aliasing: .forward).output, expected.output)
    }
  }

  @Test("shapes that do not fit are named")
  func refused() throws {
    #expect(throws: LayerError.shapesDiffer([2, 2, 3], [4])) {
      try LayerRegistry.layer(named: "multiply").signature(for: [[2, 2, 3], [4]])
    }
    #expect(throws: LayerError.shapesDiffer([2, 2, 3], [2, 2, 4])) {
      try LayerRegistry.layer(named: "add").signature(for: [[2, 2, 3], [2, 2, 4]])
    }
    #expect(throws: LayerError.inputCount(expected: "two or more inputs", found: 1)) {
      try LayerRegistry.layer(named: "add").signature(for: [[2]])
    }
  }

  @Test("flatten keeps the order, and in place does nothing")
  func flatten() throws {
    let runner = try OperationRunner(LayerRegistry.layer(named: "flatten"), inputShapes: [[2, 3, 2]], maximumBatch: 2)
    #expect(runner.signature.outputShape == [12])
    let x = randomValues(24, seed: 1)
    let dy = randomValues(24, seed: 2)
    let result = runner.run(inputs: [x], outputGradient: dy)
    expectSameBits(result.output, x)
    expectSameBits(result.inputGradients[0], dy)
    expectSameBits(runner.run(inputs: [x], aliasing: .forward).output, x)
    expectSameBits(runner.run(inputs: [x], outputGradient: dy, aliasing: .backward).inputGradients[0], dy)
  }
}
