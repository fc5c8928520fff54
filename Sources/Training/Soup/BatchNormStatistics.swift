import Datasets
import Inference
import Layers
import ModelFiles
import Networks
import Tensors

/// Computes the running statistics of a network's batch norms anew, for weights that no training has led there: the mean
/// over some batches of training pictures of each batch's mean and variance (Izmailov et al. 2018, arXiv 1803.05407).
///
/// The pictures are not augmented, and the same each time: the first batches of an order that the seed decides. The forward
/// pass is that of training: norms use the batch's own statistics, and layers of noise are at work.
///
/// To be used from one thread.
final class BatchNormStatistics {
  /// A batch norm's `running_mean` and `running_variance`, and how much of a batch goes into them at a step.
  private struct Norm {
    let tensors: [Tensor]
    let sums: [TensorSums]
    let share: Double
  }

  private let plan: TrainingPlan
  private let pipeline: BatchPipeline
  private let batches: Int
  private let key: RandomKey
  private let norms: [Norm]

  var pictureCount: Int { pipeline.indices.count }

  /// Whether a network has statistics that can be computed anew: a momentum of 1 means that they are to stay as they are.
  static func apply(to network: Network) -> Bool { network.nodes.contains { momentum(of: $0) != nil } }

  private static func momentum(of node: Node) -> Float? {
    guard let norm = node.layer as? BatchNorm, norm.momentum < 1 else { return nil }
    return norm.momentum
  }

  /// - Parameters:
  ///   - parameters: whose statistics are written; their other numbers are read at each call.
  ///   - dataset: with the model's classes.
  ///   - batches: at most so many, less where the train split has less.
  ///   - cache: of the same data set and the model's preprocessing.
  /// - Throws: `SoupError.emptySplit`; `NetworkError`.
  init(
    model: Model, parameters: ParameterSet, dataset: Dataset, batches: Int, settings: SoupSettings, cache: PixelCache,
    pool: WorkerPool
  ) throws {
    let indices = dataset.indices(of: .train)
    if indices.isEmpty {
      throw SoupError.emptySplit(
        split: "train",
        purpose: "batch norms need some for their statistics (batch_norm_batches = 0 averages them instead)")
    }
    key = RandomKey(seed: settings.seed).deriving("soup")
    let batchSize = min(settings.batchSize, indices.count)
    let order = BatchOrder.shuffled.sequence(of: indices, in: dataset, key: key, epoch: 0)
    let whole = order.count / batchSize
    self.batches = min(batches, whole)
    pipeline = BatchPipeline(
      dataset: dataset, indices: Array(order.prefix(self.batches * batchSize)), preprocessing: model.preprocessing,
      settings: BatchPipeline.Settings(
        batchSize: batchSize, threads: pool.workerCount,
        badLimit: BatchPipeline.BadPictureLimit(requested: settings.failureLimit)),
      cache: cache)
    plan = try TrainingPlan(network: model.network, parameters: parameters, batch: batchSize, pool: pool)
    norms = model.network.nodes.compactMap { node in
      guard let momentum = Self.momentum(of: node) else { return nil }
      let tensors = ["running_mean", "running_variance"].compactMap { parameters["\(node.name).\($0)"] }
      return Norm(
        tensors: tensors, sums: tensors.map { TensorSums(count: $0.count) }, share: 1 - Double(momentum))
    }
  }

  /// - Throws: `InferenceError.interrupted`; `DatasetError.tooManyBadPictures`; `NetworkError.operation`.
  func recompute(shouldStop: () -> Bool) throws {
    try plan.prepare()
    for norm in norms { for sum in norm.sums { sum.clear() } }
    var done = 0
    pipeline.start(epoch: 0)
    defer { pipeline.stop() }
    while let batch = try pipeline.next() {
      if shouldStop() { throw InferenceError.interrupted(done: done, total: batches) }
      // From zero, one step leaves the batch's statistics times the share of a batch.
      for norm in norms { for tensor in norm.tensors { tensor.fill(0) } }
      _ = try plan.forward(
        pixels: batch.pixels.pointer, count: batch.count, randomKey: key, samples: batch.sampleIDs)
      for norm in norms { for (tensor, sum) in zip(norm.tensors, norm.sums) { sum.add(tensor, divisor: norm.share) } }
      done += 1
    }
    for norm in norms { for (tensor, sum) in zip(norm.tensors, norm.sums) { sum.writeMean(of: done, to: tensor) } }
  }
}

/// Sums over several states of a small tensor, in float64.
private final class TensorSums {
  private var values: [Double]

  init(count: Int) { values = Array(repeating: 0, count: count) }

  func clear() { for i in values.indices { values[i] = 0 } }

  func add(_ tensor: Tensor, divisor: Double) { for i in values.indices { values[i] += Double(tensor[i]) / divisor } }

  func writeMean(of count: Int, to tensor: Tensor) {
    for i in values.indices { tensor[i] = Float(values[i] / Double(count)) }
  }
}
