import Foundation
import Networks
import Tensors

/// A generated input and the logits that the network gave for it when its file was written.
struct VerificationPair: Codable, Equatable, Sendable {
  /// Of the pixels: uniform in the preprocessing's range, drawn in order.
  var seed: Int
  var logits: [Float]

  static let seeds = [1, 2]

  /// A file with more of them is refused.
  static let maximumCount = 8

  /// Logits of other CPUs differ by rounding only: far less than this share of the largest logit.
  static let tolerance: Float = 1e-3

  /// What the network computes for the seeds.
  static func compute(
    network: Network, parameters: ParameterSet, range: [Float], seeds: [Int], pool: WorkerPool
  ) throws(NetworkError) -> [VerificationPair] {
    if seeds.isEmpty { return [] }
    let plan = try InferencePlan(network: network, parameters: parameters, batch: seeds.count, pool: pool)
    let exampleCount = network.inputShape.count
    let pixels = Tensor([seeds.count, exampleCount])
    let (low, high) = (range[0], range[1])
    for (index, seed) in seeds.enumerated() {
      var stream = RandomStream(RandomKey(seed: seed).deriving("verification"))
      let target = pixels.pointer + index * exampleCount
      for i in 0..<exampleCount { target[i] = stream.uniform(low, high) }
    }
    let logits = try plan.forward(pixels: pixels.pointer, count: seeds.count)
    let classes = network.classCount
    return seeds.enumerated().map { index, seed in
      VerificationPair(
        seed: seed, logits: Array(UnsafeBufferPointer(start: logits + index * classes, count: classes)))
    }
  }
}
