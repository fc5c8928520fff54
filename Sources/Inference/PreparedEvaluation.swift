import Datasets
import Layers
import Metrics
import ModelFiles
import Networks
import Tensors

/// An evaluation that can be made again and again with other numbers in the same network: pictures are decoded once, as
/// far as the memory for them goes, and the network is planned once.
///
/// To be used from one thread.
package final class PreparedEvaluation {
  /// The numbers that `run` uses; the caller writes into them.
  package let parameters: ParameterSet
  package let dataset: Dataset
  package let indices: [Int]
  private let classes: [String]
  private let settings: EvaluationSettings
  private let loss: any Loss
  private let pass: LabelledPass

  /// - Parameters:
  ///   - parameters: of the model's network; its own to be written into, or the model's to be used as they are.
  ///   - indices: places in `dataset.samples`; the results stand in this order.
  ///   - cache: made for this data set and the model's preprocessing; nil keeps no pictures.
  /// - Throws: `InferenceError.noSamples`; `DatasetError.classNotInModel`, `.labelOutsideTable`, `.classCount`;
  ///   `NetworkError.outOfMemory`.
  package init(
    model: Model, parameters: ParameterSet, dataset: Dataset, indices: [Int], settings: EvaluationSettings,
    cache: PixelCache? = nil, pool: WorkerPool
  ) throws {
    if indices.isEmpty { throw InferenceError.noSamples(what: dataset.root) }
    self.parameters = parameters
    self.dataset = try dataset.relabelled(to: model.classes, areNames: model.hasClassNames)
    self.indices = indices
    self.settings = settings
    classes = model.classes
    loss = try settings.loss ?? LossRegistry.loss(named: "ce")
    let batchSize = max(1, min(settings.batchSize, indices.count))
    let pipeline = BatchPipeline(
      dataset: self.dataset, indices: indices, preprocessing: model.preprocessing,
      settings: BatchPipeline.Settings(
        batchSize: batchSize, threads: pool.workerCount,
        badLimit: BatchPipeline.BadPictureLimit(requested: settings.failureLimit)),
      cache: cache ?? PixelCache(dataset: self.dataset, preprocessing: model.preprocessing, budget: 0))
    let plan = try InferencePlan(network: model.network, parameters: parameters, batch: batchSize, pool: pool)
    pass = LabelledPass(plan: plan, pipeline: pipeline)
  }

  /// - Parameters:
  ///   - progress: called after each batch.
  ///   - shouldStop: asked before each batch.
  /// - Throws: `InferenceError.interrupted`; `DatasetError.tooManyBadPictures`; `NetworkError.operation`.
  package func run(
    progress: ((InferenceProgress) -> Void)? = nil, shouldStop: () -> Bool = { false }
  ) throws -> Evaluation {
    try pass.plan.prepare()
    let outcome = try pass.run(progress: progress, shouldStop: shouldStop)
    let labels = outcome.sampleIDs.map { dataset.samples[$0].label }
    let metrics = ClassificationMetrics(logits: outcome.logits, labels: labels, classCount: classes.count)
    return Evaluation(
      classes: classes, paths: outcome.sampleIDs.map { dataset.samples[$0].name }, labels: labels,
      logits: outcome.logits, probabilities: probabilities(fromLogits: outcome.logits, classCount: classes.count),
      loss: outcome.meanLoss(loss, classes: classes.count) + (settings.includesL2 ? parameters.l2Loss() : 0),
      accuracy: metrics.accuracy, macroF1: metrics.macroF1, aucpr: metrics.aucpr,
      failed: pass.pipeline.bad.map { FailedFile($0, of: dataset) })
  }
}
