import Datasets
import Layers
import Metrics
import ModelFiles
import Networks
import Tensors

/// How a split is evaluated.
public struct EvaluationSettings {
  public var batchSize = 32
  /// nil: cross-entropy.
  public var loss: (any Loss)?
  /// Whether the network's L2 terms are part of the loss.
  public var includesL2 = true
  /// The largest share of unreadable pictures that is put up with; nil: 0.05, and ten always.
  public var failureLimit: Double?

  public init() {}
}

/// Runs a model over a part of a data set.
public struct Evaluator {
  public let model: Model
  public let settings: EvaluationSettings
  private let pool: WorkerPool

  public init(model: Model, settings: EvaluationSettings = EvaluationSettings(), pool: WorkerPool) {
    self.model = model
    self.settings = settings
    self.pool = pool
  }

  /// Pictures are prepared as the model says, and the data's classes are matched to the model's by name.
  ///
  /// - Parameters:
  ///   - indices: places in `dataset.samples`; the results stand in this order.
  ///   - progress: called after each batch.
  ///   - shouldStop: asked before each batch.
  /// - Throws: `InferenceError`; `DatasetError.classNotInModel`, `.labelOutsideTable`, `.classCount`, `.tooManyBadPictures`; `NetworkError.outOfMemory`.
  public func evaluate(
    dataset: Dataset, indices: [Int], progress: ((InferenceProgress) -> Void)? = nil,
    shouldStop: @Sendable () -> Bool = { false }
  ) throws -> Evaluation {
    if indices.isEmpty { throw InferenceError.noSamples(what: dataset.root) }
    let dataset = try dataset.relabelled(to: model.classes, areNames: model.hasClassNames)
    let batchSize = max(1, min(settings.batchSize, indices.count))
    let pipeline = BatchPipeline(
      dataset: dataset, indices: indices, preprocessing: model.preprocessing,
      settings: BatchPipeline.Settings(
        batchSize: batchSize, threads: pool.workerCount,
        badLimit: BatchPipeline.BadPictureLimit(requested: settings.failureLimit)),
      cache: PixelCache(dataset: dataset, preprocessing: model.preprocessing, budget: 0))
    let plan = try InferencePlan(
      network: model.network, parameters: model.parameters, batch: batchSize, pool: pool)
    let outcome = try LabelledPass(plan: plan, pipeline: pipeline).run(progress: progress, shouldStop: shouldStop)
    return try evaluation(of: outcome, dataset: dataset, bad: pipeline.bad)
  }

  private func evaluation(of outcome: LabelledPass.Outcome, dataset: Dataset, bad: [BadFile]) throws -> Evaluation {
    let classes = model.classes
    let labels = outcome.sampleIDs.map { dataset.samples[$0].label }
    let metrics = ClassificationMetrics(logits: outcome.logits, labels: labels, classCount: classes.count)
    let loss = try settings.loss ?? LossRegistry.loss(named: "ce")
    return Evaluation(
      classes: classes, paths: outcome.sampleIDs.map { dataset.samples[$0].name }, labels: labels,
      logits: outcome.logits, probabilities: probabilities(fromLogits: outcome.logits, classCount: classes.count),
      loss: outcome.meanLoss(loss, classes: classes.count) + (settings.includesL2 ? model.parameters.l2Loss() : 0),
      accuracy: metrics.accuracy, macroF1: metrics.macroF1, aucpr: metrics.aucpr,
      failed: bad.map { FailedFile($0, of: dataset) })
  }
}

extension LabelledPass.Outcome {
  /// The mean of a loss over all rows at once; 0 for none.
  package func meanLoss(_ loss: any Loss, classes: Int) -> Double {
    if sampleIDs.isEmpty { return 0 }
    return logits.withUnsafeBufferPointer { logits in
      labels.withUnsafeBufferPointer { labels in
        guard let logits = logits.baseAddress, let labels = labels.baseAddress else { return 0 }
        return loss.evaluate(
          logits: logits, labels: labels, count: sampleIDs.count, classes: classes, classWeights: nil,
          logitsGradient: nil)
      }
    }
  }
}
