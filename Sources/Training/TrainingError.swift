/// What can end a training run early, or keep it from beginning.
public enum TrainingError: Error, Equatable, Sendable {
  /// A setting that cannot be; the text is a clause that names it.
  case setting(String)
  /// A split that training needs has no samples.
  case emptySplit(split: String, neededFor: String)
  /// The data has other classes than the model.
  case classesDiffer(model: [String], data: [String])
  case inputShape(network: String, preprocessing: String)
  /// `where` is what became non-finite first: a layer's output, a gradient, the pixels.
  case nonFinite(what: String, value: String, epoch: Int, batch: Int, place: String?, files: [String])
  /// A signal (or another wish to stop) came; everything is saved.
  case interrupted(epoch: Int, batch: Int, checkpoint: String)
  /// A checkpoint cannot continue this run.
  case checkpointDiffers(file: String, what: String, checkpoint: String, run: String)
  case checkpointUnreadable(file: String, reason: String)
  case cannotWrite(path: String, reason: String)
}

extension TrainingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .setting(let text): text
    case .emptySplit(let split, let purpose): "the \(split) split has no pictures, but \(purpose) needs some"
    case .classesDiffer(let model, let data): TrainingError.describeClasses(model: model, data: data)
    case .inputShape(let network, let preprocessing):
      "the network's input is \(network), but the pictures are prepared as \(preprocessing)"
    case .nonFinite(let what, let value, let epoch, let batch, let place, let files):
      "epoch \(epoch), batch \(batch): the \(what) is \(value)"
        + (place.map { "; first seen in \($0)" } ?? "")
        + "; files of the batch: " + TrainingError.list(files, limit: 64)
    case .interrupted(let epoch, let batch, let checkpoint):
      "stopped after batch \(batch) of epoch \(epoch); saved in \(checkpoint), continue with --resume"
    case .checkpointDiffers(let file, let what, let checkpoint, let run):
      "\(file): cannot continue this run: it was made with \(what) \(checkpoint), this run has \(run)"
    case .checkpointUnreadable(let file, let reason): "\(file): \(reason)"
    case .cannotWrite(let path, let reason): "\(path): \(reason)"
    }
  }

  private static func describeClasses(model: [String], data: [String]) -> String {
    let extra = data.filter { !model.contains($0) }
    let missing = model.filter { !data.contains($0) }
    var parts = ["the model has \(model.count) classes, the data \(data.count)"]
    if !extra.isEmpty { parts.append("only in the data: " + list(extra, limit: 20)) }
    if !missing.isEmpty { parts.append("only in the model: " + list(missing, limit: 20)) }
    if extra.isEmpty, missing.isEmpty { parts.append("in another order") }
    return parts.joined(separator: "; ")
  }

  private static func list(_ names: [String], limit: Int) -> String {
    names.prefix(limit).joined(separator: ", ") + (names.count > limit ? " and \(names.count - limit) more" : "")
  }
}
