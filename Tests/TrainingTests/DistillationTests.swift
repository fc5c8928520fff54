import Datasets
import Foundation
import Images
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport
import Testing
import Training

private final class Losses: TrainerDelegate {
  var values: [Double] = []

  func batchEnded(_ record: BatchRecord) -> TrainerCommand {
    values.append(record.loss)
    return .proceed
  }
}

@Suite("Distillation in training") struct DistillationTests {
  private func distillation(
    _ teacher: Model, _ options: [String: OptionValue] = [:]
  ) throws -> DistillationSettings {
    try DistillationSettings(
      teacher: teacher,
      options: try Options(
        options.merging(["teacher": .reference(kind: "model", id: 1)]) { old, _ in old },
        schema: DistillationSettings.schema))
  }

  private func teacher(_ tiny: TinyRun, filters: Int = 6) throws -> Model {
    try tiny.trainer(try tiny.settings(epochs: 6), in: "teacher", model: try tiny.model(seed: 3, filters: filters))
      .run()
      .best
  }

  /// The loss of each step, and all numbers at the end.
  private func run(
    _ tiny: TinyRun, _ distillation: DistillationSettings?, epochs: Int = 2, threads: Int = 1, name: String,
    change: (inout TrainingSettings) throws -> Void = { _ in }
  ) throws -> (losses: [Double], values: [Float]) {
    var settings = try tiny.settings(epochs: epochs)
    settings.distillation = distillation
    try change(&settings)
    let losses = Losses()
    let result = try tiny.trainer(
      settings, in: name, model: try tiny.model(l2: 0.01), threads: threads, delegate: losses
    ).run()
    return (losses.values, result.last.parameters.allValues)
  }

  @Test("a student learns from its teacher's answers alone")
  func learns() throws {
    let tiny = try TinyRun(perClass: 30)
    var settings = try tiny.settings(epochs: 10)
    settings.distillation = try distillation(try teacher(tiny), ["temperature": .number(2)])
    let result = try tiny.trainer(settings, in: "student").run()
    #expect((result.history.last?.validation?.accuracy ?? 0) > 0.9)
    #expect(result.history[9].trainingLoss < result.history[0].trainingLoss / 2)
    #expect(result.last.provenance["distillation"]?.contains("temperature") == true)
  }

  @Test("with all weight on the labels it is the training without a teacher, bit by bit")
  func labelsOnly() throws {
    let tiny = try TinyRun()
    let plain = try run(tiny, nil, name: "plain")
    let options: [String: OptionValue] = ["weight": .number(0), "label_weight": .number(1), "l2": .boolean(true)]
    let taught = try run(tiny, try distillation(try teacher(tiny), options), name: "taught")
    #expect(plain.losses == taught.losses)
    expectSameBits(plain.values, taught.values)
    let withoutL2 = try run(
      tiny, try distillation(try teacher(tiny), options.merging(["l2": .boolean(false)]) { $1 }), name: "without")
    #expect(withoutL2.losses[0] < plain.losses[0])
  }

  @Test("kept answers are those that are asked for each time, where pictures are not changed; threads change nothing")
  func kept() throws {
    let tiny = try TinyRun()
    let teacher = try teacher(tiny)
    let asked = try run(tiny, try distillation(teacher), name: "asked")
    let kept = try run(tiny, try distillation(teacher, ["cache": .boolean(true)]), name: "kept")
    let threaded = try run(tiny, try distillation(teacher), threads: 2, name: "threaded")
    #expect(asked.losses == kept.losses)
    expectSameBits(asked.values, kept.values)
    expectSameBits(asked.values, threaded.values)
  }

  @Test("a teacher with its classes in another order, and of another range of pixels, gives the same lesson")
  func otherTeacher() throws {
    let tiny = try TinyRun()
    let teacher = try teacher(tiny)
    let parameters = teacher.parameters.copy()
    for entry in parameters.entries {
      let values = entry.tensor.values
      switch entry.name {
      case let name where name.hasPrefix("linear"):
        for i in stride(from: 0, to: values.count, by: 2) {
          (entry.tensor.pointer[i], entry.tensor.pointer[i + 1]) = (values[i + 1], values[i])
        }
      case let name where name.hasPrefix("conv2d") && name.hasSuffix("kernel"):
        for i in values.indices { entry.tensor.pointer[i] = values[i] / 255 }
      default: break
      }
    }
    let other = try Model(
      name: "other", network: teacher.network, parameters: parameters, classes: teacher.classes.reversed(),
      preprocessing: Preprocessing(height: TinyRun.side, width: TinyRun.side, range: [0, 255]))
    let first = try run(tiny, try distillation(teacher), epochs: 1, name: "first")
    let second = try run(tiny, try distillation(other), epochs: 1, name: "second")
    #expect(first.losses.count > 3)
    for (a, b) in zip(first.losses, second.losses) { #expect(abs(a - b) < 1e-5) }
  }

  @Test("an interrupted distillation goes on to the same bits, and not with another teacher")
  func resume() throws {
    let tiny = try TinyRun()
    let teacher = try teacher(tiny)
    let whole = try run(tiny, try distillation(teacher), name: "whole")
    var settings = try tiny.settings()
    settings.distillation = try distillation(teacher)
    let calls = Counter()
    #expect(throws: TrainingError.self) {
      try tiny.trainer(
        settings, in: "cut", model: try tiny.model(l2: 0.01), shouldStop: { calls.next() == 3 }
      ).run()
    }
    let result = try tiny.trainer(settings, in: "cut", model: try tiny.model(l2: 0.01)).run(resume: true)
    expectSameBits(result.last.parameters.allValues, whole.values)
    settings.distillation = try distillation(try tiny.model(seed: 9))
    #expect {
      try tiny.trainer(settings, in: "cut", model: try tiny.model(l2: 0.01)).run(resume: true)
    } throws: { "\($0)".contains("the distillation") }
  }

  @Test("a teacher that cannot teach is refused before anything is trained")
  func mistakes() throws {
    let tiny = try TinyRun()
    let model = try tiny.model()
    let stranger = try Model(
      name: "stranger", network: model.network, parameters: model.parameters, classes: ["lying", "flying"],
      preprocessing: model.preprocessing)
    func message(_ distillation: DistillationSettings, mixing: Bool = false) -> String {
      do {
        _ = try run(tiny, distillation, name: "refused") { settings in
          if mixing { settings.batchAugmentations = [try AugmentationRegistry.batchAugmentation(named: "mixup")] }
        }
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(try distillation(stranger)) == "the teacher does not know the student's classes 'standing'")
    #expect(message(try distillation(model, ["weight": .number(0)])).contains("nothing would be learnt"))
    #expect(message(try distillation(model, ["cache": .boolean(true)]), mixing: true).contains("mix pictures"))
    #expect(message(try distillation(model), mixing: true) == "")
  }
}
