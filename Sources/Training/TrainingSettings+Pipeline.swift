import Datasets
import Images

extension TrainingSettings {
  /// How the training pictures become batches.
  ///
  /// - Parameters:
  ///   - data: labelled by the classes of the model.
  ///   - batchSize: at most this many pictures a batch.
  /// - Throws: `TrainingError.setting` when an augmentation was given counts for other classes.
  public func pipelineSettings(for data: Dataset, batchSize: Int, threads: Int) throws -> BatchPipeline.Settings {
    let counts = data.classCounts(of: data.indices(of: .train)).map(Double.init)
    let mixing: [any BatchAugmentation]
    do {
      mixing = try batchAugmentations.map { try $0.fitted(toClassCounts: counts) }
    } catch let error as AugmentationError {
      throw TrainingError.setting("an augmentation: \(error)")
    }
    return BatchPipeline.Settings(
      batchSize: batchSize, order: order.batchOrder, dropLast: dropLast, augmentations: augmentations,
      batchAugmentations: mixing, threads: threads,
      badLimit: BatchPipeline.BadPictureLimit(requested: failureLimit))
  }
}

extension TrainingSettings.Order {
  fileprivate var batchOrder: BatchOrder {
    switch self {
    case .sequential: .sequential
    case .shuffled: .shuffled
    case .balanced: .balanced
    }
  }
}
