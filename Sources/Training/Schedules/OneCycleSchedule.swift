import Foundation
import Schemas

/// One rise and one long fall of the learning rate over the whole run (Smith and Topin 2019), both along a cosine.
///
/// From `peak / start_divisor` up to `peak` during the share `rise` of all steps, then down to
/// `peak / start_divisor / end_divisor` at the last step.
public struct OneCycleSchedule: Schedule {
  public static let schema = Schema(
    "one_cycle", help: "One rise and one long fall of the learning rate over the whole run, both along a cosine.",
    options: [
      OptionSchema("learning_rate", .number, minimum: 0, help: "The peak; the optimizer's rate when left out."),
      OptionSchema("rise", .number, default: .number(0.3), minimum: 0, maximum: 1, help: "Share of steps that rise."),
      OptionSchema(
        "start_divisor", .number, default: .number(25), minimum: 1, help: "The first rate is the peak over this."),
      OptionSchema(
        "end_divisor", .number, default: .number(1e4), minimum: 1, help: "The last rate is the first over this."),
    ])

  public let options: Options

  public init(options: Options) { self.options = options }

  public func learningRate(step: Int, run: ScheduledRun) -> Double {
    let peak = options.optionalNumber("learning_rate") ?? run.learningRate
    let start = peak / options.number("start_divisor")
    let end = start / options.number("end_divisor")
    let last = Double(max(1, run.totalSteps - 1))
    let top = options.number("rise") * last
    let position = min(Double(step), last)
    if position < top { return cosine(from: start, to: peak, position / top) }
    return cosine(from: peak, to: end, last > top ? (position - top) / (last - top) : 0)
  }

  private func cosine(from a: Double, to b: Double, _ share: Double) -> Double {
    b + (a - b) * (1 + cos(Double.pi * share)) / 2
  }
}
