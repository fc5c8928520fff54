import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Dropout")
struct DropoutTests {
  private func runner(
    _ rate: Double, _ count: Int, batch: Int, training: Bool = true, workers: Int = 1
  ) throws -> OperationRunner {
    try OperationRunner(
      LayerRegistry.layer(named: "dropout", options: ["rate": .number(rate)]), inputShapes: [[count]],
      maximumBatch: batch, isTraining: training, workerCount: workers)
  }

  @Test("drops the given part and scales the rest", arguments: [0.1, 0.5, 0.9])
  func rate(rate: Double) throws {
    let x = [Float](repeating: 1, count: 20_000)
    let output = try runner(rate, 10_000, batch: 2).run(inputs: [x]).output
    let dropped = output.count { $0 == 0 }
    #expect(abs(Double(dropped) / 20_000 - rate) < 0.015)
    #expect(output.allSatisfy { $0 == 0 || abs($0 - Float(1 / (1 - rate))) < 1e-5 })
    #expect(Array(output.prefix(10_000)) != Array(output.suffix(10_000)))
  }

  @Test("does nothing at inference, at rate 0, or to a gradient there")
  func inference() throws {
    let x = randomValues(26, seed: 1)
    expectSameBits(try runner(0.5, 13, batch: 2, training: false).run(inputs: [x]).output, x)
    let result = try runner(0, 13, batch: 2).run(inputs: [x], outputGradient: x)
    expectSameBits(result.output, x)
    expectSameBits(result.inputGradients[0], x)
  }

  @Test("the gradient passes where the value passed", arguments: [1, 7, 13, 33, 127])
  func gradient(count: Int) throws {
    let runner = try runner(0.4, count, batch: 3)
    let ones = [Float](repeating: 1, count: 3 * count)
    let result = runner.run(inputs: [ones], outputGradient: ones)
    expectSameBits(result.inputGradients[0], result.output)
  }

  @Test("a sample's mask depends on its number and the key alone, not on its place, the batch or the workers")
  func maskBySample() throws {
    let count = 100
    let key = RandomKey(seed: 3).deriving("epoch").deriving(2)
    let ones = [Float](repeating: 1, count: 4 * count)
    let all = try runner(0.5, count, batch: 4).run(inputs: [ones], randomKey: key, samples: [5, 6, 7, 8]).output
    let two = try runner(0.5, count, batch: 4, workers: 2)
      .run(inputs: [Array(ones.prefix(2 * count))], batch: 2, randomKey: key, samples: [8, 5]).output
    expectSameBits(Array(two[..<count]), Array(all[(3 * count)...]))
    expectSameBits(Array(two[count...]), Array(all[..<count]))
    let other = try runner(0.5, count, batch: 4).run(inputs: [ones], randomKey: key.deriving(1), samples: [5, 6, 7, 8])
    #expect(other.output != all)
  }

  @Test("a rate of 1 or more is refused")
  func refused() {
    #expect(throws: LayerError.options("'rate' must be less than 1")) {
      try LayerRegistry.layer(named: "dropout", options: ["rate": .integer(1)])
    }
    #expect(throws: OptionError.outOfRange(owner: "dropout", name: "rate", value: "-0.5", range: "from 0 to 1")) {
      try LayerRegistry.layer(named: "dropout", options: ["rate": .number(-0.5)])
    }
  }
}
