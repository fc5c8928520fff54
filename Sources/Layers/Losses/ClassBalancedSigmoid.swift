import Schemas

/// Cross-entropy of the sigmoid of each logit, weighted by the inverse of the effective number of samples of the
/// example's class (Cui et al. 2019, arXiv 1901.05555).
///
///     v    = (1 - beta) / (1 - beta^c), divided by its sum; c: class counts
///     w    = sum y v
///     loss = sum over n of  w sum sigmoidCE(y, z)  /  sum over n of sum y
///
/// A class that does not occur has the weight 0. The paper's weights have the sum k; Herbariograph's, as here, 1.
public struct ClassBalancedSigmoid: Loss {
  public static let schema = Schema(
    "cbs", help: "Class-balanced sigmoid loss (Cui et al. 2019): rare classes count more.",
    options: [ClassCounts.betaOption, ClassCounts.option])

  public let options: Options
  private var weights: ClassTerms

  public init(options: Options) throws {
    self.options = options
    let beta = options.number("beta")
    weights = try ClassTerms(options) { $0.inverseEffectiveNumbers(beta: beta) }
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

extension LossBatch {
  /// `sum over n of (sum y weights) * sum sigmoidCE(y, z)  /  sum over n of sum y`
  func weightedSigmoidCrossEntropy(_ weights: [Double], gradient: UnsafeMutablePointer<Float>?) -> Double {
    perLabel(gradient: gradient) { $0.sigmoidCrossEntropy(weight: $0.labelled(weights)) }
  }

  /// `sum over n of value / sum over n of sum y`
  func perLabel(gradient: UnsafeMutablePointer<Float>?, _ value: (LossExample) -> Double) -> Double {
    let labels = classCounts.total
    return sum(scale: labels == 0 ? 0 : 1 / labels, gradient: gradient, value)
  }
}
