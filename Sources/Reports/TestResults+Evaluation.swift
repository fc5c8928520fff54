import Inference

extension TestResults {
  /// - Parameter split: what the pictures are called in the report, such as `test`.
  public init(_ evaluation: Evaluation, split: String) {
    self.init(
      split: split, classes: evaluation.classes, paths: evaluation.paths, labels: evaluation.labels,
      probabilities: evaluation.probabilities, loss: evaluation.loss, aucpr: evaluation.aucpr,
      failures: evaluation.failed.map { Failure(path: $0.path, status: $0.status, message: $0.message) })
  }
}
