import Foundation
import Schemas

/// The class-balanced sigmoid loss in which what is already right counts little (Cui et al. 2019, arXiv 1901.05555).
///
///     v    = (1 - beta) / (1 - beta^c), divided by its sum; c: class counts
///     w    = sum y v
///     m    = exp(-gamma y z - gamma log(1 + exp(-z)))
///     loss = sum over n of  w sum m sigmoidCE(y, z)  /  sum over n of sum y
///
/// For labels of 0 and 1, m is `(1 - p)^gamma`, p the probability of what the label says. A class that does not occur
/// has the weight 0.
public struct ClassBalancedFocal: Loss {
  public static let schema = Schema(
    "cbf", help: "Class-balanced focal loss (Cui et al. 2019): rare classes count more, what is already right little.",
    options: [
      ClassCounts.betaOption,
      OptionSchema(
        "gamma", .number, default: .number(1), minimum: 0,
        help: "How much less what is already right counts; 0: the loss cbs."),
      ClassCounts.option,
    ])

  public let options: Options
  private let gamma: Double
  private var weights: ClassTerms

  public init(options: Options) throws {
    self.options = options
    gamma = options.number("gamma")
    let beta = options.number("beta")
    weights = try ClassTerms(options) { $0.inverseEffectiveNumbers(beta: beta) }
  }

  public func fitted(toClassCounts counts: [Double]) throws -> any Loss {
    var loss = self
    try loss.weights.fit(toClassCounts: counts)
    return loss
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    let weights = weights.values
    return batch.perLabel(gradient: logitsGradient) { loss(of: $0, weight: $0.labelled(weights)) }
  }

  private func loss(of example: LossExample, weight: Double) -> Double {
    var loss = 0.0
    for k in 0..<example.classes {
      let (y, z) = (example.labels[k], example.logits[k])
      let tail = log1p(exp(-abs(z)))
      let crossEntropy = max(z, 0) - y * z + tail
      let modulator = exp(-gamma * (y * z + max(-z, 0) + tail))
      let p = sigmoid(z)
      loss += modulator * crossEntropy
      example.gradient[k] = weight * modulator * (p - y + crossEntropy * gamma * (1 - p - y))
    }
    return weight * loss
  }
}
