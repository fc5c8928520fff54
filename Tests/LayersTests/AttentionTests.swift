import Foundation
import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Attention")
struct AttentionTests {
  private func layer(heads: Int, bias: Bool = true) throws -> any Layer {
    try LayerRegistry.layer(named: "attention", options: ["heads": .integer(heads), "bias": .boolean(bias)])
  }

  @Test("two tokens of one channel by hand")
  func literal() throws {
    // q = x, k = 2 x, v = 10 x, projection 1: scores 2 x_i x_j.
    let runner = try OperationRunner(layer(heads: 1, bias: false), inputShapes: [[2, 1]], maximumBatch: 1)
    let output = runner.run(inputs: [[1, 2]], parameters: [[1, 2, 10], [1]]).output
    func gathered(_ a: Float, _ b: Float) -> Float { (exp(a) * 10 + exp(b) * 20) / (exp(a) + exp(b)) }
    expectClose(output, [gathered(2, 4), gathered(4, 8)], tolerance: 1e-6)
  }

  @Test("the golden case", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("layers/attention")
    let heads = try #require(golden.metadata["heads"].flatMap(Int.init))
    let shape = golden.shape("input")
    for training in [true, false] {
      let runner = try OperationRunner(
        layer(heads: heads), inputShapes: [Shape(Array(shape.dropFirst()))], maximumBatch: shape[0],
        isTraining: training)
      let names = runner.signature.parameters.map(\.name)
      for (name, spec) in zip(names, runner.signature.parameters) {
        #expect(golden.shape(name) == spec.shape.dimensions)
      }
      let result = runner.run(
        inputs: [golden.values("input")], parameters: names.map { golden.values($0) },
        outputGradient: training ? golden.values("output_gradient") : nil)
      expectClose(result.output, golden.values("output"), tolerance: 1e-6)
      if !training { continue }
      expectClose(result.inputGradients[0], golden.values("input_gradient"), tolerance: 1e-5)
      for (name, gradient) in zip(names, result.parameterGradients) {
        expectClose(gradient, golden.values("\(name)_gradient"), tolerance: 1e-5, name)
      }
    }
  }

  @Test(
    "agrees with plain loops", arguments: [(1, 1, 1), (7, 7, 1), (13, 12, 3), (127, 16, 2), (300, 8, 2)])
  func reference(tokens: Int, channels: Int, heads: Int) throws {
    let runner = try OperationRunner(layer(heads: heads), inputShapes: [[tokens, channels]], maximumBatch: 2)
    let x = randomValues(2 * tokens * channels, seed: tokens, -2, 2)
    let parameters = runner.signature.parameters.enumerated().map { randomValues($1.shape.count, seed: $0) }
    let found = runner.run(inputs: [x], parameters: parameters).output
    expectClose(found, plain(x, parameters, tokens, channels, heads), tolerance: 2e-5 * Float(channels))
  }

  /// In float64, a sum after the other.
  private func plain(_ x: [Float], _ p: [[Float]], _ tokens: Int, _ channels: Int, _ heads: Int) -> [Float] {
    func product(_ rows: [[Double]], _ kernel: [Float], _ bias: [Float]) -> [[Double]] {
      rows.map { row in
        bias.indices.map { n in
          row.indices.reduce(Double(bias[n])) { $0 + row[$1] * Double(kernel[$1 * bias.count + n]) }
        }
      }
    }
    let size = channels / heads
    return (0..<2).flatMap { example -> [Float] in
      let rows = (0..<tokens).map { t in (0..<channels).map { Double(x[(example * tokens + t) * channels + $0]) } }
      let qkv = product(rows, p[0], p[1])
      let gathered = (0..<tokens).map { t in
        (0..<heads).flatMap { head -> [Double] in
          let (q, k, v) = (head * size, channels + head * size, 2 * channels + head * size)
          let scores = (0..<tokens).map { other in
            (0..<size).reduce(0) { $0 + qkv[t][q + $1] * qkv[other][k + $1] } / Double(size).squareRoot()
          }
          let peak = scores.max() ?? 0
          let weights = scores.map { exp($0 - peak) }
          let total = weights.reduce(0, +)
          return (0..<size).map { c in
            (0..<tokens).reduce(0) { $0 + weights[$1] / total * qkv[$1][v + c] }
          }
        }
      }
      return product(gathered, p[2], p[3]).flatMap { $0.map { Float($0) } }
    }
  }

  @Test(
    "gradients agree with finite differences",
    arguments: [(1, 1, 1), (7, 14, 2), (13, 13, 1), (127, 6, 3), (270, 2, 1)])
  func gradients(tokens: Int, channels: Int, heads: Int) throws {
    for bias in [true, false] {
      try checkGradients(
        layer: layer(heads: heads, bias: bias), inputShapes: [[tokens, channels]],
        inputs: [randomValues(2 * tokens * channels, seed: 1)], batch: 2, limit: 12)
    }
  }

  @Test(
    "1 and 2 workers, and each in-place form, give the same bits", arguments: [(5, 12, 3), (197, 32, 2), (260, 16, 2)])
  func sameBits(tokens: Int, channels: Int, heads: Int) throws {
    let shape: Shape = [tokens, channels]
    let (x, dy) = (randomValues(3 * shape.count, seed: 2), randomValues(3 * shape.count, seed: 3))
    let layer = try layer(heads: heads)
    let one = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 4)
    let two = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 4, workerCount: 2)
    let parameters = one.initialParameters()
    let expected = one.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3)
    for aliasing in [OperationRunner.Aliasing.none, .backward] {
      let found = two.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3, aliasing: aliasing)
      expectSameBits(found.output, expected.output)
      expectSameBits(found.inputGradients[0], expected.inputGradients[0])
      for (a, b) in zip(found.parameterGradients, expected.parameterGradients) { expectSameBits(a, b) }
    }
    for workers in [1, 2] {
      let inference = try OperationRunner(
        layer, inputShapes: [shape], maximumBatch: 4, isTraining: false, workerCount: workers)
      for aliasing in [OperationRunner.Aliasing.none, .forward] {
        let found = inference.run(inputs: [x], parameters: parameters, batch: 3, aliasing: aliasing)
        expectSameBits(found.output, expected.output)
      }
      // What an example's output is does not depend on how many others there are.
      let alone = inference.run(inputs: [Array(x.prefix(shape.count))], parameters: parameters, batch: 1).output
      expectSameBits(alone, Array(expected.output.prefix(shape.count)))
    }
  }

  @Test("frozen parameters get no gradient, and the others the same; so without an input gradient")
  func frozen() throws {
    let runner = try OperationRunner(layer(heads: 2), inputShapes: [[5, 8]], maximumBatch: 2)
    let x = randomValues(80, seed: 5)
    let parameters = runner.initialParameters()
    let all = runner.run(inputs: [x], parameters: parameters, outputGradient: x)
    for frozen: Set<Int> in [[0], [1], [2], [3], [0, 1], [2, 3], [0, 1, 2, 3]] {
      let found = runner.run(inputs: [x], parameters: parameters, outputGradient: x, frozen: frozen)
      for other in parameters.indices where !frozen.contains(other) {
        expectSameBits(found.parameterGradients[other], all.parameterGradients[other])
      }
      expectSameBits(found.inputGradients[0], all.inputGradients[0])
    }
    let first = try OperationRunner(
      layer(heads: 2), inputShapes: [[5, 8]], maximumBatch: 2, needsInputGradient: false)
    for frozen: Set<Int> in [[], [0, 1]] {
      let found = first.run(inputs: [x], parameters: parameters, outputGradient: x, frozen: frozen)
      for other in parameters.indices where !frozen.contains(other) {
        expectSameBits(found.parameterGradients[other], all.parameterGradients[other])
      }
    }
  }

  @Test("not-a-number in an example makes that one's output not-a-number, and no other's; large scores do not")
  func notANumber() throws {
    let runner = try OperationRunner(layer(heads: 2), inputShapes: [[9, 8]], maximumBatch: 2)
    var x = randomValues(144, seed: 1)
    x[3] = .nan
    let output = runner.run(inputs: [x], parameters: runner.initialParameters()).output
    #expect(output.prefix(72).allSatisfy { $0.isNaN })
    #expect(output.suffix(72).allSatisfy { $0.isFinite })
    let large = runner.run(
      inputs: [randomValues(144, seed: 2, -1e6, 1e6)], parameters: runner.initialParameters(),
      outputGradient: randomValues(144, seed: 3))
    #expect(large.output.allSatisfy { $0.isFinite } && large.inputGradients[0].allSatisfy { $0.isFinite })
  }

  @Test("heads that do not divide the channels, a picture and a missing number of heads are refused")
  func refused() throws {
    #expect(throws: LayerError.notDivisible(what: "input channels", value: 10, by: "heads", divisor: 4)) {
      try layer(heads: 4).signature(for: [[3, 10]])
    }
    #expect(throws: LayerError.self) { try layer(heads: 1).signature(for: [[2, 2, 3]]) }
    #expect(throws: LayerError.inputCount(expected: "one input", found: 2)) {
      try layer(heads: 1).signature(for: [[2, 4], [2, 4]])
    }
    #expect(throws: OptionError.missingOption(owner: "attention", name: "heads")) {
      try LayerRegistry.layer(named: "attention")
    }
  }
}
