import Foundation
import Kernels
import Schemas

/// Adam (Kingma and Ba 2015) as Keras computes it.
///
/// At step t = 1, 2, ...: `m += (g - m) (1 - beta_1)`, `v += (g^2 - v) (1 - beta_2)`,
/// `p -= m rate sqrt(1 - beta_2^t) / (1 - beta_1^t) / (sqrt(v) + epsilon)`.
public struct Adam: Optimizer {
  public static let schema = Schema(
    "adam", help: "Adam (Kingma and Ba 2015): steps scaled by running means of the gradient and of its square.",
    options: adamOptions)

  static let adamOptions = [
    OptionSchema("learning_rate", .number, default: .number(0.001), minimum: 0, help: "The rate of the steps."),
    OptionSchema(
      "beta_1", .number, default: .number(0.9), minimum: 0, maximum: 0.999_999, help: "Memory of the gradient."),
    OptionSchema(
      "beta_2", .number, default: .number(0.999), minimum: 0, maximum: 0.999_999_9, help: "Memory of its square."),
    OptionSchema(
      "epsilon", .number, default: .number(1e-7), minimum: 0, help: "Keeps the division away from zero."),
  ]

  public let options: Options

  public init(options: Options) { self.options = options }

  public var learningRate: Double { options.number("learning_rate") }

  public var slotNames: [String] { ["m", "v"] }

  public func makeStep(index: Int, learningRate: Double) -> OptimizerStep {
    Adam.makeStep(options: options, index: index, learningRate: learningRate, weightDecay: 0)
  }

  /// The step that `Adam` and `AdamW` share.
  static func makeStep(options: Options, index: Int, learningRate: Double, weightDecay: Double) -> OptimizerStep {
    let beta1 = options.number("beta_1")
    let beta2 = options.number("beta_2")
    let epsilon = Float(options.number("epsilon"))
    // In float32 as Keras does: 1 - beta_2^t keeps few digits at first, and the golden trajectories show it.
    let t = Float(index + 1)
    let alpha = Float(learningRate) * (1 - pow(Float(beta2), t)).squareRoot() / (1 - pow(Float(beta1), t))
    func update(decay: Float) -> OptimizerStep.Update {
      { parameter, gradient, slots, count, gradientScale, factor in
        adam_update(
          parameter, gradient, slots[0], slots[1], count: count, gradientScale: gradientScale,
          oneMinusBeta1: Float(1 - beta1), oneMinusBeta2: Float(1 - beta2), alpha: alpha * factor,
          epsilon: epsilon, decay: decay * factor)
      }
    }
    return OptimizerStep(update: update(decay: Float(learningRate * weightDecay)), updateWithoutDecay: update(decay: 0))
  }
}
