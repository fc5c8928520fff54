import Schemas

/// The class-balanced sigmoid loss (Cui et al. 2019, arXiv 1901.05555) with the class counts of each batch:
/// Herbariograph's `cbbs`.
///
///     b    = sum over n of y
///     v    = (1 - beta) / (1 - beta^b), divided by its sum
///     w    = sum y v
///     loss = sum over n of  w sum sigmoidCE(y, z)  /  sum b
///
/// A class that the batch does not have gets the weight 0, where the original divides by 0.
public struct BatchBalancedSigmoid: Loss {
  public static let schema = Schema(
    "cbbs", help: "Class-balanced sigmoid loss with the class counts of each batch.",
    options: [ClassCounts.betaOption])

  public let options: Options
  private let beta: Double

  public init(options: Options) {
    self.options = options
    beta = options.number("beta")
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.weightedSigmoidCrossEntropy(
      batch.classCounts.inverseEffectiveNumbers(beta: beta), gradient: logitsGradient)
  }
}
