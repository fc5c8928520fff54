import Foundation
import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("GaussianNoise")
struct GaussianNoiseTests {
  private func runner(
    _ deviation: Double, _ count: Int, batch: Int, training: Bool = true, workers: Int = 1
  ) throws -> OperationRunner {
    try OperationRunner(
      LayerRegistry.layer(named: "gaussian_noise", options: ["deviation": .number(deviation)]), inputShapes: [[count]],
      maximumBatch: batch, isTraining: training, workerCount: workers)
  }

  /// What the kernel's comment says, number by number, in float64.
  private func reference(_ count: Int, key: RandomKey) -> [Float] {
    var stream = RandomStream(key)
    var numbers: [Float] = []
    while numbers.count < count {
      let blocks = (0..<8).map { _ in (0..<4).map { _ in stream.next32() } }
      for pair in 0..<2 {
        for branch in [cos, sin] as [(Double) -> Double] {
          for block in blocks {
            let u = 1 - Double(block[2 * pair] >> 9) / 0x1p23
            let v = Double(block[2 * pair + 1] >> 9) / 0x1p23 - 0.5
            numbers.append(Float((-2 * log(u)).squareRoot() * branch(2 * .pi * v)))
          }
        }
      }
    }
    return Array(numbers.prefix(count))
  }

  @Test("the kernel agrees with a plain loop in float64", arguments: [1, 7, 13, 32, 127, 1000])
  func twin(count: Int) throws {
    let key = RandomKey(seed: 8)
    let found = try runner(2, count, batch: 1).run(
      inputs: [[Float](repeating: 1, count: count)], randomKey: key, samples: [3]
    ).output
    expectClose(found, reference(count, key: key.deriving(3)).map { 1 + 2 * $0 }, tolerance: 2e-6)
  }

  @Test("the noise has the moments of a normal distribution")
  func moments() throws {
    let count = 400_000
    let z = try runner(1, count, batch: 1).run(inputs: [[Float](repeating: 0, count: count)]).output.map { Double($0) }
    func moment(_ power: Int) -> Double { z.reduce(0) { $0 + pow($1, Double(power)) } / Double(count) }
    // Within four standard errors each.
    #expect(abs(moment(1)) < 0.0064)
    #expect(abs(moment(2) - 1) < 0.009)
    #expect(abs(moment(3)) < 0.025)
    #expect(abs(moment(4) - 3) < 0.062)
    let neighbours = zip(z, z.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
    #expect(abs(neighbours) < 0.0064)
    #expect((z.max() ?? 0) > 4 && (z.max() ?? 0) < 6)
  }

  @Test("does nothing at inference or with deviation 0; the gradient passes")
  func inference() throws {
    let x = randomValues(26, seed: 1)
    expectSameBits(try runner(0.5, 13, batch: 2, training: false).run(inputs: [x]).output, x)
    expectSameBits(try runner(0, 13, batch: 2).run(inputs: [x]).output, x)
    let runner = try runner(0.5, 13, batch: 2)
    for aliasing in [OperationRunner.Aliasing.none, .backward, .inputGradientOverInput] {
      expectSameBits(runner.run(inputs: [x], outputGradient: x, aliasing: aliasing).inputGradients[0], x)
    }
    expectSameBits(runner.run(inputs: [x], aliasing: .forward).output, runner.run(inputs: [x]).output)
  }

  @Test("a sample's noise depends on its number and the key alone, not on its place, the batch or the workers")
  func bySample() throws {
    let count = 101
    let key = RandomKey(seed: 3).deriving("epoch").deriving(2)
    let zeros = [Float](repeating: 0, count: 4 * count)
    let all = try runner(1, count, batch: 4).run(inputs: [zeros], randomKey: key, samples: [5, 6, 7, 8]).output
    let two = try runner(1, count, batch: 4, workers: 2)
      .run(inputs: [Array(zeros.prefix(2 * count))], batch: 2, randomKey: key, samples: [8, 5]).output
    expectSameBits(Array(two[..<count]), Array(all[(3 * count)...]))
    expectSameBits(Array(two[count...]), Array(all[..<count]))
    let other = try runner(1, count, batch: 4).run(inputs: [zeros], randomKey: key.deriving(1), samples: [5, 6, 7, 8])
    #expect(other.output != all)
  }

  @Test("gradients agree with finite differences")
  func gradients() throws {
    try checkGradients(
      layer: LayerRegistry.layer(named: "gaussian_noise"), inputShapes: [[13]], inputs: [randomValues(26, seed: 1)],
      batch: 2)
  }

  @Test("a negative deviation is refused")
  func refused() {
    #expect(
      throws: OptionError.outOfRange(
        owner: "gaussian_noise", name: "deviation", value: "-1", range: "from 0 to 1000000")
    ) { try runner(-1, 1, batch: 1) }
  }
}
