import Layers
import Schemas
import Testing
import Training

/// Losses that rest on how often each class occurs.
@Suite("Class counts of a training run")
struct ClassCountTests {
  private func loss(_ name: String, _ counts: [Int]? = nil) throws -> any Loss {
    let options = counts.map { ["class_counts": OptionValue.list($0.map { .integer($0) })] } ?? [:]
    return try LossRegistry.loss(named: name, options: options)
  }

  @Test("the trainer counts the classes of the training split", arguments: ["cbf", "cbs", "la", "lw", "nis"])
  func counted(name: String) throws {
    let tiny = try TinyRun(classes: 3, perClass: 8)
    let counts = tiny.dataset.classCounts(of: tiny.dataset.indices(of: .train))
    var losses: [[Double?]] = []
    let others = [counts[0], counts[1], counts[2] + 30]
    for (index, given) in [nil, counts, others].enumerated() {
      var settings = try tiny.settings(epochs: 1)
      settings.loss = try CombinedLoss([(try loss(name, given), 1)])
      let result = try tiny.trainer(settings, in: "run\(index)").run()
      losses.append([result.history[0].trainingLoss, result.history[0].validation?.loss])
    }
    #expect(losses[0] == losses[1])
    #expect(losses[0] != losses[2])
  }

  @Test("counts for another number of classes are refused")
  func refused() throws {
    let tiny = try TinyRun(classes: 3, perClass: 8)
    var settings = try tiny.settings(epochs: 1)
    settings.loss = try loss("la", [1, 2])
    #expect(
      throws: TrainingError.setting("the loss: the length of 'class_counts' is 2, but there are 3 classes")
    ) { try tiny.trainer(settings, in: "run").run() }
  }
}
