import Schemas

/// Cross-entropy of logits to which normalised inverse class frequencies are added: Herbariograph's `lw`.
///
///     u    = (1 - c / C) / m; c: class counts, C their sum, m the smallest 1 - c / C, 1e-7 or more
///     loss = mean over n of  -sum y log softmax(z + u)
///
/// The term is largest for rare classes, where that of `LogitAdjusted` is smallest.
public struct InverseFrequencyAdjusted: Loss {
  public static let schema = Schema(
    "lw", help: "Cross-entropy of the logits plus normalised inverse class frequencies.", options: [ClassCounts.option])

  public let options: Options
  private var terms: ClassTerms

  public init(options: Options) throws {
    self.options = options
    terms = try ClassTerms(options) { $0.inverseFrequencies }
  }

  public func fitted(toClassCounts counts: [Double]) throws -> any Loss {
    var loss = self
    try loss.terms.fit(toClassCounts: counts)
    return loss
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.adjustedCrossEntropy(adding: terms.values, gradient: logitsGradient)
  }
}
