import Kernels
import Schemas

/// Gradient descent, with momentum and decoupled weight decay if wanted, as Keras computes it.
///
/// First `p -= p rate weight_decay`. Without momentum `p -= g rate`; with it `m = m momentum - g rate` and `p += m`, or
/// with `nesterov` `p += m momentum - g rate` (Sutskever et al. 2013).
public struct SGD: Optimizer {
  public static let schema = Schema(
    "sgd", help: "Gradient descent with optional momentum, Nesterov momentum and decoupled weight decay.",
    options: [
      OptionSchema("learning_rate", .number, default: .number(0.01), minimum: 0, help: "The rate of the steps."),
      OptionSchema("momentum", .number, default: .number(0), minimum: 0, maximum: 1, help: "Share of the last step."),
      OptionSchema(
        "nesterov", .boolean, default: .boolean(false), help: "Look ahead along the momentum; without one, no effect."),
      OptionSchema(
        "weight_decay", .number, default: .number(0), minimum: 0,
        help: "Share of each parameter, times the rate, that a step takes away."),
    ])

  public let options: Options

  public init(options: Options) { self.options = options }

  public var learningRate: Double { options.number("learning_rate") }

  public var slotNames: [String] { options.number("momentum") == 0 ? [] : ["momentum"] }

  public func makeStep(index: Int, learningRate: Double) -> OptimizerStep {
    let momentum = Float(options.number("momentum"))
    let nesterov = options.boolean("nesterov")
    let rate = Float(learningRate)
    let decay = Float(learningRate * options.number("weight_decay"))
    return OptimizerStep { parameter, gradient, slots, count, gradientScale, factor in
      guard let velocity = slots.first else {
        sgd_update(
          parameter, gradient, count: count, gradientScale: gradientScale, rate: rate * factor, decay: decay * factor)
        return
      }
      sgd_momentum_update(
        parameter, gradient, velocity, count: count, gradientScale: gradientScale, rate: rate * factor,
        momentum: momentum, nesterov: nesterov, decay: decay * factor)
    }
  }
}
