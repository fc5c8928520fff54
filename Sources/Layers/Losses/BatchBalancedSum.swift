import Schemas

/// `cbbs + lab`: the sigmoid loss and the logit-adjusted loss, both balanced by each batch; Herbariograph's `bel`.
///
/// - SeeAlso: `BatchBalancedSigmoid`, `BatchLogitAdjusted`.
public struct BatchBalancedSum: Loss {
  public static let schema = Schema(
    "bel", help: "The sum of the losses cbbs and lab.", options: [ClassCounts.betaOption, ClassCounts.tauOption])

  public let options: Options
  private let sum: CombinedLoss

  public init(options: Options) throws {
    self.options = options
    let beta = options.number("beta")
    let tau = options.number("tau")
    sum = try CombinedLoss([
      (LossRegistry.loss(named: "cbbs", options: ["beta": .number(beta)]), 1),
      (LossRegistry.loss(named: "lab", options: ["tau": .number(tau)]), 1),
    ])
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    sum.evaluate(batch, logitsGradient: logitsGradient)
  }
}
