/// What can end a training run early, or keep it from beginning.
public enum TrainingError: Error, Equatable, Sendable {
  /// A setting that cannot be; the text is a clause that names it.
  case setting(String)
  /// A split that training needs has no samples.
  case emptySplit(split: String, neededFor: String)
  /// `what` is the loss or the gradient's norm; `place` a clause that says where it began.
  case nonFinite(what: String, value: Double, epoch: Int, batch: Int, place: String?, files: [String])
  /// The loss of the validation split; `files` are those whose outputs are not finite.
  case validationNonFinite(value: Double, epoch: Int, place: String?, files: [String])
  /// Neither a positive number nor 0.
  case learningRate(Double, step: Int)
  /// A picture that the student could see, but its teacher not.
  case teacherPicture(path: String, reason: String)
  /// A hook keeps something that no file can hold.
  case hookState(key: String)
  /// A signal (or another wish to stop) came; everything is saved.
  case interrupted(epoch: Int, batch: Int, checkpoint: String)
  /// A checkpoint cannot continue this run.
  case checkpointDiffers(file: String, what: String, checkpoint: String, run: String)
  case checkpointUnreadable(file: String, reason: String)
  case cannotMakeFolder(path: String, reason: String)
  /// What the run would write does not fit; `files` are model files of epochs.
  case diskSpace(folder: String, files: Int, needed: Int, free: Int)

  static func unknownMetric(_ name: String) -> TrainingError {
    .setting("there is no metric '\(name)'; it must be one of " + EpochRecord.metricNames.joined(separator: ", "))
  }
}

extension TrainingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .setting(let text): text
    case .emptySplit(let split, let purpose): "the \(split) split has no pictures, but \(purpose) needs some"
    case .nonFinite(let what, let value, let epoch, let batch, let place, let files):
      "epoch \(epoch), batch \(batch): the \(what) is \(TrainingError.kind(of: value))"
        + (place.map { "; \($0)" } ?? "")
        + "; files of the batch: " + TrainingError.list(files, limit: 64)
    case .validationNonFinite(let value, let epoch, let place, let files):
      "epoch \(epoch), validation: the loss is \(TrainingError.kind(of: value))" + (place.map { "; \($0)" } ?? "")
        + (files.isEmpty ? "" : "; files with such outputs: " + TrainingError.list(files, limit: 10))
    case .interrupted(let epoch, let batch, let checkpoint):
      "stopped after batch \(batch) of epoch \(epoch); saved in \(checkpoint), continue with --resume"
    case .checkpointDiffers(let file, let what, let checkpoint, let run):
      "\(file): cannot continue this run: it was made with \(what) \(checkpoint), this run has \(run)"
    case .checkpointUnreadable(let file, let reason): "\(file): \(reason)"
    case .learningRate(let value, let step):
      "the learning rate of step \(step) is \(value), but must be a finite number that is not negative"
    case .teacherPicture(let path, let reason): "\(path): cannot be read for the teacher: \(reason)"
    case .hookState(let key): "the state that hooks keep cannot be saved: '\(key)' holds a function or a recipe object"
    case .cannotMakeFolder(let path, let reason): "\(path): the folder cannot be made: \(reason)"
    case .diskSpace(let folder, let files, let needed, let free):
      "\(folder): the run needs up to \(size(needed)) of disk, most of it for \(files) checkpoints, but only "
        + "\(size(free)) are free: keep fewer of them, as in checkpoints = { last = 5 }, or make room"
    }
  }

  private static func kind(of value: Double) -> String { value.isNaN ? "not a number (NaN)" : "infinite" }

  private func size(_ bytes: Int) -> String {
    bytes < 10_000_000 ? "\(bytes / 1000) kB" : "\(bytes / 1_000_000) MB"
  }

  private static func list(_ names: [String], limit: Int) -> String {
    names.prefix(limit).joined(separator: ", ") + (names.count > limit ? " and \(names.count - limit) more" : "")
  }
}
