import Schemas

/// Cross-entropy of logits to which the logarithms of the class frequencies are added, so that rare classes need a
/// larger margin (Menon et al. 2021, arXiv 2007.07314).
///
///     loss = mean over n of  -sum y log softmax(z + log((c / C)^tau + 1e-7)); c: class counts, C their sum
///
/// The original's default for tau is 0, which is plain cross-entropy; ours is the paper's 1.
public struct LogitAdjusted: Loss {
  public static let schema = Schema(
    "la", help: "Logit-adjusted cross-entropy (Menon et al. 2021): rare classes need a larger margin.",
    options: [ClassCounts.tauOption, ClassCounts.option])

  public let options: Options
  private var terms: ClassTerms

  public init(options: Options) throws {
    self.options = options
    let tau = options.number("tau")
    terms = try ClassTerms(options) { $0.logPriors(tau: tau) }
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

extension LossBatch {
  /// `mean over n of -sum y log softmax(z + terms)`
  func adjustedCrossEntropy(adding terms: [Double], gradient: UnsafeMutablePointer<Float>?) -> Double {
    mean(gradient: gradient) { example in
      for k in 0..<classes { example.logits[k] += terms[k] }
      return example.softmaxCrossEntropy()
    }
  }
}
