import Foundation
import Schemas

/// Multiplies the learning rate by `factor` after every `every` epochs, or at the epochs in `at`.
///
/// `rate = learning_rate * factor ^ (drops so far)`
public struct StepSchedule: Schedule {
  public static let schema = Schema(
    "step", help: "Multiplies the learning rate by a factor every so many epochs.",
    options: [
      OptionSchema("learning_rate", .number, minimum: 0, help: "The first rate; the optimizer's when left out."),
      OptionSchema("every", .integer, default: .integer(10), minimum: 1, help: "Epochs between two drops."),
      OptionSchema(
        "at", .list(.integer), minimum: 1, help: "Epochs (from 1) after whose end the rate drops; instead of 'every'."),
      OptionSchema("factor", .number, default: .number(0.1), minimum: 0, help: "What the rate is multiplied by."),
    ])

  public let options: Options

  public init(options: Options) { self.options = options }

  public func learningRate(step: Int, run: ScheduledRun) -> Double {
    let epochsDone = step / max(1, run.stepsPerEpoch)
    let milestones = options.integers("at")
    let drops =
      milestones.isEmpty ? epochsDone / options.integer("every") : milestones.filter { epochsDone >= $0 }.count
    return (options.optionalNumber("learning_rate") ?? run.learningRate) * pow(options.number("factor"), Double(drops))
  }
}
