import Foundation

extension PlanSummary {
  /// Memory, operations and disk in four lines, as `check` prints them.
  ///
  ///     Memory      training with a batch of 32: 351 MB (parameters 17, gradients 17, optimizer 33, activations 284)
  ///     Inference   with a batch of 32: 101 MB
  ///     Operations  0.92 GFLOP a picture forward, 2.76 GFLOP in training
  ///     Disk        17 MB a model, 50 MB a checkpoint
  public var text: String {
    func megabytes(_ bytes: Int) -> String { thousands((bytes + 999_999) / 1_000_000) }
    func giga(_ operations: Int) -> String { String(format: "%.2f GFLOP", Double(operations) / 1e9) }
    let inference = parameterBytes + persistentBytes + inferenceArenaBytes
    return """
      Memory      training with a batch of \(batch): \(megabytes(trainingBytes)) MB (parameters \
      \(megabytes(parameterBytes)), gradients \(megabytes(gradientBytes)), optimizer \(megabytes(optimizerBytes)), \
      activations \(megabytes(trainingArenaBytes)))
      Inference   with a batch of \(batch): \(megabytes(inference)) MB
      Operations  \(giga(forwardFlops)) a picture forward, \(giga(trainingFlops)) in training
      Disk        \(megabytes(modelFileBytes)) MB a model, \(megabytes(checkpointBytes)) MB a checkpoint
      """
  }
}
