import Foundation
import Inference
import Layers
import Networks
import Tensors
import Training

/// Times a network on generated pixels.
struct Benchmark {
  struct Measurement {
    let steps: Int
    /// Of the median step.
    let imagesPerSecond: Double
    let gigaflopsPerSecond: Double
    /// The most memory that the process has held.
    let peakBytes: Int
  }

  let network: Network
  let parameters: ParameterSet
  /// The names of layers that do not learn, as the parameters have it.
  let frozen: Set<String>
  let batch: Int
  let pool: WorkerPool

  /// Steps are measured for about so long, after one that warms up.
  private static let seconds = 3.0
  private static let fewestSteps = 5
  private static let mostSteps = 1000

  /// - Throws: `NetworkError.outOfMemory`; `CommandFailure` when `shouldStop` says so.
  func measure(training: Bool, shouldStop: () -> Bool) throws -> Measurement {
    let pixels = Tensor(Shape([batch] + network.inputShape.dimensions))
    var stream = RandomStream(RandomKey(seed: 1).deriving("bench"))
    for index in 0..<pixels.count { pixels[index] = stream.uniform() }
    let step = try training ? trainingStep(pixels) : inferenceStep(pixels)
    let times = try Benchmark.times(shouldStop: shouldStop, step)
    let median = times.sorted()[times.count / 2]
    let flops =
      Double(batch) * Double(training ? PlanSummary.trainingFlops(of: network, frozen: frozen) : network.flops)
    return Measurement(
      steps: times.count, imagesPerSecond: Double(batch) / median, gigaflopsPerSecond: flops / median / 1e9,
      peakBytes: Benchmark.peakBytes())
  }

  private func inferenceStep(_ pixels: Tensor) throws -> () throws -> Void {
    let plan = try InferencePlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let batch = batch
    return { _ = try plan.forward(pixels: pixels.pointer, count: batch) }
  }

  /// Forward, cross-entropy, backward and Adam, as a training run does them.
  private func trainingStep(_ pixels: Tensor) throws -> () throws -> Void {
    let plan = try TrainingPlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let loss = try LossRegistry.loss(named: "ce")
    let classes = network.classCount
    let updater = ParameterUpdater(
      parameters: parameters, gradients: plan.gradients, optimizer: try OptimizerRegistry.optimizer(named: "adam"),
      pool: pool)
    let labels = Tensor([batch, classes])
    for image in 0..<batch { labels[image * classes + image % classes] = 1 }
    let samples = Array(0..<batch)
    let batch = batch
    var index = 0
    return {
      let key = RandomKey(seed: 1).deriving(index)
      let logits = try plan.forward(pixels: pixels.pointer, count: batch, randomKey: key, samples: samples)
      _ = loss.evaluate(
        logits: logits, labels: labels.pointer, count: batch, classes: classes, classWeights: nil,
        logitsGradient: plan.logitsGradient)
      try plan.backward()
      // So small a rate that the numbers stay what they are.
      _ = updater.step(index: index, learningRate: 1e-12)
      index += 1
    }
  }

  private static func times(shouldStop: () -> Bool, _ step: () throws -> Void) throws -> [Double] {
    try step()
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.count < fewestSteps || (clock.now - start < .seconds(seconds) && times.count < mostSteps) {
      if shouldStop() { throw CommandFailure.job("interrupted") }
      let duration = try clock.measure(step)
      let parts = duration.components
      times.append(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
    }
    return times
  }

  /// VmHWM of /proc/self/status; 0 where there is none.
  private static func peakBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(separator: " ").compactMap({ Int($0) }).first
    else { return 0 }
    return kilobytes * 1024
  }
}
