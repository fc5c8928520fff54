import Schemas

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019) as Keras computes it.
///
/// Every trained array, biases and norms too (but not what a plugin's layer exempts), is first multiplied by `1 - rate weight_decay`; then `Adam` steps.
public struct AdamW: Optimizer {
  public static let schema = Schema(
    "adamw", help: "Adam with decoupled weight decay (Loshchilov and Hutter 2019).",
    options: Adam.adamOptions + [
      OptionSchema(
        "weight_decay", .number, default: .number(0.004), minimum: 0,
        help: "Share of each parameter, times the rate, that a step takes away.")
    ])

  public let options: Options

  public init(options: Options) { self.options = options }

  public var learningRate: Double { options.number("learning_rate") }

  public var slotNames: [String] { ["m", "v"] }

  public func makeStep(index: Int, learningRate: Double) -> OptimizerStep {
    Adam.makeStep(
      options: options, index: index, learningRate: learningRate, weightDecay: options.number("weight_decay"))
  }
}
