import Inference
import Schemas

/// Where a run stands, beside its tensors: all that must be known to continue it with the same bits.
///
/// Every random number of a run is derived from the seed, the epoch and the sample, so that the position in the epoch
/// is all there is of random state.
struct RunState: Codable, Equatable {
  /// From 1: the epoch that is under way, or the last one when the run is finished.
  var epoch = 1
  /// Batches of the epoch that are done, by their place: the next one to ask the pipeline for.
  var batch = 0
  /// Optimizer steps taken.
  var step = 0
  var sums = EpochSums()
  var stopping = EarlyStoppingState()
  var history: [EpochRecord] = []
  /// The hooks' table.
  var hookState: [String: TaggedValue] = [:]
  /// By path: files that could not be read so far.
  var failedFiles: [String: FailedFile] = [:]
  /// A hook has asked for the end of the run.
  var stopRequested = false
  /// Set when the run is over.
  var stopReason: TrainingResult.StopReason?
}

/// What is added up over the batches of an epoch.
struct EpochSums: Codable, Equatable {
  /// Of loss times batch size.
  var loss = 0.0
  var correct = 0
  var samples = 0
  var failed = 0
  /// Of the last step.
  var learningRate = 0.0
  /// Seconds of training in this epoch, earlier processes' included.
  var seconds = 0.0

  var meanLoss: Double { samples == 0 ? 0 : loss / Double(samples) }
  var accuracy: Double { samples == 0 ? 0 : Double(correct) / Double(samples) }
}

/// An `OptionValue` in JSON that keeps integers and numbers apart: `2` and `2.0` are different to Lua.
enum TaggedValue: Codable, Equatable {
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([TaggedValue])
  case table([String: TaggedValue])

  /// nil for a reference, which cannot be stored.
  init?(_ value: OptionValue) {
    switch value {
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .list(let values):
      let tagged = values.compactMap(TaggedValue.init)
      if tagged.count != values.count { return nil }
      self = .list(tagged)
    case .table(let values):
      let tagged = values.compactMapValues(TaggedValue.init)
      if tagged.count != values.count { return nil }
      self = .table(tagged)
    case .reference: return nil
    }
  }

  var value: OptionValue {
    switch self {
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    case .list(let values): .list(values.map(\.value))
    case .table(let values): .table(values.mapValues(\.value))
    }
  }
}
