import Schemas

/// Cross-entropy of the sigmoid of each logit, weighted by the normalised inverse frequency of the example's class:
/// Herbariograph's `nis`.
///
///     u    = (1 - c / C) / m; c: class counts, C their sum, m the smallest 1 - c / C, 1e-7 or more
///     loss = sum over n of  (sum y u) sum sigmoidCE(y, z)  /  sum over n of sum y
public struct InverseFrequencySigmoid: Loss {
  public static let schema = Schema(
    "nis", help: "Sigmoid loss weighted by normalised inverse class frequencies.", options: [ClassCounts.option])

  public let options: Options
  private var weights: ClassTerms

  public init(options: Options) throws {
    self.options = options
    weights = try ClassTerms(options) { $0.inverseFrequencies }
  }

  public func fitted(toClassCounts counts: [Double]) throws -> any Loss {
    var loss = self
    try loss.weights.fit(toClassCounts: counts)
    return loss
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.weightedSigmoidCrossEntropy(weights.values, gradient: logitsGradient)
  }
}
