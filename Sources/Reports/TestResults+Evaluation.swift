import Inference

extension TestResults {
  /// - Parameter split: what the pictures are called in the report, such as `test`.
  public init(_ evaluation: Evaluation, split: String) {
    self.init(
      split: split, classes: evaluation.classes, paths: evaluation.paths, labels: evaluation.labels,
      probabilities: evaluation.probabilities, loss: evaluation.loss, aucpr: evaluation.aucpr,
      failures: evaluation.failed.map { Failure($0) })
  }
}

extension TestResults.Failure {
  public init(_ file: FailedFile) {
    self.init(path: file.path, status: file.status, message: file.message, split: file.split)
  }
}
