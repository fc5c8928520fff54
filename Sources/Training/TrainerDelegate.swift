import Schemas

/// Hears what a trainer does, and may stop it. All calls come from the thread that called `Trainer.run`.
///
/// What a method throws ends the run (nothing is saved beyond the last checkpoint).
public protocol TrainerDelegate: AnyObject {
  /// Called once, before the first batch.
  func trainingBegan(_ start: TrainingStart) throws
  /// Called after each batch of training or validation. Cheap: draw at most ten times a second.
  func progress(_ progress: TrainingProgress)
  /// Called after each optimizer step.
  func batchEnded(_ record: BatchRecord) throws -> TrainerCommand
  /// Called after each epoch's validation, before its checkpoint is written.
  func epochEnded(_ record: EpochRecord) throws -> TrainerCommand
  /// What must be stored with a checkpoint: the hooks' `state` table.
  func stateToSave() throws -> [String: OptionValue]
  /// Called before the first batch of a resumed run, with what `stateToSave` gave.
  func restore(state: [String: OptionValue]) throws
}

extension TrainerDelegate {
  public func trainingBegan(_ start: TrainingStart) throws {}
  public func progress(_ progress: TrainingProgress) {}
  public func batchEnded(_ record: BatchRecord) throws -> TrainerCommand { .proceed }
  public func epochEnded(_ record: EpochRecord) throws -> TrainerCommand { .proceed }
  public func stateToSave() throws -> [String: OptionValue] { [:] }
  public func restore(state: [String: OptionValue]) throws {}
}

public enum TrainerCommand: Equatable, Sendable {
  case proceed
  /// Ends the run as if its last epoch were done (after this epoch's validation).
  case stop
}

/// What a run is about to do.
public struct TrainingStart: Equatable, Sendable {
  public var trainingSamples: Int
  public var validationSamples: Int
  public var batchesPerEpoch: Int
  public var epochs: Int
  /// Epochs and batches that a checkpoint spares.
  public var resumedEpoch: Int
  public var resumedBatch: Int

  public var isResumed: Bool { resumedEpoch > 0 || resumedBatch > 0 }
}

/// How far a run is.
public struct TrainingProgress: Equatable, Sendable {
  public enum Phase: String, Sendable { case training, validation }

  public var phase: Phase
  /// From 1.
  public var epoch: Int
  public var epochs: Int
  /// Batches done in this phase of the epoch.
  public var batch: Int
  public var batches: Int
  /// The mean loss since the epoch began; nil during validation.
  public var loss: Double?
  /// Over the last seconds.
  public var imagesPerSecond: Double
  /// Until the end of the last epoch; nil until it can be said.
  public var secondsLeft: Double?
}

/// One optimizer step.
public struct BatchRecord: Equatable, Sendable {
  /// From 1.
  public var epoch: Int
  /// From 1, in the epoch.
  public var batch: Int
  /// From 0, in the run.
  public var step: Int
  /// L2 terms included.
  public var loss: Double
  /// Share of the batch whose highest logit is the highest label.
  public var accuracy: Double
  public var learningRate: Double
  /// The global norm of the gradient before clipping.
  public var gradientNorm: Double
}
