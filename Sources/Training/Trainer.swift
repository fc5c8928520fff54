import Datasets
import Foundation
import Layers
import ModelFiles
import Networks
import Tensors

/// Trains a model.
///
/// Everything goes into one folder: `log.tsv` (a line an epoch), `checkpoint.safetensors` (all that a resumed run
/// needs), `best.safetensors` (a model), and in `checkpoints/` a model of each epoch that the settings ask for.
///
/// The same model, data, settings and build give the same bits, for any number of threads, with or without an
/// interruption. Not thread-safe.
public final class Trainer {
  public let model: Model
  public let dataset: Dataset
  public let settings: TrainingSettings
  public let folder: String
  /// Decoded pictures of the same data set and preprocessing, if somebody has them; nil: a new one of the settings' budget.
  public var cache: PixelCache?
  /// What makes the gradients of several machines one.
  public var gradientReduction: any GradientReduction = SingleMachine()

  /// One look at every file's size.
  private lazy var dataHash = dataset.contentHash()
  private let pool: WorkerPool
  private weak var delegate: (any TrainerDelegate)?
  private let shouldStop: @Sendable () -> Bool

  /// - Parameters:
  ///   - model: network, starting parameters (which are copied), class table and preprocessing.
  ///   - dataset: partitioned; the model must know all its classes.
  ///   - folder: made if need be.
  ///   - delegate: not kept alive.
  ///   - shouldStop: asked after each batch; true saves a checkpoint and ends the run.
  public init(
    model: Model, dataset: Dataset, settings: TrainingSettings, folder: String, pool: WorkerPool,
    delegate: (any TrainerDelegate)? = nil, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.model = model
    self.dataset = dataset
    self.settings = settings
    self.folder = folder
    self.pool = pool
    self.delegate = delegate
    self.shouldStop = shouldStop
  }

  public static let logName = "log.tsv"
  public static let checkpointName = "checkpoint.safetensors"
  public static let bestName = "best.safetensors"

  /// Trains to the end.
  ///
  /// - Parameter resume: continue from the folder's checkpoint if there is one (a finished run is loaded); without it,
  ///   what is in the folder is replaced.
  /// - Throws: `TrainingError` (`.interrupted` when `shouldStop` said so, everything saved), `ModelFileError`,
  ///   `DatasetError`, `NetworkError.outOfMemory`, and what the delegate throws.
  public func run(resume: Bool = false) throws -> TrainingResult {
    let data = try dataset.relabelled(to: model.classes, areNames: model.hasClassNames)
    let rule = try checkedStoppingRule(validationCount: data.indices(of: .validation).count)
    try checkSettings(data)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw TrainingError.cannotMakeFolder(path: folder, reason: (error as NSError).localizedDescription)
    }
    let checkpoint = Checkpoint(
      path: path(Trainer.checkpointName),
      fingerprint: RunFingerprint(model: model, dataset: data, settings: settings))
    if !resume {
      for name in [Trainer.checkpointName, Trainer.bestName, Trainer.logName] { unlink(path(name)) }
      CheckpointFolder.clear(path(CheckpointFolder.name))
    }
    let state = resume ? try checkpoint.readState() : nil
    if let state, state.stopReason != nil { return try finishedResult(state, checkpoint: checkpoint) }
    try requireDisk()
    let run = try TrainingRun(
      trainer: self, data: data, rule: rule, state: state, checkpoint: checkpoint, pool: pool, delegate: delegate,
      shouldStop: shouldStop)
    return try run.run()
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// nil when the settings ask for no model files of epochs.
  var checkpoints: CheckpointFolder? {
    settings.checkpoints.map {
      CheckpointFolder(path: path(CheckpointFolder.name), rules: $0, epochs: settings.epochs)
    }
  }

  /// Refuses to begin what would fill the disk: only where model files of epochs are kept, which may be many.
  private func requireDisk() throws(TrainingError) {
    guard settings.checkpoints != nil, let free = DiskNeed.freeBytes(at: folder) else { return }
    let need = settings.diskNeed(network: model.network)
    let missing = need.totalBytes - DiskNeed.usedBytes(in: folder)
    if missing > free {
      throw .diskSpace(folder: folder, files: need.checkpointFiles, needed: missing, free: free)
    }
  }

  /// The result of a run that an earlier process has finished.
  private func finishedResult(_ state: RunState, checkpoint: Checkpoint) throws -> TrainingResult {
    let parameters = try checkpoint.readParameters(network: model.network)
    return try result(state, lastParameters: parameters)
  }

  /// - Parameter lastParameters: those of the last epoch, for the model `last`. Thawed, so that a result is the same
  ///   whether it comes from memory or from a file, which does not know what was frozen.
  func result(_ state: RunState, lastParameters: ParameterSet) throws -> TrainingResult {
    let lastRecord = state.history.last
    try lastParameters.thaw()
    let last = model.with(
      parameters: lastParameters, provenance: lastRecord.map { provenance(of: $0) } ?? model.provenance)
    let bestEpoch = state.stopping.bestEpoch ?? lastRecord?.epoch ?? 0
    let best = bestEpoch == lastRecord?.epoch ? last : try Model.load(from: path(Trainer.bestName), pool: pool)
    return TrainingResult(
      best: best, last: last, history: state.history, bestEpoch: bestEpoch, stopReason: state.stopReason ?? .completed,
      failedFiles: state.failedFiles.values.sorted { $0.path < $1.path },
      checkpoints: checkpoints?.list(state.history) ?? [])
  }

  /// Where the weights of an epoch come from, for the model file.
  func provenance(of record: EpochRecord) -> [String: String] {
    var facts = model.provenance.merging(settings.provenance) { _, new in new }
    facts["seed"] = "\(settings.seed)"
    facts["epoch"] = "\(record.epoch) of \(settings.epochs)"
    facts["batch"] = "\(settings.batchSize)"
    facts["loss"] = describe(type(of: settings.loss).schema.name, settings.loss.options)
    if let distillation = settings.distillation {
      facts["distillation"] = describe(distillation.teacher.name, distillation.options)
    }
    facts["optimizer"] = describe(type(of: settings.optimizer).schema.name, settings.optimizer.options)
    switch settings.learningRate {
    case .optimizer: break
    case .schedule(let schedule): facts["schedule"] = describe(type(of: schedule).schema.name, schedule.options)
    case .function: facts["schedule"] = "a function of the recipe"
    }
    if !settings.learningRateFactors.isEmpty { facts["learning rate factors"] = settings.learningRateFactors.text }
    let layers = model.network.parameterLayers
    let frozen = Set(model.parameters.entries.filter(\.isFrozen).map(\.layerName))
    if !frozen.isEmpty {
      facts["frozen"] =
        "\(frozen.count) of \(layers.count) layers"
        + (layers.first { !frozen.contains($0) }.map { ", \($0) is the first that is not" } ?? "")
    }
    if !settings.augmentationSummary.isEmpty { facts["augmentations"] = settings.augmentationSummary }
    facts["training pictures"] = "\(dataset.indices(of: .train).count)"
    facts["data_hash"] = dataHash
    for name in EpochRecord.metricNames { record.metric(name).map { facts[name] = String(format: "%.6f", $0) } }
    return facts
  }

  private func checkedStoppingRule(validationCount: Int) throws -> EarlyStopping {
    guard let rule = settings.stop else {
      return EarlyStopping(monitor: validationCount == 0 ? "training.loss" : "validation.loss")
    }
    guard EpochRecord.metricNames.contains(rule.monitor) else {
      throw TrainingError.unknownMetric(rule.monitor)
    }
    if rule.monitor.hasPrefix("validation."), validationCount == 0 {
      throw TrainingError.emptySplit(split: "validation", neededFor: "stopping by \(rule.monitor)")
    }
    return rule
  }

  /// The loss that knows how often each class occurs in the training split.
  ///
  /// - Parameter data: labelled by the model's classes.
  /// - Throws: `TrainingError.setting` when the loss was given counts for other classes.
  func fittedLoss(_ data: Dataset) throws -> any Loss {
    do {
      return try settings.loss.fitted(toClassCounts: data.classCounts(of: data.indices(of: .train)).map(Double.init))
    } catch let error as LossError {
      throw TrainingError.setting("the loss: \(error)")
    }
  }

  private func check(_ distillation: DistillationSettings, _ data: Dataset) throws {
    _ = try TeacherPass.places(of: model, in: distillation.teacher)
    let view = distillation.teacher.preprocessing
    guard distillation.teacher.network.inputShape == Shape([view.height, view.width, 3]) else {
      throw TrainingError.setting(
        "the teacher's input is \(distillation.teacher.network.inputShape), but it was made for pictures of "
          + "\(Shape([view.height, view.width, 3]))")
    }
    try DistillationSettings.check(distillation.options, mixesPictures: !settings.batchAugmentations.isEmpty)
    if distillation.isCached, data.indices(of: .train).contains(where: { data.samples[$0].source.variesByEpoch }) {
      throw TrainingError.setting(
        "the distillation's 'cache' keeps the teacher's answers for each picture, but these pictures are drawn anew in "
          + "each epoch; leave out 'cache'")
    }
  }

  private func checkSettings(_ data: Dataset) throws {
    if data.indices(of: .train).isEmpty { throw TrainingError.emptySplit(split: "train", neededFor: "training") }
    if case .values(let weights) = settings.classWeights {
      guard weights.count == model.classes.count, weights.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
        throw TrainingError.setting(
          "class_weights has \(weights.count) numbers, but must have one that is not negative for each of the "
            + "\(model.classes.count) classes")
      }
      guard weights.contains(where: { $0 > 0 }) else {
        throw TrainingError.setting("class_weights has only zeros; at least one must be more than 0")
      }
    }
    _ = try fittedLoss(data)
    _ = try settings.pipelineSettings(for: data, batchSize: max(1, settings.batchSize), threads: 1)
    if let distillation = settings.distillation { try check(distillation, data) }
    if settings.epochs < 1 || settings.batchSize < 1 {
      throw TrainingError.setting("epochs and batch must be 1 or more")
    }
    if let best = settings.checkpoints?.best {
      guard EpochRecord.metricNames.contains(best.metric) else { throw TrainingError.unknownMetric(best.metric) }
      if best.metric.hasPrefix("validation."), data.indices(of: .validation).isEmpty {
        throw TrainingError.emptySplit(split: "validation", neededFor: "keeping the best checkpoints by \(best.metric)")
      }
    }
    do { _ = try settings.learningRateFactors.factors(for: model.network) } catch {
      throw TrainingError.setting("the learning rate factors: \(error)")
    }
  }
}

extension ParameterSet {
  fileprivate func thaw() throws {
    for entry in entries where entry.isFrozen {
      try setFrozen(false, layer: entry.layerName)
    }
  }
}
