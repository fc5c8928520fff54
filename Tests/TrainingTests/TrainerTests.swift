import Datasets
import Foundation
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport
import Testing
import Training

/// Hears everything, and stops when told to.
private final class Recorder: TrainerDelegate {
  var batches: [BatchRecord] = []
  var records: [EpochRecord] = []
  var start: TrainingStart?
  var state: [String: OptionValue] = [:]
  var stopAfterBatch: Int?
  var onBatch: (() throws -> Void)?

  func trainingBegan(_ start: TrainingStart) { self.start = start }

  func batchEnded(_ record: BatchRecord) throws -> TrainerCommand {
    batches.append(record)
    state["batches"] = .integer(batches.count)
    state["loss"] = .number(record.loss.rounded())
    try onBatch?()
    return batches.count == stopAfterBatch ? .stop : .proceed
  }

  func epochEnded(_ record: EpochRecord) -> TrainerCommand {
    records.append(record)
    return .proceed
  }

  func stateToSave() -> [String: OptionValue] { state }
  func restore(state: [String: OptionValue]) { self.state = state }
}

@Suite("Trainer")
struct TrainerTests {
  @Test("a tiny network learns to tell lying bars from standing ones, in two and in three classes", arguments: [2, 3])
  func learns(classes: Int) throws {
    let tiny = try TinyRun(classes: classes, perClass: 30)
    let recorder = Recorder()
    let result = try tiny.trainer(try tiny.settings(epochs: 8), in: "run", delegate: recorder).run()
    #expect(result.history.count == 8)
    #expect(result.stopReason == .completed)
    #expect((result.history.last?.validation?.accuracy ?? 0) > 0.9)
    #expect(result.history[7].trainingLoss < result.history[0].trainingLoss / 2)
    #expect(recorder.start?.batchesPerEpoch == (18 * classes + 3) / 4)
    #expect(recorder.batches.map(\.step) == Array(0..<recorder.batches.count))
    let log = try String(contentsOfFile: tiny.folder.file("run/log.tsv"), encoding: .utf8).split(separator: "\n")
    #expect(log.count == 9)
    #expect(log[0].hasPrefix("epoch\tstep\tlearning_rate\ttraining_loss\t"))
    #expect(log[8].hasPrefix("8\t"))
  }

  @Test("the same seed gives the same bits with one thread and with two")
  func threadCount() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings()
    settings.averageDecay = 0.9
    let weights = try [1, 2].map { threads in
      let result = try tiny.trainer(settings, in: "run\(threads)", threads: threads).run()
      return result.last.parameters.entries.flatMap { $0.tensor.values }
    }
    expectSameBits(weights[0], weights[1])
  }

  @Test("another seed gives other weights")
  func seed() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 1)
    let first = try tiny.trainer(settings, in: "a").run().last.parameters.entries[0].tensor.values
    settings.seed = 2
    let second = try tiny.trainer(settings, in: "b").run().last.parameters.entries[0].tensor.values
    #expect(first != second)
  }

  @Test("stops early, and gives back the best epoch's weights as well as the last one's")
  func earlyStopping() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 30, optimizer: "sgd", rate: 0)
    settings.learningRate = .function { step in step < 5 ? 0.02 : 3 }
    settings.stop = EarlyStopping(monitor: "validation.loss", patience: 2)
    let result = try tiny.trainer(settings, in: "run").run()
    #expect(result.stopReason == .earlyStopped)
    #expect(result.history.count == result.bestEpoch + 2)
    let losses = result.history.map { $0.validation?.loss ?? .infinity }
    #expect(losses[result.bestEpoch - 1] == losses.min())
    #expect(result.best.parameters.entries[0].tensor.values != result.last.parameters.entries[0].tensor.values)
    #expect(result.best.provenance["epoch"] == "\(result.bestEpoch) of 30")
    let stored = try Model.load(from: tiny.folder.file("run/best.safetensors"))
    expectSameBits(stored.parameters.entries.flatMap { $0.tensor.values }, flat(result.best))
  }

  @Test("L2 terms are part of the reported loss, and shrink the kernel")
  func l2() throws {
    let tiny = try TinyRun()
    let recorders = [Recorder(), Recorder()]
    var results: [TrainingResult] = []
    for (index, l2) in [0, 0.5].enumerated() {
      results.append(
        try tiny.trainer(
          tiny.settings(epochs: 1), in: "run\(index)", model: tiny.model(l2: l2), delegate: recorders[index]
        ).run())
    }
    let start = try tiny.model(l2: 0.5).parameters
    #expect(abs(recorders[1].batches[0].loss - recorders[0].batches[0].loss - start.l2Loss()) < 1e-5)
    #expect(sumOfSquares(results[1]) < sumOfSquares(results[0]))
    let expected = (results[1].history[0].validation?.loss ?? 0) - results[1].last.parameters.l2Loss()
    #expect(expected > 0)
  }

  @Test("a loss that is no number stops the run, and names epoch, batch, place and files")
  func nonFinite() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(optimizer: "sgd", rate: 0)
    settings.learningRate = .function { step in step == 1 ? 1e39 : 0 }
    #expect {
      try tiny.trainer(settings, in: "run").run()
    } throws: { error in
      let text = "\(error)"
      return text.hasPrefix("epoch 1, batch 3: the ") && text.contains("finite")
        && text.contains("files of the batch: ")
        && text.contains(".png")
    }
    #expect(!FileManager.default.fileExists(atPath: tiny.folder.file("run/checkpoint.safetensors")))
  }

  @Test("a validation loss that is no number stops the run, and names epoch, place and files")
  func nonFiniteValidation() throws {
    let tiny = try TinyRun()
    let model = try tiny.model()
    // Running statistics play no part in training's own forward pass: only validation meets them.
    try #require(model.parameters["batch_norm_1.running_mean"]).fill(.nan)
    #expect {
      try tiny.trainer(try tiny.settings(), in: "run", model: model).run()
    } throws: { error in
      "\(error)".hasPrefix(
        "epoch 1, validation: the loss is not a number (NaN); the parameter batch_norm_1.running_mean is not finite; "
          + "files with such outputs: ")
    }
    #expect(!FileManager.default.fileExists(atPath: tiny.folder.file("run/best.safetensors")))
  }

  @Test("a hook can end the run after a batch; the epoch is validated and kept")
  func stopCommand() throws {
    let tiny = try TinyRun()
    let recorder = Recorder()
    recorder.stopAfterBatch = 3
    let result = try tiny.trainer(try tiny.settings(epochs: 9), in: "run", delegate: recorder).run()
    #expect(result.stopReason == .requested)
    #expect(result.history.count == 1)
    #expect(recorder.batches.count == 3)
    #expect(result.history[0].validation != nil)
  }

  @Test("broken pictures are left out, counted and named")
  func brokenPictures() throws {
    let tiny = try TinyRun(perClass: 20, broken: 3)
    let result = try tiny.trainer(try tiny.settings(epochs: 1), in: "run").run()
    let broken = ["lying/0.png", "lying/1.png", "lying/2.png"]
    let inUse = tiny.dataset.samples.filter { $0.split != .test && broken.contains($0.name) }
    #expect(!inUse.isEmpty)
    #expect(result.failedFiles.count == inUse.count)
    #expect(result.failedFiles.allSatisfy { $0.path.contains("lying/") && !$0.message.isEmpty && $0.split != nil })
  }

  @Test("stopping by a validation metric without a validation split is refused")
  func noValidation() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings()
    settings.stop = EarlyStopping(monitor: "validation.loss", patience: 1)
    let trainer = Trainer(
      model: try tiny.model(), dataset: try onlyTraining(tiny), settings: settings, folder: tiny.folder.file("run"),
      pool: .init(workerCount: 1))
    #expect(throws: TrainingError.emptySplit(split: "validation", neededFor: "stopping by validation.loss")) {
      try trainer.run()
    }
  }

  @Test("without a validation split and without a rule the training loss decides what is best")
  func trainingLossDecides() throws {
    let tiny = try TinyRun()
    let trainer = Trainer(
      model: try tiny.model(), dataset: try onlyTraining(tiny), settings: try tiny.settings(),
      folder: tiny.folder.file("run"), pool: .init(workerCount: 1))
    let result = try trainer.run()
    #expect(result.history.allSatisfy { $0.validation == nil })
    #expect(result.history[result.bestEpoch - 1].trainingLoss == result.history.map(\.trainingLoss).min())
  }

  @Test("class weights must be as many as classes")
  func classWeights() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 1)
    settings.classWeights = .values([1, 2, 3])
    #expect {
      try tiny.trainer(settings, in: "run").run()
    } throws: {
      "\($0)".hasPrefix("class_weights has 3 numbers, but must have one")
    }
    settings.classWeights = .values([0, 0])
    #expect(throws: TrainingError.setting("class_weights has only zeros; at least one must be more than 0")) {
      try tiny.trainer(settings, in: "run").run()
    }
    settings.classWeights = .balanced
    #expect(try tiny.trainer(settings, in: "run").run().history.count == 1)
  }

  @Test("a learning rate that is no number ends the run with its step")
  func badLearningRate() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings()
    settings.learningRate = .function { $0 == 2 ? -1 : 0.1 }
    #expect(throws: TrainingError.learningRate(-1, step: 2)) { try tiny.trainer(settings, in: "run").run() }
  }

  private func onlyTraining(_ tiny: TinyRun) throws -> Dataset {
    tiny.dataset.partitioned(try SplitFractions(train: 1, validation: 0, test: 0), key: RandomKey(seed: 1))
  }

  private func flat(_ model: Model) -> [Float] { model.parameters.entries.flatMap { $0.tensor.values } }

  private func sumOfSquares(_ result: TrainingResult) -> Float {
    result.last.parameters.entries[0].tensor.values.reduce(0) { $0 + $1 * $1 }
  }
}
