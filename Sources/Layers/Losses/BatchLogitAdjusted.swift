import Schemas

/// Logit-adjusted cross-entropy (Menon et al. 2021, arXiv 2007.07314) with the class frequencies of each batch:
/// Herbariograph's `lab`.
///
///     b    = sum over n of y
///     loss = mean over n of  -sum y log softmax(z + log((b / sum b)^tau + 1e-7))
public struct BatchLogitAdjusted: Loss {
  public static let schema = Schema(
    "lab", help: "Logit-adjusted cross-entropy with the class counts of each batch.", options: [ClassCounts.tauOption])

  public let options: Options
  private let tau: Double

  public init(options: Options) {
    self.options = options
    tau = options.number("tau")
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.adjustedCrossEntropy(adding: batch.classCounts.logPriors(tau: tau), gradient: logitsGradient)
  }
}
