import Foundation
import Schemas

/// A linear warm-up, then half a cosine down to `minimum` (Loshchilov and Hutter 2017, one period), which is reached
/// when the last step is done: the last step itself is still a little above.
///
/// With w warm-up steps of T in all: `rate = peak (s + 1) / w` for s < w, then
/// `minimum + (peak - minimum) (1 + cos(pi (s - w) / (T - w))) / 2`.
public struct CosineSchedule: Schedule {
  public static let schema = Schema(
    "cosine", help: "A linear warm-up, then half a cosine down to a minimum at the end of the run.",
    options: [
      OptionSchema("learning_rate", .number, minimum: 0, help: "The highest rate; the optimizer's when left out."),
      OptionSchema("warmup", .number, default: .number(0), minimum: 0, help: "Epochs of linear warm-up."),
      OptionSchema("minimum", .number, default: .number(0), minimum: 0, help: "The rate at the end."),
    ])

  public let options: Options

  public init(options: Options) { self.options = options }

  public func learningRate(step: Int, run: ScheduledRun) -> Double {
    let peak = options.optionalNumber("learning_rate") ?? run.learningRate
    let minimum = options.number("minimum")
    let warmup = (options.number("warmup") * Double(run.stepsPerEpoch)).rounded()
    let position = Double(step)
    if position < warmup { return peak * (position + 1) / warmup }
    let length = max(1, Double(run.totalSteps) - warmup)
    let progress = min(1, (position - warmup) / length)
    return minimum + (peak - minimum) * (1 + cos(Double.pi * progress)) / 2
  }
}
