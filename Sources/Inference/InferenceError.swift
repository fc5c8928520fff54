/// What keeps an evaluation or a prediction from being done.
public enum InferenceError: Error, Equatable, Sendable {
  case notFound(path: String)
  case cannotRead(path: String, reason: String)
  /// Nothing to predict.
  case noFiles(paths: [String])
  case emptyList(path: String)
  /// A text file with a line that cannot be a path.
  case longLine(path: String, line: Int, limit: Int)
  case noSamples(what: String)
  /// A wish to stop came.
  case interrupted(done: Int, total: Int)
  /// A wish to stop came; the rows so far are kept.
  case stopped(output: String, done: Int, total: Int)
  /// The rows so far are kept.
  case diskFull(output: String, done: Int, total: Int)
  /// The rows so far are kept.
  case cannotWrite(output: String, reason: String, done: Int, total: Int)
  /// The output is being written by another process.
  case inUse(output: String)
  /// The interrupted or finished prediction was asked for something else; `what` is an option or `the model`.
  case otherRequest(output: String, what: String, was: String, now: String)
  /// The frozen listing of an interrupted prediction is not whole.
  case damagedListing(path: String)
  /// The table that is there holds another shard of the same prediction.
  case otherShard(output: String, holds: String, wanted: String)
  /// A file of records whose pictures cannot be found.
  case records(reason: String)
  /// The table would take the place of a file that was given to read.
  case outputIsInput(path: String)
  /// The finished table is of another request.
  case otherTable(output: String)
  /// The variables of a job array do not say which shard this task is.
  case taskArray(variable: String, reason: String)
}

extension InferenceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound(let path): "\(path): no such file or folder"
    case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
    case .noFiles(let paths): "\(paths.joined(separator: ", ")): no files to predict"
    case .emptyList(let path): "\(path): the list names no files"
    case .longLine(let path, let line, let limit):
      "\(path):\(line): the line is longer than \(limit) bytes: not a list of files, one a line"
    case .noSamples(let what): "\(what): no pictures to evaluate"
    case .interrupted(let done, let total): "stopped after \(done) of \(total) pictures"
    case .stopped(let output, let done, let total):
      "\(output): stopped after \(done) of \(total) pictures; the same command with --resume goes on from there"
    case .diskFull(let output, let done, let total):
      "\(output): cannot be written: the disk is full; \(done) of \(total) rows are kept: make room, and the same "
        + "command with --resume goes on from there"
    case .cannotWrite(let output, let reason, let done, let total):
      "\(output): cannot be written: \(reason)"
        + (done > 0
          ? "; \(done) of \(total) rows are kept, and the same command with --resume goes on from there" : "")
    case .inUse(let output): "\(output): is being written by another workbench"
    case .otherRequest(let output, let what, let was, let now):
      "\(output): cannot be resumed: it was begun with \(what) \(was), not \(now) (without --resume it begins anew)"
    case .damagedListing(let path):
      "\(path): the list of an interrupted prediction is damaged; without --resume the prediction begins anew"
    case .otherShard(let output, let holds, let wanted):
      "\(output): holds shard \(holds) of this prediction, and would be overwritten by shard \(wanted): give each shard "
        + "a file of its own"
    case .records(let reason): reason
    case .outputIsInput(let path): "\(path): is an input; the table would replace it"
    case .otherTable(let output):
      "\(output): is complete, but of another model or other options than are asked for now; without --resume the "
        + "prediction begins anew"
    case .taskArray(let variable, let reason):
      "\(variable): does not tell this task's shard: \(reason); say it with --shard I/N, or --shard none for all files"
    }
  }
}
