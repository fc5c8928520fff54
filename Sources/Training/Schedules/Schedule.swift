import Layers
import Schemas

/// The learning rate of every step.
public protocol Schedule: Sendable {
  /// The name that recipes use, its options, and a line of help.
  static var schema: Schema { get }

  init(options: Options) throws

  var options: Options { get }

  /// - Parameter step: optimizer steps taken before this one, counted from 0 through all epochs.
  func learningRate(step: Int, run: ScheduledRun) -> Double
}

extension Schedule {
  /// With options given as plain values.
  ///
  /// - Throws: `OptionError`.
  public init(_ given: [String: OptionValue] = [:]) throws {
    try self.init(options: Options(given, schema: Self.schema))
  }
}

/// What a schedule may know about the run that it belongs to.
public struct ScheduledRun: Equatable, Sendable {
  /// The optimizer's learning rate.
  public let learningRate: Double
  public let stepsPerEpoch: Int
  public let epochs: Int

  public init(learningRate: Double, stepsPerEpoch: Int, epochs: Int) {
    self.learningRate = learningRate
    self.stepsPerEpoch = stepsPerEpoch
    self.epochs = epochs
  }

  /// At least 1; the largest integer when the product does not fit into one.
  public var totalSteps: Int {
    let (steps, overflow) = stepsPerEpoch.multipliedReportingOverflow(by: epochs)
    return overflow ? .max : max(1, steps)
  }
}

/// All schedules that a recipe can name.
public enum ScheduleRegistry {
  /// A new schedule is registered by a line here.
  public static let all: [any Schedule.Type] = [
    ConstantSchedule.self, StepSchedule.self, CosineSchedule.self, OneCycleSchedule.self, CyclicalSchedule.self,
  ]

  /// - Throws: `RegistryError.unknown`; `OptionError`.
  public static func schedule(named name: String, options: [String: OptionValue] = [:]) throws -> any Schedule {
    guard let type = all.first(where: { $0.schema.name == name }) else {
      throw RegistryError.unknown(
        kind: "schedule", name: name, suggestion: nearest(to: name, among: all.map { $0.schema.name }))
    }
    return try type.init(options: Options(options, schema: type.schema))
  }
}

/// Where a run's learning rates come from.
public enum LearningRateSource {
  /// The optimizer's own rate, unchanged.
  case optimizer
  case schedule(any Schedule)
  /// A function of the step (from 0), such as a recipe's. What it throws ends the run.
  case function((_ step: Int) throws -> Double)
}
