import Foundation
import Layers
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport
import Testing
import Training

@Suite("Keras' training run")
struct KerasRunTests {
  private let pool = WorkerPool.shared(workerCount: 2)

  private func model(_ name: String) throws -> Model {
    let folder = try #require(Golden.sharedFolder)
    return try Model.load(
      from: folder.appendingPathComponent("golden/training/\(name).keras").path,
      importing: ImportOptions(size: PictureSize(height: 64, width: 64)), pool: pool)
  }

  /// What eight steps on the golden batches leave.
  private struct Steps {
    var losses: [Float]
    var network: Network
    var parameters: ParameterSet
    /// Of the first batch.
    var logits: [Float]
  }

  /// - Parameter name: everything before this layer is frozen; nil: nothing is.
  private func run(from name: String? = nil) throws -> Steps {
    let golden = try Golden.load("training/small_convnext_run")
    func setting(_ name: String) throws -> OptionValue {
      .number(try #require(golden.metadata[name].flatMap(Double.init)))
    }
    let start = try model("small_convnext_start")
    let (network, parameters) = (start.network, start.parameters)
    if let name { parameters.setFrozen(layers: Set(try network.parameterLayers(before: name)), of: network) }
    let (steps, batch) = (golden.shape("images")[0], golden.shape("images")[1])
    let plan = try TrainingPlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let optimizer = try OptimizerRegistry.optimizer(
      named: "adamw",
      options: [
        "learning_rate": setting("learning_rate"), "weight_decay": setting("weight_decay"),
        "epsilon": setting("epsilon"),
      ])
    let loss = try LossRegistry.loss(named: "ce", options: ["label_smoothing": setting("label_smoothing")])
    let updater = ParameterUpdater(
      parameters: parameters, gradients: plan.gradients, optimizer: optimizer, pool: pool)
    let images = Tensor([golden.values("images").count], golden.values("images"))
    let labels = Tensor([golden.values("labels").count], golden.values("labels"))

    var losses: [Float] = []
    for step in 0..<steps {
      let logits = try plan.forward(
        pixels: images.pointer + step * images.count / steps, count: batch, randomKey: RandomKey(seed: step),
        samples: Array(0..<batch))
      let value = loss.evaluate(
        logits: logits, labels: labels.pointer + step * labels.count / steps, count: batch,
        classes: network.classCount, classWeights: nil, logitsGradient: plan.logitsGradient)
      losses.append(Float(value + parameters.l2Loss()))
      try plan.backward()
      _ = updater.step(index: step, learningRate: optimizer.learningRate)
    }
    let inference = try InferencePlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let logits = try inference.forward(pixels: images.pointer, count: batch)
    return Steps(
      losses: losses, network: network, parameters: parameters,
      logits: Array(UnsafeBufferPointer(start: logits, count: batch * network.classCount)))
  }

  /// A ConvNeXt with 43,093 numbers, 8 batches of 16 pictures, AdamW, label smoothing and L2: Keras 2.13 wrote the file
  /// before, the loss of each step, and the file after.
  @Test(
    "eight steps from a .keras file give Keras' losses, logits and weights",
    .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func eightSteps() throws {
    let golden = try Golden.load("training/small_convnext_run")
    let steps = try run()
    expectClose(steps.losses, golden.values("losses"), tolerance: 1e-5, "losses")

    let after = try model("small_convnext_after8").parameters
    for (found, expected) in zip(steps.parameters.entries, after.entries) {
      #expect(found.name == expected.name)
      expectClose(found.tensor.values, expected.tensor.values, tolerance: 1e-4, found.name)
    }
    expectClose(steps.logits, golden.values("final_logits"), tolerance: 1e-4, "logits")
  }

  /// The same run with `trainable = False` on every layer before one: TensorFlow 2.13.1, computed for this test by a
  /// gradient tape over the remaining variables, Keras' AdamW and the regularisers of all kernels.
  @Test(
    "eight steps behind a frozen front give Keras' losses and logits",
    .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: [
      (
        "convNeXt2_downSample_layerNormalization",
        [2.3564453, 2.4043963, 2.4008722, 2.1458755, 2.1481688, 2.1119318, 2.1677089, 2.6658642] as [Float],
        [0.31191, 0.22267, -0.147528, -0.062052, 0.470498] as [Float]
      ),
      (
        "output_gap", [2.3564453, 2.2761352, 2.7200150, 2.3747680, 1.8197207, 2.6071587, 1.9578747, 2.4311097],
        [0.067392, -0.287948, 1.43493, 0.954905, -0.766545]
      ),
    ])
  func frozenFront(name: String, losses: [Float], logits: [Float]) throws {
    let steps = try run(from: name)
    expectClose(steps.losses, losses, tolerance: 1e-5, "losses")
    expectClose(Array(steps.logits.prefix(5)), logits, tolerance: 1e-4, "logits of the first picture")
    let start = try model("small_convnext_start").parameters
    for (found, before) in zip(steps.parameters.entries, start.entries) {
      #expect((found.tensor.values == before.tensor.values) == found.isFrozen, "\(found.name)")
    }
  }
}
