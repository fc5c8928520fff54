import Foundation
import Layers
import Networks
import Tensors
import TestSupport
import Testing

@Suite("plans")
struct PlanTests {
  private static let networks = ["small", "residual"]

  private func network(_ name: String) throws -> Network {
    name == "small" ? try smallNetwork() : try residualNetwork()
  }

  private func plan(
    _ network: Network, workers: Int = 1, batch: Int = 4, options: PlanOptions = PlanOptions(poisons: true)
  ) throws -> TrainingPlan {
    try TrainingPlan(
      network: network, parameters: ParameterSet(network: network, key: RandomKey(seed: 1)), batch: batch,
      pool: .shared(workerCount: workers), options: options)
  }

  @Test("training gives the same bits for any number of workers", arguments: networks)
  func workers(name: String) throws {
    let network = try network(name)
    let one = try StepResult(plan(network), count: 4)
    for workers in [2, 3] {
      expectSame(try StepResult(plan(network, workers: workers), count: 4), one, "\(workers) workers")
    }
  }

  @Test("inference gives the same bits for any number of workers", arguments: networks)
  func inferenceWorkers(name: String) throws {
    let network = try network(name)
    let logits = try [1, 2, 3].map { try infer(network, workers: $0, options: PlanOptions(poisons: true)) }
    expectSameBits(logits[1], logits[0])
    expectSameBits(logits[2], logits[0])
  }

  @Test("reuse of memory changes no bit of a training step", arguments: networks)
  func reuse(name: String) throws {
    let network = try network(name)
    let plain = try StepResult(plan(network, options: PlanOptions(reusesMemory: false, poisons: true)), count: 3)
    #expect(plain.logits.allSatisfy { $0.isFinite })
    expectSame(try StepResult(plan(network), count: 3), plain, name)
  }

  @Test("fused training computes what the single layers do", arguments: networks)
  func fusedTraining(name: String) throws {
    let network = try network(name)
    let fused = try StepResult(plan(network), count: 3)
    let single = try StepResult(plan(network, options: PlanOptions(fuses: false, poisons: true)), count: 3)
    expectClose(fused.logits, single.logits, tolerance: 1e-5, "logits")
    for index in fused.gradients.indices {
      expectClose(fused.gradients[index] ?? [], single.gradients[index] ?? [], tolerance: 1e-4, "gradient \(index)")
      expectClose(fused.parameters[index], single.parameters[index], tolerance: 1e-5, "parameter \(index)")
    }
  }

  @Test("fused inference computes what the single layers do", arguments: networks)
  func fusedInference(name: String) throws {
    let network = try network(name)
    let fused = try infer(network, options: PlanOptions(poisons: true))
    expectClose(fused, try infer(network, options: PlanOptions(fuses: false, poisons: true)), tolerance: 1e-5)
  }

  /// Logits of generated pixels, with running statistics that are not the initial ones.
  private func infer(_ network: Network, workers: Int = 1, options: PlanOptions) throws -> [Float] {
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    for (index, entry) in parameters.entries.enumerated() {
      if entry.spec.name.hasPrefix("running") || entry.spec.name == "beta" {
        let values = randomValues(entry.tensor.count, seed: index, 0.1, 0.9)
        for i in 0..<values.count { entry.tensor[i] = values[i] }
      }
    }
    let plan = try InferencePlan(
      network: network, parameters: parameters, batch: 3, pool: .shared(workerCount: workers), options: options)
    let count = 3 * network.inputShape.count
    let pixels = Tensor([count], randomValues(count, seed: 4, 0, 1))
    let logits = try plan.forward(pixels: pixels.pointer, count: 3)
    return Array(UnsafeBufferPointer(start: logits, count: 3 * network.classCount))
  }

  @Test("the layers of Table 1 are fused as the documentation says")
  func fusedChains() throws {
    let network = try smallNetwork()
    #expect(
      try plan(network).steps == [
        ["conv2d_1"], ["batch_norm_1", "relu_1", "max_pool_1"], ["conv2d_2"],
        ["batch_norm_2", "relu_2", "max_pool_2"], ["dropout_1"], ["linear_1", "relu_3"], ["linear_2"],
      ])
    let inference = try InferencePlan(
      network: network, parameters: ParameterSet(network: network, key: RandomKey(seed: 1)), batch: 1,
      pool: .shared(workerCount: 1))
    #expect(
      inference.steps == [
        ["conv2d_1", "batch_norm_1", "relu_1", "max_pool_1"], ["conv2d_2", "batch_norm_2", "relu_2", "max_pool_2"],
        ["linear_1", "relu_3"], ["linear_2"],
      ])
  }

  @Test("frozen layers before the first that learns run as at inference, and keep their statistics")
  func frozenFront() throws {
    let network = try smallNetwork()
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    for name in ["conv2d_1", "batch_norm_1"] { try parameters.setFrozen(true, layer: name) }
    let plan = try TrainingPlan(
      network: network, parameters: parameters, batch: 4, pool: .shared(workerCount: 1),
      options: PlanOptions(poisons: true))
    #expect(plan.steps[0] == ["conv2d_1", "batch_norm_1", "relu_1", "max_pool_1"])
    let before = parameters.copy()
    let result = try StepResult(plan, count: 4)
    #expect(parameters["batch_norm_1.running_mean"]?.values == before["batch_norm_1.running_mean"]?.values)
    #expect(parameters["batch_norm_2.running_mean"]?.values != before["batch_norm_2.running_mean"]?.values)
    for (entry, gradient) in zip(parameters.entries, result.gradients) {
      #expect((gradient != nil) == entry.isTrained, "\(entry.name)")
    }
  }

  @Test("a last softmax changes neither logits nor gradients")
  func lastSoftmax() throws {
    let with = try StepResult(plan(try smallNetwork(softmax: true)), count: 4)
    let without = try StepResult(plan(try smallNetwork(softmax: false)), count: 4)
    expectSame(with, without, "softmax")
  }

  @Test("a smaller last batch gives the bits of a plan of its own size", arguments: [1, 3])
  func partialBatch(count: Int) throws {
    let network = try residualNetwork()
    let large = try plan(network, batch: 4)
    _ = try StepResult(large, count: 4)
    // Running statistics have moved: start from the same.
    let parameters = large.parameters.copy()
    let found = try StepResult(large, count: count)
    let small = try TrainingPlan(
      network: network, parameters: parameters, batch: 4, pool: .shared(workerCount: 1))
    expectSame(found, try StepResult(small, count: count), "\(count) of 4")
  }

  @Test("gradients agree with finite differences of the loss, the L2 term included", arguments: networks)
  func finiteDifferences(name: String) throws {
    let network = name == "small" ? try smallNetwork(rate: 0.25) : try residualNetwork()
    let plan = try plan(network)
    let parameters = plan.parameters
    let classes = network.classCount
    let pixels = Tensor([4 * network.inputShape.count], randomValues(4 * network.inputShape.count, seed: 2, 0, 1))
    let weights = randomValues(4 * classes, seed: 3)
    func forward() throws -> Double {
      let logits = try plan.forward(
        pixels: pixels.pointer, count: 4, randomKey: RandomKey(seed: 1), samples: [0, 1, 2, 3])
      // A sum with fixed weights is as good as any loss, and its gradient is exact.
      return (0..<4 * classes).reduce(parameters.l2Loss()) { $0 + Double(logits[$1]) * Double(weights[$1]) }
    }
    _ = try forward()
    for i in 0..<4 * classes { plan.logitsGradient[i] = weights[i] }
    try plan.backward()
    let gradients = plan.gradients.map { $0?.values }
    for (index, entry) in parameters.entries.enumerated() {
      guard let gradient = gradients[index] else { continue }
      let scale = max(gradient.map(abs).max() ?? 0, 0.05)
      var agreeing = 0
      let places = stride(from: 0, to: entry.tensor.count, by: max(1, entry.tensor.count / 7))
      for place in places {
        let value = entry.tensor[place]
        entry.tensor[place] = value + 2e-3
        let above = try forward()
        entry.tensor[place] = value - 2e-3
        let below = try forward()
        entry.tensor[place] = value
        let numeric = Float((above - below) / 4e-3)
        if abs(numeric - gradient[place]) <= 0.02 * scale { agreeing += 1 }
      }
      // ReLU and max pooling have kinks: a difference across one is no derivative.
      let share = Double(agreeing) / Double(Array(places).count)
      #expect(share >= 0.8, "\(entry.name): only \(agreeing) of \(Array(places).count) agree")
    }
  }

  @Test("the first layer whose output is not finite is named")
  func nonFinite() throws {
    let network = try smallNetwork()
    let plan = try plan(network)
    let pixels = Tensor([4 * network.inputShape.count], randomValues(4 * network.inputShape.count, seed: 2, 0, 1))
    func find() throws -> NonFinite? {
      try plan.firstNonFinite(pixels: pixels.pointer, count: 4, randomKey: RandomKey(seed: 1), samples: [0, 1, 2, 3])
    }
    let statistics = plan.parameters["batch_norm_1.running_mean"]?.values
    #expect(try find() == nil)
    #expect(plan.parameters["batch_norm_1.running_mean"]?.values == statistics)
    let kernel = try #require(plan.parameters["linear_1.kernel"])
    let old = kernel[0]
    kernel.fill(3e38)
    #expect(try find() == .output(layers: ["linear_1", "relu_3"]))
    plan.parameters["batch_norm_1.running_mean"]?.fill(.nan)
    #expect(try find() == .output(layers: ["linear_1", "relu_3"]))
    kernel[5] = .nan
    #expect(try find() == .parameter(name: "linear_1.kernel"))
    kernel.fill(old)
    pixels[network.inputShape.count + 3] = .infinity
    #expect(try find()?.description == "the pixels of picture 2 of the batch are not finite")
  }
}
