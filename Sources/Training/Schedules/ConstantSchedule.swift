import Schemas

/// The same learning rate for every step.
public struct ConstantSchedule: Schedule {
  public static let schema = Schema(
    "constant", help: "The same learning rate for every step.",
    options: [
      OptionSchema(
        "learning_rate", .number, minimum: 0, help: "The rate; the optimizer's own when left out.")
    ])

  public let options: Options

  public init(options: Options) { self.options = options }

  public func learningRate(step: Int, run: ScheduledRun) -> Double {
    options.optionalNumber("learning_rate") ?? run.learningRate
  }
}
