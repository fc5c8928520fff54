import Foundation
import ModelFiles
import Networks
import Schemas
import TestSupport
import Testing
import Training

@Suite("Checkpoints that stay")
struct CheckpointTests {
  private func history(_ values: [Double]) -> [EpochRecord] {
    values.enumerated().map { index, value in
      EpochRecord(
        epoch: index + 1, step: index, learningRate: 0.1, trainingLoss: 1, trainingAccuracy: 0.5,
        validation: SplitMetrics(loss: 1 - value, accuracy: value, macroF1: value, aucpr: value))
    }
  }

  @Test("every n keeps the epochs that n divides, last the latest, best the highest, from cuts off")
  func rules() {
    let history = history([0.1, 0.5, 0.3, 0.5, 0.4, 0.2, 0.45])
    #expect(CheckpointRules(every: 1).kept(of: history) == [1, 2, 3, 4, 5, 6, 7])
    #expect(CheckpointRules(every: 3).kept(of: history) == [3, 6])
    #expect(CheckpointRules(last: 2).kept(of: history) == [6, 7])
    // Of equals the earlier.
    #expect(CheckpointRules(best: .init(count: 1)).kept(of: history) == [2])
    #expect(CheckpointRules(best: .init(count: 3)).kept(of: history) == [2, 4, 7])
    #expect(CheckpointRules(best: .init(metric: "validation.loss", count: 2)).kept(of: history) == [2, 4])
    #expect(CheckpointRules(best: .init(mode: .minimum, count: 2)).kept(of: history) == [1, 6])
    #expect(CheckpointRules(every: 3, best: .init(), last: 1).kept(of: history) == [2, 3, 6, 7])
    #expect(CheckpointRules(every: 1, from: 5).kept(of: history) == [5, 6, 7])
    #expect(CheckpointRules(best: .init(), from: 5).kept(of: history) == [7])
  }

  @Test("the number of files never exceeds what was said before")
  func bound() {
    let history = history((0..<24).map { Double($0 * 7 % 24) / 24 })
    for rules in [
      CheckpointRules(every: 1), CheckpointRules(every: 5), CheckpointRules(every: 5, from: 10),
      CheckpointRules(best: .init(count: 3)), CheckpointRules(best: .init(count: 3), last: 4),
      CheckpointRules(every: 6, best: .init(count: 2), last: 2, from: 7), CheckpointRules(last: 100),
      CheckpointRules(last: 2, from: 24), CheckpointRules(every: 7, from: 25),
    ] {
      let counts = (1...24).map { rules.kept(of: Array(history.prefix($0))).count }
      #expect(counts.allSatisfy { $0 <= rules.maximumCount(epochs: 24) }, "\(rules)")
      if rules.best == nil, rules.last ?? 0 < 24 {
        #expect(counts.max() == rules.maximumCount(epochs: 24), "\(rules)")
      }
      #expect((0...1).contains(rules.maximumFiles(epochs: 24) - rules.maximumCount(epochs: 24)))
    }
    #expect(CheckpointRules(every: 1).maximumFiles(epochs: 24) == 24)
    #expect(CheckpointRules(last: 3).maximumFiles(epochs: 24) == 4)
  }

  private func names(_ tiny: TinyRun, _ run: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: tiny.folder.file("\(run)/checkpoints")).sorted()
  }

  @Test("a run leaves a model of each epoch, with the epoch's weights, and a table of their metrics")
  func everyEpoch() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 3)
    settings.checkpoints = CheckpointRules(every: 1)
    let result = try tiny.trainer(settings, in: "run").run()
    let files = ["epoch-0001.safetensors", "epoch-0002.safetensors", "epoch-0003.safetensors"]
    #expect(try names(tiny, "run") == ["checkpoints.tsv"] + files)
    #expect(result.checkpoints.map(\.epoch) == [1, 2, 3])
    #expect(result.checkpoints.map(\.record) == result.history)
    let last = try Model.load(from: result.checkpoints[2].path)
    #expect(last.parameters.allValues == result.last.parameters.allValues)
    #expect(last.provenance["epoch"] == "3 of 3")
    let first = try Model.load(from: result.checkpoints[0].path)
    #expect(first.parameters.allValues != result.last.parameters.allValues)
    let table = try String(contentsOfFile: tiny.folder.file("run/checkpoints/checkpoints.tsv"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    #expect(
      table[0] == [
        "epoch", "file", "training_loss", "training_accuracy", "validation_loss", "validation_accuracy",
        "validation_macro_f1", "validation_aucpr",
      ])
    #expect(table.dropFirst().map { $0[1] } == files)
    #expect(Double(table[2][6]) == result.history[1].validation?.macroF1)
  }

  @Test("the same run without them ends with the same bits")
  func noInfluence() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 2)
    let plain = try tiny.trainer(settings, in: "plain").run()
    #expect(plain.checkpoints.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: tiny.folder.file("plain/checkpoints")))
    settings.checkpoints = CheckpointRules(last: 1)
    let kept = try tiny.trainer(settings, in: "kept").run()
    #expect(kept.last.parameters.allValues == plain.last.parameters.allValues)
    #expect(kept.checkpoints.map(\.epoch) == [2])
  }

  @Test("after an interruption anywhere, the list is that of a whole run", arguments: [2, 4, 5, 8, 9, 11])
  func resume(batch: Int) throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 3)
    settings.checkpoints = CheckpointRules(best: .init(metric: "validation.loss"), last: 2)
    let whole = try tiny.trainer(settings, in: "whole").run()
    let count = Counter()
    #expect(throws: TrainingError.self) {
      try tiny.trainer(settings, in: "run", shouldStop: { count.next() >= batch }).run()
    }
    // A crash after the file of an epoch, before the run's state: the file is newer than all that the state knows.
    try Data("half".utf8).write(to: URL(fileURLWithPath: tiny.folder.file("run/checkpoints/epoch-0009.safetensors")))
    let resumed = try tiny.trainer(settings, in: "run").run(resume: true)
    #expect(resumed.checkpoints.map(\.epoch) == whole.checkpoints.map(\.epoch))
    #expect(try names(tiny, "run") == names(tiny, "whole"))
    for (a, b) in zip(resumed.checkpoints, whole.checkpoints) {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: a.path)) == Data(contentsOf: URL(fileURLWithPath: b.path)))
    }
    let finished = try tiny.trainer(settings, in: "run").run(resume: true)
    #expect(finished.checkpoints.map(\.path) == resumed.checkpoints.map(\.path))
  }

  @Test("a new run in the same folder takes the old files away")
  func anew() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 3)
    settings.checkpoints = CheckpointRules(every: 1)
    _ = try tiny.trainer(settings, in: "run").run()
    settings.epochs = 2
    settings.checkpoints = CheckpointRules(last: 1)
    _ = try tiny.trainer(settings, in: "run").run()
    #expect(try names(tiny, "run") == ["checkpoints.tsv", "epoch-0002.safetensors"])
    settings.checkpoints = nil
    _ = try tiny.trainer(settings, in: "run").run()
    #expect(!FileManager.default.fileExists(atPath: tiny.folder.file("run/checkpoints")))
  }

  @Test("a run that would fill the disk does not begin, and says what it would take")
  func disk() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 1_000_000_000)
    settings.checkpoints = CheckpointRules(every: 1)
    let trainer = try tiny.trainer(settings, in: "run")
    #expect {
      try trainer.run()
    } throws: { error in
      guard case TrainingError.diskSpace(_, let files, let needed, let free) = error else { return false }
      #expect(files == 1_000_000_000)
      #expect(needed > free)
      return "\(error)".contains("of disk, most of it for 1000000000 checkpoints, but only")
    }
    #expect(!FileManager.default.fileExists(atPath: tiny.folder.file("run/log.tsv")))
  }

  @Test("what the disk need says holds: no file is larger, and all of them together are not")
  func need() throws {
    let tiny = try TinyRun()
    var settings = try tiny.settings(epochs: 3)
    settings.averageDecay = 0.9
    settings.checkpoints = CheckpointRules(every: 1)
    let result = try tiny.trainer(settings, in: "run").run()
    let need = settings.diskNeed(network: result.last.network)
    #expect(need.checkpointFiles == 3)
    let files = FileManager.default.enumerator(atPath: tiny.folder.file("run"))?.allObjects as? [String] ?? []
    var total = 0
    for file in files {
      let attributes = try FileManager.default.attributesOfItem(atPath: tiny.folder.file("run/" + file))
      guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
      let size = try #require(attributes[.size] as? Int)
      total += size
      if file.contains("epoch-") { #expect(size <= need.modelBytes) }
    }
    #expect(files.count == 8)
    #expect(total <= need.totalBytes)
    #expect(DiskNeed.freeBytes(at: tiny.folder.file("run/not/there/yet")) != nil)
  }

  @Test("rules that ask for nothing, for two things at once, or for what is not measured are refused")
  func refused() throws {
    func rules(_ values: [String: OptionValue], best: [String: OptionValue]? = nil) throws -> CheckpointRules {
      try CheckpointRules(
        options: Options(values, schema: CheckpointRules.schema),
        best: best.map { try Options($0, schema: CheckpointRules.bestSchema) })
    }
    #expect(try rules(["every_epoch": .boolean(true)]) == CheckpointRules(every: 1))
    #expect(
      try rules([:], best: ["metric": .string("training.loss"), "count": .integer(2)])
        == CheckpointRules(best: .init(metric: "training.loss", mode: .minimum, count: 2)))
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message { _ = try rules([:]) }
        == "checkpoints: one of every_epoch, every, best and last must say which epochs to keep")
    #expect(
      message { _ = try rules(["every_epoch": .boolean(true), "every": .integer(2)]) }
        == "checkpoints: every_epoch and every = 2 cannot both be")
    let tiny = try TinyRun()
    var settings = try tiny.settings()
    settings.checkpoints = CheckpointRules(best: .init(metric: "validation.f2"))
    #expect(message { _ = try tiny.trainer(settings, in: "run").run() }.hasPrefix("there is no metric 'validation.f2'"))
  }
}
