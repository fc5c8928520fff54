import Foundation
import Layers
import Schemas
import TestSupport
import Testing

@Suite("Distillation")
struct DistillationTests {
  private func evaluate(
    _ student: [Float], _ teacher: [Float], classes: Int, temperature: Double? = nil
  ) throws -> (value: Double, gradient: [Float]) {
    let options: [String: OptionValue] = temperature.map { ["temperature": .number($0)] } ?? [:]
    let loss = Distillation(options: try Options(options, schema: Distillation.schema))
    var gradient = [Float](repeating: .nan, count: student.count)
    let value = loss.evaluate(
      studentLogits: student, teacherLogits: teacher, count: student.count / classes, classes: classes,
      studentLogitsGradient: &gradient)
    return (value, gradient)
  }

  @Test("the golden case, at the default temperature", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("training/loss_distillation")
    let result = try evaluate(golden.values("student_logits"), golden.values("teacher_logits"), classes: 5)
    #expect(abs(Float(result.value) - golden.values("loss")[0]) <= 1e-5)
    let expected = golden.values("student_logits_gradient")
    let largest = expected.map(abs).max() ?? 0
    let worst = zip(result.gradient, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1e-5 * largest, "off by \(worst / largest) of the largest element")
  }

  @Test("two classes by hand: the divergence of a coin of 1/4 from a fair one")
  func literal() throws {
    let third = Float(2 * log(3.0))
    let result = try evaluate([0, third], [5, 5], classes: 2, temperature: 2)
    #expect(abs(result.value - 0.5 * log(4.0 / 3)) < 1e-7)
    expectClose(result.gradient, [-0.125, 0.125], tolerance: 1e-7)
  }

  @Test("a student that agrees with the teacher but for a constant has nothing to learn")
  func agreement() throws {
    let teacher = randomValues(12, seed: 1, -4, 4)
    let result = try evaluate(teacher.map { $0 + 3 }, teacher, classes: 4, temperature: 3)
    #expect(abs(result.value) < 1e-12)
    expectClose(result.gradient, [Float](repeating: 0, count: 12), tolerance: 1e-7)
  }

  @Test("the gradient agrees with finite differences", arguments: [0.5, 1, 12.5])
  func gradient(temperature: Double) throws {
    let student = roundValues(randomValues(20, seed: 1, -3, 3))
    let teacher = randomValues(20, seed: 2, -3, 3)
    let analytic = try evaluate(student, teacher, classes: 5, temperature: temperature).gradient
    let largest = Double(analytic.map(abs).max() ?? 0)
    for i in student.indices {
      let numeric = try derivative(student, at: i) {
        try evaluate($0, teacher, classes: 5, temperature: temperature).value
      }
      #expect(abs(Double(analytic[i]) - numeric) < 3e-7 * largest)
    }
  }

  @Test("logits of +-10,000 stay finite; logits that are not finite do not")
  func extremes() throws {
    let far = try evaluate([1e4, -1e4, 1e4, -1e4], [-1e4, 1e4, 1e4, -1e4], classes: 2, temperature: 1)
    #expect(far.value == 1e4)
    #expect(far.gradient == [0.5, -0.5, 0, 0])
    for bad: Float in [.nan, .infinity, -.infinity] {
      let student = try evaluate([bad, 0], [0, 0], classes: 2)
      #expect(!student.value.isFinite)
      let teacher = try evaluate([0, 0], [bad, 0], classes: 2)
      #expect(!teacher.value.isFinite)
    }
  }
}
