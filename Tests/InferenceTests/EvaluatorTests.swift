import Datasets
import Foundation
import Inference
import Tensors
import TestSupport
import Testing

@Suite("Evaluator")
struct EvaluatorTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool(workerCount: 2)

  init() throws {
    folder = try TemporaryFolder()
    let colours: [(String, (UInt8, UInt8, UInt8))] = [
      ("blue/0", (0, 0, 255)), ("blue/1", (0, 0, 200)), ("blue/2", (255, 0, 0)), ("red/0", (255, 0, 0)),
      ("red/1", (200, 50, 0)),
    ]
    for (name, colour) in colours { try TinyModel.write(colour, to: folder.file("data/\(name).png")) }
  }

  private func evaluate(batch: Int = 32, smoothing: Bool = false) throws -> Evaluation {
    let dataset = try FolderSource(path: folder.file("data")).read()
    var settings = EvaluationSettings()
    settings.batchSize = batch
    return try Evaluator(model: try TinyModel.make(), settings: settings, pool: pool).evaluate(
      dataset: dataset, indices: Array(dataset.samples.indices))
  }

  @Test("the data's classes are matched to the model's by name")
  func classOrder() throws {
    let evaluation = try evaluate()
    #expect(evaluation.classes == ["red", "green", "blue"])
    #expect(evaluation.paths == ["blue/0.png", "blue/1.png", "blue/2.png", "red/0.png", "red/1.png"])
    #expect(evaluation.labels == [2, 2, 2, 0, 0])
    #expect(evaluation.predictions == [2, 2, 0, 0, 0])
    #expect(evaluation.accuracy == 0.8)
    // red: 2 of 3 predicted, 2 of 2 found; green: nothing; blue: 2 of 2, 2 of 3.
    #expect(abs(evaluation.macroF1 - (0.8 + 0 + 0.8) / 3) < 1e-9)
  }

  @Test("the loss is the mean cross-entropy")
  func loss() throws {
    let evaluation = try evaluate()
    var expected = 0.0
    for (index, label) in evaluation.labels.enumerated() {
      expected -= log(Double(evaluation.probabilities(of: index)[index * 3 + label])) / 5
    }
    #expect(abs(evaluation.loss - expected) < 1e-6)
  }

  @Test("the batch size changes nothing", arguments: [1, 2, 4])
  func batchSize(batch: Int) throws {
    let (a, b) = (try evaluate(batch: batch), try evaluate())
    expectSameBits(a.logits, b.logits)
    #expect(a.loss == b.loss && a.aucpr == b.aucpr)
  }

  @Test("a broken picture is left out and named")
  func broken() throws {
    try Data("x".utf8).write(to: URL(fileURLWithPath: folder.file("data/red/9.png")))
    let evaluation = try evaluate()
    #expect(evaluation.count == 5)
    #expect(evaluation.failed.map(\.path) == ["red/9.png"])
    #expect(evaluation.failed[0].status == "not_an_image")
  }

  @Test("a class that the model does not know is refused by name")
  func unknownClass() throws {
    try TinyModel.write((9, 9, 9), to: folder.file("data/violet/0.png"))
    #expect {
      try evaluate()
    } throws: {
      "\($0)".contains("the model does not know 'violet'")
    }
  }

  @Test("a split without pictures is refused")
  func empty() throws {
    let dataset = try FolderSource(path: folder.file("data")).read()
    #expect(throws: InferenceError.noSamples(what: folder.file("data"))) {
      try Evaluator(model: try TinyModel.make(), pool: pool).evaluate(dataset: dataset, indices: [])
    }
  }
}
