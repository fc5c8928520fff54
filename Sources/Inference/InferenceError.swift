/// What keeps an evaluation or a prediction from being done.
public enum InferenceError: Error, Equatable, Sendable {
  case notFound(path: String)
  case cannotRead(path: String, reason: String)
  /// Nothing to predict.
  case noFiles(paths: [String])
  case emptyList(path: String)
  case noSamples(what: String)
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
    case .noSamples(let what): "\(what): no pictures to evaluate"
    case .interrupted(let done, let total): "stopped after \(done) of \(total) pictures"
    }
  }
}
