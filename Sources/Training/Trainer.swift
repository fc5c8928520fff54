import Datasets
import ModelFiles
import Tensors

/// What a training run came to.
public struct TrainingResult: Sendable {
  public enum StopReason: String, Codable, Sendable {
    /// All epochs were done.
    case completed
    /// The monitored metric had not improved for too long.
    case earlyStopped = "early_stopped"
    /// A hook asked for it.
    case requested
  }

  /// With the weights (moving averages, if any) of the epoch that was best in the monitored metric.
  public let best: Model
  /// With the weights (moving averages, if any) of the last epoch.
  public let last: Model
  public let history: [EpochRecord]
  /// From 1.
  public let bestEpoch: Int
  public let stopReason: StopReason
  /// Files that could not be read and were left out.
  public let failedFiles: [String]
}

/// Trains a model.
///
/// Everything goes into one folder: `log.tsv` (a line an epoch), `checkpoint.safetensors` (all that a resumed run
/// needs), `best.safetensors` (a model).
///
/// The same model, data, settings and build give the same bits, for any number of threads, with or without an
/// interruption. Not thread-safe.
public final class Trainer {
  public let model: Model
  public let dataset: Dataset
  public let settings: TrainingSettings
  public let folder: String

  /// - Parameters:
  ///   - model: network, starting parameters (which are copied), class table and preprocessing.
  ///   - dataset: partitioned; its classes must be the model's.
  ///   - folder: made if need be.
  ///   - shouldStop: asked after each batch; true saves a checkpoint and ends the run.
  public init(
    model: Model, dataset: Dataset, settings: TrainingSettings, folder: String, pool: WorkerPool,
    delegate: (any TrainerDelegate)? = nil, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.model = model
    self.dataset = dataset
    self.settings = settings
    self.folder = folder
  }

  /// Trains to the end.
  ///
  /// - Parameter resume: continue from the folder's checkpoint if there is one (a finished run is loaded); without it,
  ///   what is in the folder is replaced.
  /// - Throws: `TrainingError` (`.interrupted` when `shouldStop` said so, everything saved), `ModelFileError`,
  ///   `DatasetError`, `NetworkError.outOfMemory`, and what the delegate throws.
  public func run(resume: Bool = false) throws -> TrainingResult {
    throw TrainingError.setting("not yet")
  }
}
