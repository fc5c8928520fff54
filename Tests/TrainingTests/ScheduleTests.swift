import Foundation
import Schemas
import TestSupport
import Testing
import Training

@Suite("Schedules")
struct ScheduleTests {
  private let run = ScheduledRun(learningRate: 0.1, stepsPerEpoch: 10, epochs: 10)

  private func rates(_ name: String, _ options: [String: OptionValue] = [:], steps: [Int]) throws -> [Double] {
    let schedule = try ScheduleRegistry.schedule(named: name, options: options)
    return steps.map { schedule.learningRate(step: $0, run: run) }
  }

  private func expectNear(_ found: [Double], _ expected: [Double]) {
    expectClose(found.map(Float.init), expected.map(Float.init), tolerance: 1e-6)
  }

  @Test("cyclical follows the golden rates", .enabled(if: Golden.isAvailable, Comment(rawValue: Golden.absent)))
  func cyclicalGolden() throws {
    let golden = try Golden.load("training/schedule_cyclical")
    let options: [String: OptionValue] = [
      "maximum": .number(Double(golden.metadata["maximum"] ?? "") ?? 0),
      "minimum": .number(Double(golden.metadata["initial"] ?? "") ?? 0),
      "half_cycle": .integer(Int(golden.metadata["step_size"] ?? "") ?? 0),
    ]
    let found = try rates("cyclical", options, steps: golden.values("step").map { Int($0) })
    let expected = golden.values("learning_rate")
    for (a, b) in zip(found, expected) { #expect(abs(a - Double(b)) <= 1e-6 * Double(b)) }
  }

  @Test("cyclical's minimum is a quarter of its maximum unless given")
  func cyclicalDefault() throws {
    expectNear(try rates("cyclical", ["half_cycle": .integer(4)], steps: [0, 4, 8]), [0.025, 0.1, 0.025])
  }

  @Test("more steps than an integer holds are as many as it holds")
  func hugeRun() throws {
    let run = ScheduledRun(learningRate: 0.1, stepsPerEpoch: 10, epochs: 1 << 62)
    #expect(run.totalSteps == .max)
    #expect(try CosineSchedule().learningRate(step: 5, run: run) == 0.1)
  }

  @Test("epochs and cache that no computer can serve are refused", arguments: ["epochs", "cache"])
  func hugeOptions(name: String) {
    let schema = Schema("train", help: "", options: TrainingSettings.optionSchemas)
    #expect(throws: OptionError.self) { try Options([name: .number(0x1p62)], schema: schema) }
  }

  @Test("constant is the optimizer's rate unless given")
  func constant() throws {
    expectNear(try rates("constant", steps: [0, 99]), [0.1, 0.1])
    expectNear(try rates("constant", ["learning_rate": .number(0.5)], steps: [0, 99]), [0.5, 0.5])
  }

  @Test("step drops after every so many epochs, or at the epochs given")
  func step() throws {
    expectNear(
      try rates("step", ["every": .integer(2), "factor": .number(0.5)], steps: [0, 19, 20, 40]),
      [0.1, 0.1, 0.05, 0.025])
    expectNear(
      try rates("step", ["at": .list([.integer(3), .integer(4)])], steps: [29, 30, 39, 40]), [0.1, 0.01, 0.01, 0.001])
  }

  @Test("cosine climbs in a straight line, then falls along half a cosine")
  func cosine() throws {
    expectNear(
      try rates("cosine", ["warmup": .number(2), "minimum": .number(0.02)], steps: [0, 9, 19, 20, 60, 100]),
      [0.005, 0.05, 0.1, 0.1, 0.06, 0.02])
  }

  @Test("one_cycle begins at a fraction of its peak, reaches it, and ends at a tiny rate")
  func oneCycle() throws {
    let found = try rates("one_cycle", ["rise": .number(0.5)], steps: [0, 49, 50, 99])
    #expect(abs(found[0] - 0.004) < 1e-9)
    #expect(found[1] > 0.099 && found[2] > 0.099)
    #expect(abs(found[3] - 4e-7) < 1e-9)
  }

  @Test("a misspelt name is answered with the nearest one")
  func unknownName() {
    #expect {
      try ScheduleRegistry.schedule(named: "cosin")
    } throws: {
      "\($0)" == "there is no schedule 'cosin' (did you mean 'cosine'?)"
    }
  }
}
