import Foundation
import Schemas

/// Cross-entropy in which what is already right counts little (focal loss: Lin et al. 2017, arXiv 1708.02002), in the
/// form for several classes that Keras has.
///
///     p    = softmax(z), kept within 1e-7 ... 1 - 1e-7
///     t    = (1 - s) y + s / k
///     loss = mean over n of  sum alpha (1 - p)^gamma (-t log p)
///
/// Where p is at one of its bounds, its gradient is 0.
public struct FocalCrossEntropy: Loss {
  public static let schema = Schema(
    "fce", help: "Focal cross-entropy (Lin et al. 2017): what is already right counts little.",
    options: [
      OptionSchema(
        "alpha", .number, default: .number(0.25), minimum: 0, help: "A factor of the whole loss."),
      OptionSchema(
        "gamma", .number, default: .number(2), minimum: 0,
        help: "How much less what is already right counts; 0: cross-entropy."),
      CrossEntropy.smoothingOption(default: 0.2),
    ])

  public let options: Options
  private let alpha: Double
  private let gamma: Double
  private let smoothing: Double

  public init(options: Options) {
    self.options = options
    alpha = options.number("alpha")
    gamma = options.number("gamma")
    smoothing = options.number("label_smoothing")
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.mean(gradient: logitsGradient) { example in
      example.smoothLabels(smoothing)
      return loss(of: example)
    }
  }

  private func loss(of example: LossExample) -> Double {
    _ = example.softmax()
    let bound = ClassCounts.epsilon
    // By p: what softmax hands on is the probability-weighted mean of these, and each one's difference from it.
    let slopes = example.logits
    var loss = 0.0
    var mean = 0.0
    for k in 0..<example.classes {
      let probability = example.gradient[k]
      let p = probability < bound ? bound : probability > 1 - bound ? 1 - bound : probability
      let rest = pow(1 - p, gamma)
      loss -= alpha * rest * example.labels[k] * log(p)
      let slope = alpha * example.labels[k] * (gamma * pow(1 - p, gamma - 1) * log(p) - rest / p)
      slopes[k] = p == probability ? slope : 0
      mean += slopes[k] * probability
    }
    for k in 0..<example.classes { example.gradient[k] *= slopes[k] - mean }
    return loss
  }
}
