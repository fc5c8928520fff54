import Foundation
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport
import Testing
import Training

/// Stops the trainer at a batch: by the flag, or as a crash would, by an error.
private final class Interruption: TrainerDelegate {
  struct Crash: Error {}

  let crashAtBatch: Int?
  private(set) var batches = 0
  private(set) var restored: [String: OptionValue] = [:]

  init(crashAtBatch: Int? = nil) { self.crashAtBatch = crashAtBatch }

  func batchEnded(_ record: BatchRecord) throws -> TrainerCommand {
    batches += 1
    if batches == crashAtBatch { throw Crash() }
    return .proceed
  }

  func stateToSave() -> [String: OptionValue] {
    ["integer": .integer(2), "number": .number(2), "list": .list([.string("a"), .boolean(true)])]
  }

  func restore(state: [String: OptionValue]) { restored = state }
}

@Suite("Checkpoints and resume")
struct ResumeTests {
  /// Two epochs of four batches, dropout, batch norm, momentum, averages.
  private func settings(_ tiny: TinyRun) throws -> TrainingSettings {
    var settings = try tiny.settings(epochs: 2)
    settings.averageDecay = 0.9
    settings.clipNorm = 5
    settings.learningRate = .schedule(try CosineSchedule(["warmup": .number(1)]))
    return settings
  }

  private func everything(_ result: TrainingResult) -> [Float] {
    [result.last, result.best].flatMap { $0.parameters.entries.flatMap { $0.tensor.values } }
      + result.history.map { Float($0.trainingLoss) } + result.history.map { Float($0.validation?.loss ?? 0) }
  }

  @Test("a run stopped after any batch and resumed ends with the same bits", arguments: 1...9)
  func stopAnywhere(batch: Int) throws {
    let tiny = try TinyRun()
    let settings = try settings(tiny)
    let whole = try tiny.trainer(settings, in: "whole").run()
    let count = Counter()
    #expect {
      try tiny.trainer(settings, in: "run", shouldStop: { count.next() >= batch }).run()
    } throws: {
      guard case TrainingError.interrupted = $0 else { return false }
      return true
    }
    let resumed = try tiny.trainer(settings, in: "run").run(resume: true)
    expectSameBits(everything(resumed), everything(whole))
  }

  @Test(
    "a run that crashed within an epoch goes on from its last checkpoint, with the same bits", arguments: [3, 6, 7])
  func crash(batch: Int) throws {
    let tiny = try TinyRun()
    var settings = try settings(tiny)
    settings.checkpointBatches = 2
    let whole = try tiny.trainer(settings, in: "whole").run()
    let crashing = Interruption(crashAtBatch: batch)
    #expect(throws: Interruption.Crash.self) {
      try tiny.trainer(settings, in: "run", delegate: crashing).run()
    }
    let again = Interruption()
    let resumed = try tiny.trainer(settings, in: "run", threads: 2, delegate: again).run(resume: true)
    expectSameBits(everything(resumed), everything(whole))
    #expect(again.batches < 8)
    #expect(again.restored["integer"] == .integer(2))
    #expect(again.restored["number"] == .number(2))
    #expect(again.restored["list"] == .list([.string("a"), .boolean(true)]))
    let log = try String(contentsOfFile: tiny.folder.file("run/log.tsv"), encoding: .utf8)
    #expect(log.split(separator: "\n").map { $0.prefix(2) } == ["ep", "1\t", "2\t"])
  }

  @Test("a finished run is loaded, not run again")
  func finished() throws {
    let tiny = try TinyRun()
    let settings = try settings(tiny)
    let first = try tiny.trainer(settings, in: "run").run()
    let delegate = Interruption()
    let second = try tiny.trainer(settings, in: "run", delegate: delegate).run(resume: true)
    #expect(delegate.batches == 0)
    expectSameBits(everything(second), everything(first))
    #expect(second.history == first.history)
    #expect(second.bestEpoch == first.bestEpoch)
  }

  @Test("resuming where nothing was begun begins")
  func nothingToResume() throws {
    let tiny = try TinyRun()
    #expect(try tiny.trainer(settings(tiny), in: "run").run(resume: true).history.count == 2)
  }

  @Test("a checkpoint of another run is refused with what differs")
  func refused() throws {
    let tiny = try TinyRun()
    var settings = try settings(tiny)
    _ = try tiny.trainer(settings, in: "run").run()
    func message(_ trainer: Trainer) -> String {
      do {
        _ = try trainer.run(resume: true)
        return "it ran"
      } catch {
        return "\(error)"
      }
    }
    let network = message(try tiny.trainer(settings, in: "run", model: tiny.model(filters: 5)))
    #expect(
      network.contains("checkpoint.safetensors: cannot continue this run: it was made with the network of 8 layers"))
    let weights = message(try tiny.trainer(settings, in: "run", model: tiny.model(seed: 9)))
    #expect(weights.contains("it was made with the starting weights of digest "))
    let other = try TinyRun(perClass: 15)
    let data = message(
      Trainer(
        model: try tiny.model(), dataset: other.dataset, settings: settings, folder: tiny.folder.file("run"),
        pool: .init(workerCount: 1)))
    #expect(data.contains("it was made with the data of 28 pictures"))
    settings.batchSize = 5
    #expect(message(try tiny.trainer(settings, in: "run")).contains("the batch size 4, this run has 5"))
    settings.batchSize = 4
    settings.optimizer = try SGD()
    #expect(
      message(try tiny.trainer(settings, in: "run")).contains("it was made with the optimizer adam {beta_1 = 0.9"))
  }

  @Test("a damaged checkpoint is refused by name")
  func damaged() throws {
    let tiny = try TinyRun()
    let settings = try settings(tiny)
    _ = try tiny.trainer(settings, in: "run").run()
    let path = tiny.folder.file("run/checkpoint.safetensors")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(bytes.count - 100).write(to: URL(fileURLWithPath: path))
    #expect {
      try tiny.trainer(settings, in: "run").run(resume: true)
    } throws: {
      "\($0)".hasPrefix(path)
    }
  }

  @Test("a hook's function cannot be stored, and the message names its key")
  func functionInState() throws {
    final class Keeper: TrainerDelegate {
      func stateToSave() -> [String: OptionValue] { ["callback": .reference(kind: "function", id: 1)] }
    }
    let tiny = try TinyRun()
    let keeper = Keeper()
    #expect(throws: TrainingError.hookState(key: "callback")) {
      try tiny.trainer(settings(tiny), in: "run", delegate: keeper).run()
    }
  }

  @Test(
    "a full disk is an error, and the checkpoint before stays whole", .enabled(if: SmallDisk.isPossible, "needs root"))
  func fullDisk() throws {
    let tiny = try TinyRun()
    let settings = try settings(tiny)
    let disk = try SmallDisk(kilobytes: 512)
    defer { disk.unmount() }
    let trainer = Trainer(
      model: try tiny.model(), dataset: tiny.dataset, settings: settings, folder: disk.path + "/run",
      pool: .init(workerCount: 1), delegate: nil,
      shouldStop: { FileManager.default.fileExists(atPath: disk.path + "/stop") })
    try Data().write(to: URL(fileURLWithPath: disk.path + "/stop"))
    #expect(throws: TrainingError.self) { try trainer.run() }
    let path = disk.path + "/run/checkpoint.safetensors"
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    unlink(disk.path + "/stop")
    disk.fill()
    #expect {
      try trainer.run(resume: true)
    } throws: {
      "\($0)".contains("the disk is full")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    disk.makeRoom()
    let whole = try tiny.trainer(settings, in: "whole").run()
    expectSameBits(everything(try trainer.run(resume: true)), everything(whole))
  }
}

/// A file system of a few kilobytes.
private final class SmallDisk: Sendable {
  let path: String

  static let isPossible: Bool = {
    guard geteuid() == 0, let disk = try? SmallDisk(kilobytes: 64) else { return false }
    disk.unmount()
    return true
  }()

  init(kilobytes: Int) throws {
    path = NSTemporaryDirectory() + "workbench-disk-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard mount("none", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
      rmdir(path)
      throw CocoaError(.fileWriteNoPermission)
    }
  }

  func fill() {
    let descriptor = open(path + "/filling", O_WRONLY | O_CREAT, 0o600)
    let block = [UInt8](repeating: 1, count: 1024)
    while write(descriptor, block, block.count) > 0 {}
    close(descriptor)
  }

  func makeRoom() { unlink(path + "/filling") }

  func unmount() {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }
}
