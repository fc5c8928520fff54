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

  /// A ConvNeXt with 43,093 numbers, 8 batches of 16 pictures, AdamW, label smoothing and L2: Keras 2.13 wrote the file
  /// before, the loss of each step, and the file after.
  @Test(
    "eight steps from a .keras file give Keras' losses, logits and weights",
    .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func eightSteps() throws {
    let golden = try Golden.load("training/small_convnext_run")
    func setting(_ name: String) throws -> OptionValue {
      .number(try #require(golden.metadata[name].flatMap(Double.init)))
    }
    let start = try model("small_convnext_start")
    let (network, parameters) = (start.network, start.parameters)
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
    expectClose(losses, golden.values("losses"), tolerance: 1e-5, "losses")

    let after = try model("small_convnext_after8").parameters
    for (found, expected) in zip(parameters.entries, after.entries) {
      #expect(found.name == expected.name)
      expectClose(found.tensor.values, expected.tensor.values, tolerance: 1e-4, found.name)
    }
    let inference = try InferencePlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let logits = try inference.forward(pixels: images.pointer, count: batch)
    expectClose(
      Array(UnsafeBufferPointer(start: logits, count: batch * network.classCount)), golden.values("final_logits"),
      tolerance: 1e-4, "logits")
  }
}
