import Foundation
import Inference
import ModelFiles

/// `log.tsv`: a line an epoch, on disk as soon as the epoch is over.
struct TrainingLog {
  let path: String

  static let columns = [
    "epoch", "step", "learning_rate", "training_loss", "training_accuracy", "validation_loss", "validation_accuracy",
    "validation_macro_f1", "validation_aucpr", "seconds", "images_per_second", "failed_files",
  ]

  /// Replaces the file by these epochs.
  ///
  /// - Throws: `ModelFileError`.
  func begin(with history: [EpochRecord]) throws {
    let lines = [TSV.line(TrainingLog.columns)] + history.map(TrainingLog.line)
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
  }

  /// - Throws: `ModelFileError`.
  func append(_ record: EpochRecord) throws {
    let bytes = Array((TrainingLog.line(record) + "\n").utf8)
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    let written = descriptor < 0 ? -1 : write(descriptor, bytes, bytes.count)
    let code = errno
    if descriptor >= 0 { close(descriptor) }
    if written == bytes.count { return }
    if written >= 0 || code == ENOSPC || code == EDQUOT { throw ModelFileError.diskFull(path: path) }
    throw ModelFileError.cannotWrite(path: path, reason: String(cString: strerror(code)))
  }

  private static func line(_ record: EpochRecord) -> String {
    let validation = record.validation
    let metrics = [validation?.loss, validation?.accuracy, validation?.macroF1, validation?.aucpr]
    return TSV.line(
      ["\(record.epoch)", "\(record.step)", "\(record.learningRate)"]
        + [record.trainingLoss, record.trainingAccuracy].map(decimal) + metrics.map { $0.map(decimal) ?? "" }
        + [
          String(format: "%.1f", record.seconds), String(format: "%.1f", record.imagesPerSecond),
          "\(record.failedFiles)",
        ])
  }

  private static func decimal(_ value: Double) -> String { String(format: "%.6f", value) }
}
