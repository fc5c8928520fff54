import Foundation
import Schemas

/// Triangular cycles whose height halves with each (Smith 2017, `triangular2`).
///
/// With half-cycle h: cycle `c = floor(1 + s / 2h)`, `x = |s / h - 2c + 1|`,
/// `rate = minimum + (maximum - minimum) max(0, 1 - x) / 2^(c - 1)`.
public struct CyclicalSchedule: Schedule {
  public static let schema = Schema(
    "cyclical", help: "Triangular cycles of the learning rate whose height halves with each cycle.",
    options: [
      OptionSchema("maximum", .number, minimum: 0, help: "The first peak; the optimizer's rate when left out."),
      OptionSchema("minimum", .number, minimum: 0, help: "The rate between peaks; a quarter of 'maximum' by default."),
      OptionSchema(
        "half_cycle", .integer, default: .integer(1024), minimum: 1, help: "Steps from a minimum to the next peak."),
    ])

  public let options: Options

  public init(options: Options) { self.options = options }

  public func learningRate(step: Int, run: ScheduledRun) -> Double {
    let maximum = options.optionalNumber("maximum") ?? run.learningRate
    let minimum = options.optionalNumber("minimum") ?? maximum / 4
    let position = Double(step) / Double(options.integer("half_cycle"))
    let cycle = floor(1 + position / 2)
    let distance = abs(position - 2 * cycle + 1)
    return minimum + (maximum - minimum) * max(0, 1 - distance) / pow(2, cycle - 1)
  }
}
