import Inference
import ModelFiles

/// What a training run came to.
public struct TrainingResult: Sendable {
  public enum StopReason: String, CaseIterable, Codable, Sendable {
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
  /// Files of the training and the validation split that could not be read and were left out, by path.
  public let failedFiles: [FailedFile]
  /// The model files of epochs that the settings asked for, by epoch.
  public let checkpoints: [SavedCheckpoint]
}
