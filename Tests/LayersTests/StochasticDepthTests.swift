import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("StochasticDepth")
struct StochasticDepthTests {
  private func runner(
    _ rate: Double, _ count: Int, batch: Int, training: Bool = true, workers: Int = 1
  ) throws -> OperationRunner {
    try OperationRunner(
      LayerRegistry.layer(named: "stochastic_depth", options: ["rate": .number(rate)]), inputShapes: [[count]],
      maximumBatch: batch, isTraining: training, workerCount: workers)
  }

  @Test("a rate of a half doubles an example or drops it whole, and its gradient with it")
  func literal() throws {
    let x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let result = try runner(0.5, 2, batch: 4).run(inputs: [x], outputGradient: x)
    for example in 0..<4 {
      let part = Array(result.output[2 * example..<2 * example + 2])
      #expect(part == [0, 0] || part == [x[2 * example] * 2, x[2 * example + 1] * 2])
    }
    #expect(result.inputGradients[0] == result.output)
    #expect(result.output.contains(0) && result.output.contains { $0 != 0 })
  }

  @Test("drops the given part of the examples", arguments: [0.1, 0.5, 0.9])
  func rate(rate: Double) throws {
    let output = try runner(rate, 1, batch: 10_000).run(inputs: [[Float](repeating: 1, count: 10_000)]).output
    #expect(abs(Double(output.count { $0 == 0 }) / 10_000 - rate) < 0.015)
    #expect(output.allSatisfy { $0 == 0 || abs($0 * Float(1 - rate) - 1) < 1e-5 })
  }

  @Test("does nothing at inference, at rate 0, or to a gradient there")
  func inference() throws {
    let x = randomValues(26, seed: 1)
    expectSameBits(try runner(0.5, 13, batch: 2, training: false).run(inputs: [x]).output, x)
    let result = try runner(0, 13, batch: 2).run(inputs: [x], outputGradient: x)
    expectSameBits(result.output, x)
    expectSameBits(result.inputGradients[0], x)
  }

  @Test("the choice depends on the sample and the key alone, not on its place, the batch or the workers")
  func bySample() throws {
    let (count, batch) = (13, 40)
    let key = RandomKey(seed: 3).deriving("epoch").deriving(2)
    let ones = [Float](repeating: 1, count: count * batch)
    let samples = (0..<batch).map { $0 + 100 }
    let all = try runner(0.5, count, batch: batch).run(inputs: [ones], randomKey: key, samples: samples).output
    let reversed = try runner(0.5, count, batch: batch + 2, workers: 2)
      .run(inputs: [ones], batch: batch, randomKey: key, samples: samples.reversed()).output
    expectSameBits(reversed, all.reversed())
    let other = try runner(0.5, count, batch: batch).run(inputs: [ones], randomKey: key.deriving(1), samples: samples)
    #expect(other.output != all)
  }

  @Test("gradients agree with finite differences", arguments: [1, 7, 13, 127])
  func gradients(count: Int) throws {
    try checkGradients(
      layer: LayerRegistry.layer(named: "stochastic_depth", options: ["rate": .number(0.4)]), inputShapes: [[count]],
      inputs: [randomValues(6 * count, seed: 1)], batch: 6)
  }

  @Test("in-place forms give the same bits")
  func inPlace() throws {
    let x = randomValues(5 * 33, seed: 4)
    let runner = try runner(0.3, 33, batch: 5)
    let expected = runner.run(inputs: [x], outputGradient: x)
    expectSameBits(runner.run(inputs: [x], aliasing: .forward).output, expected.output)
    for aliasing in [OperationRunner.Aliasing.backward, .inputGradientOverInput] {
      let found = runner.run(inputs: [x], outputGradient: x, aliasing: aliasing)
      expectSameBits(found.inputGradients[0], expected.inputGradients[0])
    }
  }

  @Test("a rate of 1 is refused")
  func refused() {
    #expect(throws: LayerError.options("'rate' must be less than 1")) {
      try LayerRegistry.layer(named: "stochastic_depth", options: ["rate": .integer(1)])
    }
  }
}
