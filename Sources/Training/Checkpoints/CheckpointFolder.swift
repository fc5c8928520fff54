import Foundation
import Inference
import ModelFiles

/// The folder `checkpoints/` of a run: model files of the epochs that its rules keep, and `checkpoints.tsv` about them.
///
///     epoch-0007.safetensors     sorts as the epochs do
///     checkpoints.tsv            epoch, file, and every metric of it
///
/// What is in it follows from the rules and the history alone. At an epoch's end comes its file, then the run's state is
/// saved, and only then do the files go that are kept no longer: wherever a run is cut off, all that its state knows
/// of is there.
package struct CheckpointFolder {
  package static let name = "checkpoints"
  package static let tableName = "checkpoints.tsv"
  private static let prefix = "epoch-"
  private static let suffix = ".safetensors"

  let path: String
  let rules: CheckpointRules
  /// Of the run, for the width of the names.
  let epochs: Int

  func path(epoch: Int) -> String {
    let digits = "\(epoch)"
    let width = max(4, "\(epochs)".count)
    return "\(path)/\(Self.prefix)\(String(repeating: "0", count: max(0, width - digits.count)))\(digits)\(Self.suffix)"
  }

  /// Removes what an earlier run has left.
  static func clear(_ path: String) {
    for name in files(in: path) + [tableName] { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// Makes the folder as the history has it: what came later goes.
  ///
  /// - Throws: `TrainingError.cannotMakeFolder`, `ModelFileError`.
  func begin(with history: [EpochRecord]) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw TrainingError.cannotMakeFolder(path: path, reason: (error as NSError).localizedDescription)
    }
    try settle(history)
  }

  /// Whether the last epoch of the history leaves a file.
  func keepsLast(of history: [EpochRecord]) -> Bool {
    history.last.map { rules.kept(of: history).contains($0.epoch) } ?? false
  }

  /// Brings the table up to date, then deletes what it does not name.
  ///
  /// - Throws: `ModelFileError`; no file is gone then.
  func settle(_ history: [EpochRecord]) throws(ModelFileError) {
    let kept = list(history)
    let lines = kept.map { checkpoint in
      TSV.line(
        ["\(checkpoint.epoch)", (checkpoint.path as NSString).lastPathComponent]
          + EpochRecord.metricNames.map { checkpoint.record.metric($0).map { "\($0)" } ?? "" })
    }
    let heads = ["epoch", "file"] + EpochRecord.metricNames.map { $0.replacingOccurrences(of: ".", with: "_") }
    try AtomicFile.write(
      ([TSV.line(heads)] + lines).joined(separator: "\n") + "\n", to: "\(path)/\(Self.tableName)")
    let names = Set(kept.map { ($0.path as NSString).lastPathComponent })
    for name in Self.files(in: path) where !names.contains(name) { unlink("\(path)/\(name)") }
  }

  /// The files that there are of what the rules keep, by epoch. One that somebody has deleted is left out.
  func list(_ history: [EpochRecord]) -> [SavedCheckpoint] {
    let kept = rules.kept(of: history)
    return history.filter { kept.contains($0.epoch) }
      .map { SavedCheckpoint(epoch: $0.epoch, path: path(epoch: $0.epoch), record: $0) }
      .filter { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The names of the model files in a folder of checkpoints, in order.
  package static func files(in path: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { name in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
      return name.dropFirst(prefix.count).dropLast(suffix.count).allSatisfy(\.isNumber)
    }.sorted()
  }
}
