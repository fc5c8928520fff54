import Datasets
import Images
import Inference
import Layers
import ModelFiles
import Networks
import Tensors

/// One network whose weights take turns: everything that is made once for all candidates of a soup.
final class SoupKitchen {
  /// The first usable candidate, which all others must be versions of.
  let reference: Model
  let referenceName: String
  /// What is evaluated; `mix` and `value` write here.
  let parameters: ParameterSet
  /// Something worth saying about memory.
  let remark: String?

  private let evaluation: PreparedEvaluation
  private let metric: SoupMetric
  private let statistics: BatchNormStatistics?

  var pictureCount: Int { evaluation.indices.count }

  /// - Throws: `SoupError.emptySplit`; `DatasetError`, `NetworkError`.
  init(
    reference: Model, name: String, dataset: Dataset, split: Split, settings: SoupSettings, pool: WorkerPool
  ) throws {
    self.reference = reference
    referenceName = name
    metric = settings.metric
    parameters = reference.parameters.copy()
    let indices = dataset.indices(of: split)
    if indices.isEmpty { throw SoupError.emptySplit(split: "\(split)", purpose: "the soup is to be judged by it") }
    let data = try dataset.relabelled(to: reference.classes, areNames: reference.hasClassNames)
    let cache = PixelCache(dataset: data, preprocessing: reference.preprocessing, budget: settings.cacheBudget)
    var evaluationSettings = EvaluationSettings()
    evaluationSettings.batchSize = settings.batchSize
    evaluationSettings.failureLimit = settings.failureLimit
    evaluationSettings.loss = try LossRegistry.loss(
      named: "ce", options: ["label_smoothing": .number(settings.labelSmoothing)])
    evaluation = try PreparedEvaluation(
      model: reference, parameters: parameters, dataset: data, indices: indices, settings: evaluationSettings,
      cache: cache, pool: pool)
    let recomputes = settings.statisticsBatches > 0 && BatchNormStatistics.apply(to: reference.network)
    statistics =
      recomputes
      ? try BatchNormStatistics(
        model: reference, parameters: parameters, dataset: data, batches: settings.statisticsBatches,
        settings: settings, cache: cache, pool: pool) : nil
    let pictures = indices.count + (statistics?.pictureCount ?? 0)
    let bytes = pictures * cache.bytesPerSample
    remark =
      bytes > cache.budget
      ? "the \(pictures) pictures would take \(bytes >> 20) MB, but 'cache' is \(cache.budget >> 20) MB: those beyond are "
        + "decoded anew for each model" : nil
  }

  /// The value of other weights, or of those that `mix` has left.
  func value(
    of other: ParameterSet?, progress: @escaping (InferenceProgress) -> Void, shouldStop: () -> Bool
  ) throws -> Double {
    if let other { parameters.take(other) }
    return metric.value(of: try evaluation.run(progress: progress, shouldStop: shouldStop))
  }

  /// Makes the weights those of the soup with one more ingredient, or as it is, batch norms' statistics included.
  func mix(_ soup: WeightAverage, with newcomer: ParameterSet? = nil, shouldStop: () -> Bool) throws {
    soup.write(with: newcomer, to: parameters)
    // A soup of one is that model, with the statistics that its training has left.
    if soup.count + (newcomer == nil ? 0 : 1) > 1 { try statistics?.recompute(shouldStop: shouldStop) }
  }
}

extension ParameterSet {
  /// Copies the numbers of a set of the same network.
  fileprivate func take(_ other: ParameterSet) {
    for (mine, theirs) in zip(entries, other.entries) {
      mine.tensor.pointer.update(from: theirs.tensor.pointer, count: mine.tensor.count)
    }
  }
}
