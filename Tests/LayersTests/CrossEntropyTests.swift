import Foundation
import Layers
import Schemas
import TestSupport
import Testing

@Suite("Cross-entropy")
struct CrossEntropyTests {
  private func evaluate(
    _ logits: [Float], _ labels: [Float], classes: Int, smoothing: Double = 0, weights: [Float]? = nil
  ) throws -> LossResult {
    let loss = try LossRegistry.loss(named: "ce", options: ["label_smoothing": .number(smoothing)])
    return LossResult(loss, logits, labels, classes: classes, weights: weights)
  }

  @Test("two classes by hand")
  func literal() throws {
    let result = try evaluate([0, log(3)], [1, 0], classes: 2)
    #expect(abs(result.value - log(4)) < 1e-7)
    expectClose(result.gradient, [-0.75, 0.75], tolerance: 1e-6)
    let smooth = try evaluate([0, log(3)], [1, 0], classes: 2, smoothing: 0.5)
    #expect(abs(smooth.value - (0.75 * log(4) + 0.25 * log(4.0 / 3))) < 1e-7)
    expectClose(smooth.gradient, [-0.5, 0.5], tolerance: 1e-6)
    let weighted = try evaluate([0, 0, 0, 0], [1, 0, 0, 1], classes: 2, weights: [3, 1])
    #expect(abs(weighted.value - 2 * log(2)) < 1e-7)
    expectClose(weighted.gradient, [-0.75, 0.75, 0.25, -0.25], tolerance: 1e-6)
  }

  @Test(
    "the golden cases", .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: [
      "training/loss_ce_hard", "training/loss_ce_mixed", "training/loss_ce_class_weights",
      "layers/cross_entropy_softmax",
    ])
  func golden(name: String) throws {
    let golden = try Golden.load(name)
    let smoothing = Double(golden.metadata["label_smoothing"] ?? "0") ?? 0
    let result = try evaluate(
      golden.values("logits"), golden.values("labels"), classes: golden.shape("logits")[1], smoothing: smoothing,
      weights: golden.arrays["class_weights"]?.values)
    let expected = golden.values(golden.arrays["loss"] == nil ? "output" : "loss")[0]
    // The layer case hands a gradient of its own to the loss.
    let scale = golden.arrays["output_gradient"]?.values[0] ?? 1
    #expect(abs(Float(result.value) - expected) < 2e-6)
    expectClose(result.gradient.map { $0 * scale }, golden.values("logits_gradient"), tolerance: 1e-6)
  }

  @Test("the gradient agrees with finite differences, for labels that do not sum to 1 too")
  func gradient() throws {
    let logits = roundValues(randomValues(15, seed: 1, -2, 2))
    let labels = randomValues(15, seed: 2, 0, 1)
    let weights: [Float] = [1, 2, 3, 0.5, 1]
    let analytic = try evaluate(logits, labels, classes: 5, smoothing: 0.1, weights: weights).gradient
    for i in logits.indices {
      let numeric = try derivative(logits, at: i) {
        try evaluate($0, labels, classes: 5, smoothing: 0.1, weights: weights).value
      }
      #expect(abs(Double(analytic[i]) - numeric) < 1e-7)
    }
  }

  @Test("logits of +-10,000 stay finite")
  func extremes() throws {
    let right = try evaluate([1e4, -1e4], [1, 0], classes: 2)
    #expect(right.value == 0)
    let wrong = try evaluate([1e4, -1e4], [0, 1], classes: 2)
    #expect(wrong.value == 2e4)
    expectClose(wrong.gradient, [1, -1])
    #expect(try evaluate([.nan, 0], [1, 0], classes: 2).value.isNaN)
  }
}
