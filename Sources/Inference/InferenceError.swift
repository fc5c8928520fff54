/// What keeps an evaluation or a prediction from being done.
public enum InferenceError: Error, Equatable, Sendable {
  case notFound(path: String)
  case cannotRead(path: String, reason: String)
  /// Nothing to predict.
  case noFiles(paths: [String])
  case emptyList(path: String)
  /// The data has classes that the model does not know.
  case unknownClasses(model: String, unknown: [String], classes: [String])
  case noSamples(what: String)
  case tooManyFailures(failed: Int, total: Int, limit: Double, examples: [String])
  case setting(String)
  /// A wish to stop came.
  case interrupted(done: Int, total: Int)
}

extension InferenceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound(let path): "\(path): no such file or folder"
    case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
    case .noFiles(let paths): "\(paths.joined(separator: ", ")): no files to predict"
    case .emptyList(let path): "\(path): the list names no files"
    case .unknownClasses(let model, let unknown, let classes):
      "\(model): the model does not know the class\(unknown.count == 1 ? "" : "es") \(list(unknown)) of the data; "
        + "its \(classes.count) classes are \(list(classes))"
    case .noSamples(let what): "\(what): no pictures to evaluate"
    case .tooManyFailures(let failed, let total, let limit, let examples):
      "\(failed) of \(total) pictures cannot be read, more than the allowed share of \(limit):\n  "
        + examples.joined(separator: "\n  ")
    case .setting(let text): text
    case .interrupted(let done, let total): "stopped after \(done) of \(total) pictures"
    }
  }
}

/// At most twenty names.
private func list(_ names: [String]) -> String {
  names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 20 ? ", ..." : "")
}
