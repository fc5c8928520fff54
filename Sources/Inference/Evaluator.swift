import Datasets
import Layers
import ModelFiles
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
    try PreparedEvaluation(
      model: model, parameters: model.parameters, dataset: dataset, indices: indices, settings: settings, pool: pool
    ).run(progress: progress, shouldStop: shouldStop)
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
