import Foundation
import ModelFiles
import Networks
import Schemas
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

/// Training with frozen layers and with learning rates of their own.
@Suite("Transfer")
struct TransferTests {
  /// With what could move a frozen number: decay, averages, batch norm.
  private func settings(_ tiny: TinyRun) throws -> TrainingSettings {
    var settings = try tiny.settings(epochs: 2, optimizer: "adamw")
    settings.averageDecay = 0.9
    settings.clipNorm = 5
    return settings
  }

  private func model(_ tiny: TinyRun, frozenBefore name: String) throws -> Model {
    let model = try tiny.model(l2: 0.01)
    model.parameters.setFrozen(layers: Set(try model.network.parameterLayers(before: name)), of: model.network)
    return model
  }

  private func everything(_ result: TrainingResult) -> [Float] {
    [result.last, result.best].flatMap { $0.parameters.allValues } + result.history.map { Float($0.trainingLoss) }
  }

  @Test("frozen layers keep their bits through decay, averages and batches, and the optimizer keeps nothing of them")
  func frozenBits() throws {
    let tiny = try TinyRun()
    let model = try model(tiny, frozenBefore: "flatten_1")
    let result = try tiny.trainer(settings(tiny), in: "run", model: model).run()
    for (found, start) in zip(result.last.parameters.entries, model.parameters.entries) {
      #expect((found.tensor.values == start.tensor.values) == start.isFrozen, "\(found.name)")
      #expect(!found.isFrozen)
    }
    let names = try SafeTensorsFile(path: tiny.folder.file("run/checkpoint.safetensors")).header.entries.map(\.name)
    #expect(names.contains("optimizer/m/linear_1.kernel") && !names.contains { $0.hasPrefix("optimizer/m/conv2d_1") })
    #expect(result.last.provenance["frozen"] == "2 of 3 layers, linear_1 is the first that is not")
    // The L2 term of the frozen kernel is part of the loss.
    #expect(model.parameters.l2Loss() > 0)
    #expect(result.history[0].trainingLoss > model.parameters.l2Loss())
  }

  @Test("a frozen batch norm behind a convolution that learns keeps its statistics")
  func frozenMiddle() throws {
    let tiny = try TinyRun()
    let model = try tiny.model()
    try model.parameters.setFrozen(true, layer: "batch_norm_1")
    let result = try tiny.trainer(settings(tiny), in: "run", model: model).run()
    for (found, start) in zip(result.last.parameters.entries, model.parameters.entries) {
      #expect((found.tensor.values == start.tensor.values) == start.isFrozen, "\(found.name)")
    }
  }

  @Test("two threads and an interruption change no bit of a run with frozen layers, factors and layer decay")
  func sameBits() throws {
    let tiny = try TinyRun()
    var settings = try settings(tiny)
    settings.learningRateFactors = LearningRateFactors(byLayer: ["linear_*": 3], layerDecay: 0.5)
    let model = try model(tiny, frozenBefore: "batch_norm_1")
    let whole = try tiny.trainer(settings, in: "whole", model: model).run()
    #expect(whole.last.provenance["learning rate factors"] == "linear_* 3.0, layer decay 0.5")
    let two = try tiny.trainer(settings, in: "two", model: model, threads: 2).run()
    expectSameBits(everything(two), everything(whole))
    for batch in [2, 5] {
      let count = Atomic<Int>(0)
      #expect(throws: TrainingError.self) {
        try tiny.trainer(
          settings, in: "run\(batch)", model: model,
          shouldStop: { count.add(1, ordering: .relaxed).newValue >= batch }
        ).run()
      }
      let resumed = try tiny.trainer(settings, in: "run\(batch)", model: model).run(resume: true)
      expectSameBits(everything(resumed), everything(whole))
    }
  }

  @Test("a checkpoint does not go on with other frozen layers or other factors")
  func otherSettings() throws {
    let tiny = try TinyRun()
    var settings = try settings(tiny)
    let model = try model(tiny, frozenBefore: "flatten_1")
    _ = try tiny.trainer(settings, in: "run", model: model).run()
    func message(_ model: Model) -> String {
      do {
        _ = try tiny.trainer(settings, in: "run", model: model).run(resume: true)
        return "it ran"
      } catch {
        return "\(error)"
      }
    }
    #expect(message(try tiny.model(l2: 0.01)).contains("it was made with the frozen parameters conv2d_1.kernel, "))
    settings.learningRateFactors.layerDecay = 0.75
    #expect(message(model).hasSuffix("the learning rate factors none, this run has layer decay 0.75"))
  }

  @Test("a factor scales the whole step, AdamW's decay with it", arguments: ["adam", "adamw", "sgd"])
  func factors(name: String) throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 1, optimizer: name)
    settings.learningRateFactors = LearningRateFactors(byLayer: ["conv2d_1": 0])
    let model = try tiny.model()
    let result = try tiny.trainer(settings, in: "run", model: model).run()
    for (found, start) in zip(result.last.parameters.entries, model.parameters.entries) {
      #expect((found.tensor.values == start.tensor.values) == (found.layerName == "conv2d_1"), "\(found.name)")
    }
    // The same factor for all layers is that rate.
    settings.learningRateFactors = LearningRateFactors(byLayer: ["*": 0.25])
    let scaled = try tiny.trainer(settings, in: "scaled", model: model).run()
    let plain = try tiny.settings(epochs: 1, optimizer: name, rate: 0.02 * 0.25)
    let expected = try tiny.trainer(plain, in: "plain", model: model).run()
    expectClose(scaled.last.parameters.allValues, expected.last.parameters.allValues, tolerance: 1e-5)
  }

  @Test("a factor for a layer that is not there is refused before anything is trained")
  func refused() throws {
    let tiny = try TinyRun()
    var settings = try settings(tiny)
    settings.learningRateFactors = LearningRateFactors(byLayer: ["linaer_1": 2])
    #expect {
      try tiny.trainer(settings, in: "run").run()
    } throws: {
      "\($0)" == "the learning rate factors: the network has no layer 'linaer_1' (did you mean 'linear_1'?)"
    }
  }
}
