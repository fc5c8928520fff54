import Datasets
import Foundation
import Inference
import Layers
import Metrics
import ModelFiles
import Networks
import Schemas
import Tensors

/// One run of a trainer, from its first or next batch to its end.
final class TrainingRun {
  let trainer: Trainer
  let data: Dataset
  let rule: EarlyStopping
  let checkpoint: Checkpoint
  let pool: WorkerPool
  let delegate: (any TrainerDelegate)?
  let shouldStop: @Sendable () -> Bool
  var state: RunState

  let plan: TrainingPlan
  let updater: ParameterUpdater
  let training: BatchPipeline
  /// nil without a validation split.
  let validation: LabelledPass?
  /// Fitted to the class counts of the training split.
  let loss: any Loss
  let classWeights: [Float]?
  let teacher: TeacherPass?
  /// The labels' part of the gradient, beside a teacher's; `[batch, classes]`.
  let labelGradient: Tensor
  let log: TrainingLog
  /// nil when no epoch is to leave a model file.
  let checkpoints: CheckpointFolder?
  var clock = TrainingClock()
  private var lastCheckpoint = Date()
  private var batchesSinceCheckpoint = 0

  var settings: TrainingSettings { trainer.settings }

  /// Whether the network's L2 terms are part of the training loss.
  var includesL2: Bool { settings.distillation?.includesL2 ?? true }

  /// What is validated and kept: moving averages if there are any.
  var keptParameters: ParameterSet { updater.average ?? updater.parameters }

  /// - Parameter state: of the checkpoint to continue from; nil for a new run.
  init(
    trainer: Trainer, data: Dataset, rule: EarlyStopping, state: RunState?, checkpoint: Checkpoint, pool: WorkerPool,
    delegate: (any TrainerDelegate)?, shouldStop: @escaping @Sendable () -> Bool
  ) throws {
    self.trainer = trainer
    self.data = data
    self.rule = rule
    self.state = state ?? RunState()
    self.checkpoint = checkpoint
    self.pool = pool
    self.delegate = delegate
    self.shouldStop = shouldStop
    let settings = trainer.settings
    let model = trainer.model
    let trainIndices = data.indices(of: .train)
    let parameters = model.parameters.copy()
    let batchSize = min(settings.batchSize, trainIndices.count)
    plan = try TrainingPlan(network: model.network, parameters: parameters, batch: batchSize, pool: pool)
    updater = ParameterUpdater(
      parameters: parameters, gradients: plan.gradients, optimizer: settings.optimizer, clipNorm: settings.clipNorm,
      clipValue: settings.clipValue, averageDecay: settings.averageDecay,
      learningRateFactors: try settings.learningRateFactors.factors(for: model.network), pool: pool)
    if state != nil {
      try checkpoint.read(into: updater)
      try plan.prepare()
    }
    loss = try trainer.fittedLoss(data)
    switch settings.classWeights {
    case .none: classWeights = nil
    case .balanced: classWeights = data.balancedClassWeights(of: trainIndices)
    case .values(let values): classWeights = values
    }
    teacher = try settings.distillation.map { [plan] in
      try TeacherPass($0, student: model, dataset: data, batch: batchSize, pool: pool, arena: plan.arena)
    }
    labelGradient = Tensor(teacher == nil ? [1] : [batchSize, model.network.classCount])
    let cache =
      trainer.cache
      ?? PixelCache(dataset: data, preprocessing: model.preprocessing, budget: settings.cacheBudget)
    let badLimit = BatchPipeline.BadPictureLimit(requested: settings.failureLimit)
    training = BatchPipeline(
      dataset: data, indices: trainIndices, preprocessing: model.preprocessing,
      settings: try settings.pipelineSettings(for: data, batchSize: batchSize, threads: pool.workerCount),
      key: RandomKey(seed: settings.seed), cache: cache)
    let validationIndices = data.indices(of: .validation)
    if validationIndices.isEmpty {
      validation = nil
    } else {
      let validationBatch = min(batchSize, validationIndices.count)
      let pipeline = BatchPipeline(
        dataset: data, indices: validationIndices, preprocessing: model.preprocessing,
        settings: BatchPipeline.Settings(
          batchSize: validationBatch, threads: pool.workerCount, depth: 2, badLimit: badLimit),
        cache: cache)
      validation = LabelledPass(
        plan: try InferencePlan(
          network: model.network, parameters: updater.average ?? parameters, batch: validationBatch, pool: pool,
          arena: plan.arena),
        pipeline: pipeline)
    }
    log = TrainingLog(path: trainer.path(Trainer.logName))
    checkpoints = trainer.checkpoints
  }

  func run() throws -> TrainingResult {
    try delegate?.restore(state: state.hookState.mapValues(\.value))
    try log.begin(with: state.history)
    try checkpoints?.begin(with: state.history)
    try delegate?.trainingBegan(
      TrainingStart(
        trainingSamples: training.indices.count, validationSamples: validation?.pipeline.indices.count ?? 0,
        batchesPerEpoch: training.batchCount, epochs: settings.epochs, resumedEpoch: state.history.count,
        resumedBatch: state.batch))
    while state.stopReason == nil { try runEpoch() }
    training.stop()
    return try trainer.result(state, lastParameters: keptParameters)
  }

  private func runEpoch() throws {
    try trainEpoch()
    training.stop()
    let metrics = try validate()
    let record = EpochRecord(
      epoch: state.epoch, step: state.step, learningRate: state.sums.learningRate, trainingLoss: state.sums.meanLoss,
      trainingAccuracy: state.sums.accuracy, validation: metrics,
      seconds: state.sums.seconds + clock.validationSeconds,
      imagesPerSecond: state.sums.seconds > 0 ? Double(state.sums.samples) / state.sums.seconds : 0,
      failedFiles: state.sums.failed)
    state.history.append(record)
    if let value = record.metric(rule.monitor), state.stopping.update(value, epoch: record.epoch, rule: rule) {
      try trainer.model.with(parameters: keptParameters, provenance: trainer.provenance(of: record))
        .save(to: trainer.path(Trainer.bestName), pool: pool)
    }
    if let checkpoints, checkpoints.keepsLast(of: state.history) {
      try trainer.model.with(parameters: keptParameters, provenance: trainer.provenance(of: record))
        .save(to: checkpoints.path(epoch: record.epoch), pool: pool)
    }
    try log.append(record)
    if try delegate?.epochEnded(record) == .stop { state.stopRequested = true }
    if state.stopRequested {
      state.stopReason = .requested
    } else if state.stopping.shouldStop(rule) {
      state.stopReason = .earlyStopped
    } else if state.epoch >= settings.epochs {
      state.stopReason = .completed
    }
    if state.stopReason == nil {
      state.epoch += 1
      state.batch = 0
      state.sums = EpochSums()
    }
    try saveCheckpoint()
    // What is kept no longer goes only now that the state knows of what takes its place.
    try checkpoints?.settle(state.history)
  }

  /// The loss and metrics of the validation split; nil without one.
  ///
  /// - Throws: `TrainingError.validationNonFinite`: such weights are not to be kept, nor trained on.
  private func validate() throws -> SplitMetrics? {
    guard let validation else { return nil }
    let start = Date()
    try validation.plan.prepare()
    let outcome: LabelledPass.Outcome
    do {
      outcome = try validation.run(
        progress: { [self] progress in
          let batches = validation.pipeline.batchCount
          let done = min(batches, (progress.done + validation.plan.batch - 1) / validation.plan.batch)
          delegate?.progress(
            TrainingProgress(
              phase: .validation, epoch: state.epoch, epochs: settings.epochs, batch: done, batches: batches, loss: nil,
              imagesPerSecond: progress.imagesPerSecond, secondsLeft: secondsLeft(batchesDone: training.batchCount)))
        }, shouldStop: shouldStop)
    } catch InferenceError.interrupted {
      throw try interruption()
    }
    note(bad: validation.pipeline.bad)
    let classes = trainer.model.classes.count
    let metrics = ClassificationMetrics(
      logits: outcome.logits, labels: outcome.sampleIDs.map { data.samples[$0].label }, classCount: classes)
    clock.validationSeconds = Date().timeIntervalSince(start)
    let value = outcome.meanLoss(loss, classes: classes) + keptParameters.l2Loss()
    guard value.isFinite else { throw nonFinite(validationLoss: value, outcome, classes: classes) }
    return SplitMetrics(
      loss: value, accuracy: metrics.accuracy, macroF1: metrics.macroF1, aucpr: metrics.aucpr)
  }

  /// Remembers files that cannot be read; each counts once.
  func note(bad files: [BadFile]) {
    for file in files { state.failedFiles[file.path] = FailedFile(file, of: data) }
  }

  /// Writes a checkpoint within an epoch when it is time for one.
  func saveCheckpointIfDue() throws {
    batchesSinceCheckpoint += 1
    let isLate = settings.checkpointSeconds.map { Date().timeIntervalSince(lastCheckpoint) >= $0 } ?? false
    let isMany = settings.checkpointBatches.map { batchesSinceCheckpoint >= $0 } ?? false
    if isLate || isMany { try saveCheckpoint() }
  }

  func saveCheckpoint() throws {
    if let delegate {
      state.hookState = [:]
      for (key, value) in try delegate.stateToSave() {
        guard let tagged = TaggedValue(value) else { throw TrainingError.hookState(key: key) }
        state.hookState[key] = tagged
      }
    }
    try checkpoint.write(state, updater: updater)
    lastCheckpoint = Date()
    batchesSinceCheckpoint = 0
  }

  /// Saves, and gives the error that ends the run.
  func interruption() throws -> TrainingError {
    try saveCheckpoint()
    return .interrupted(epoch: state.epoch, batch: state.batch, checkpoint: checkpoint.path)
  }

  func secondsLeft(batchesDone: Int) -> Double? {
    // In Double: whoever sets the epochs without the schema may name more batches than an integer holds.
    let epochsLeft = Double(settings.epochs) - Double(state.epoch)
    return clock.secondsLeft(
      batches: Double(training.batchCount - batchesDone) + epochsLeft * Double(training.batchCount),
      validations: validation == nil ? 0 : epochsLeft + 1)
  }
}
