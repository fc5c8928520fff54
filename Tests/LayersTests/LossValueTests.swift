import Foundation
import Layers
import Schemas
import TestSupport
import Testing

/// Each loss by hand, on two classes.
@Suite("Loss values")
struct LossValueTests {
  private func evaluate(
    _ name: String, _ logits: [Float], _ labels: [Float], options: [String: OptionValue] = [:],
    counts: [Double] = [1, 1], weights: [Float]? = nil
  ) throws -> LossResult {
    let loss = try LossRegistry.loss(named: name, options: options).fitted(toClassCounts: counts)
    return LossResult(loss, logits, labels, classes: 2, weights: weights)
  }

  @Test("mse: the squares are summed over classes and averaged over examples; weights do not change the divisor")
  func squares() throws {
    let result = try evaluate("mse", [3, 1, 0, 1], [1, 0, 0, 1])
    #expect(result.value == 2.5)
    #expect(result.gradient == [2, 1, 0, 0])
    #expect(try evaluate("mse", [3, 1, 0, 1], [1, 0, 0, 1], weights: [2, 5]).value == 5)
  }

  @Test("cos and mae see the direction alone")
  func directions() throws {
    let cosine = try evaluate("cos", [3, 4], [1, 0])
    #expect(abs(cosine.value - 0.4) < 1e-12)
    expectClose(cosine.gradient, [-0.128, 0.096], tolerance: 1e-7)
    #expect(abs(try evaluate("cos", [300, 400], [1, 0]).value - 0.4) < 1e-12)
    let absolute = try evaluate("mae", [3, 4], [1, 0])
    #expect(abs(absolute.value - 1.2) < 1e-12)
    // g = (-1, 1), u = (0.6, 0.8): (g - 0.2 u) / 5
    expectClose(absolute.gradient, [-0.224, 0.168], tolerance: 1e-7)
    #expect(try evaluate("mae", [2, 0], [1, 0]).gradient == [0, 0])
    let zero = try evaluate("cos", [0, 0], [1, 0])
    #expect(zero.value == 1)
    #expect(zero.gradient == [-1e6, 0])
  }

  @Test("fce: without focus it is a quarter of the cross-entropy")
  func focal() throws {
    let plain = try evaluate(
      "fce", [0, log(3)], [1, 0], options: ["gamma": .number(0), "label_smoothing": .number(0)])
    #expect(abs(plain.value - 0.25 * log(4)) < 1e-7)
    let focal = try evaluate("fce", [0, log(3)], [1, 0], options: ["label_smoothing": .number(0)])
    #expect(abs(focal.value - 0.25 * 0.5625 * log(4)) < 1e-7)
    // Right beyond doubt: p is at its bound.
    let sure = try evaluate("fce", [40, 0], [1, 0], options: ["label_smoothing": .number(0)])
    #expect(sure.value < 1e-20)
    #expect(sure.gradient == [0, 0])
  }

  @Test("cbs: weights by the inverse effective number, with the sum 1")
  func classBalanced() throws {
    // beta = 0.5, counts 1 and 2: 1 and 2/3, that is 0.6 and 0.4. Each sigmoid cross-entropy of a logit of 0 is log 2.
    let options: [String: OptionValue] = ["beta": .number(0.5)]
    let labels: [Float] = [1, 0, 0, 1]
    let result = try evaluate("cbs", [0, 0, 0, 0], labels, options: options, counts: [1, 2])
    #expect(abs(result.value - log(2)) < 1e-12)
    expectClose(result.gradient, [-0.15, 0.15, 0.1, -0.1], tolerance: 1e-7)
    let inverse = try evaluate("cbs", [0, 0, 0, 0], labels, options: ["beta": .number(1)], counts: [1, 3])
    expectClose(inverse.gradient, [-0.1875, 0.1875, 0.0625, -0.0625], tolerance: 1e-7)
    let none = try evaluate("cbs", [0, 0, 0, 0], labels, options: ["beta": .number(0)], counts: [1, 3])
    expectClose(none.gradient, [-0.125, 0.125, 0.125, -0.125], tolerance: 1e-7)
  }

  @Test("cbf: each term times (1 - p)^gamma")
  func classBalancedFocal() throws {
    let options: [String: OptionValue] = ["gamma": .number(2)]
    #expect(abs(try evaluate("cbf", [0, 0], [1, 0], options: options).value - 0.5 * 0.25 * 2 * log(2)) < 1e-12)
    let z = Float(log(3.0))
    let found = try evaluate("cbf", [z, z], [1, 0]).value
    #expect(abs(found - 0.5 * (0.25 * log(4.0 / 3) + 0.75 * log(4))) < 1e-7)
    let unfocused = try evaluate("cbf", [z, 1], [1, 0], options: ["gamma": .number(0)])
    let plain = try evaluate("cbs", [z, 1], [1, 0])
    #expect(unfocused.value == plain.value)
  }

  @Test("cbbs and bel: a class that the batch does not have weighs nothing")
  func absentFromBatch() throws {
    let balanced = try evaluate("cbbs", [0, 0, 0, 0], [1, 0, 1, 0])
    #expect(abs(balanced.value - 2 * log(2)) < 1e-12)
    expectClose(balanced.gradient, [-0.25, 0.25, -0.25, 0.25], tolerance: 1e-7)
    let adjusted = try evaluate("lab", [0, 0, 0, 0], [1, 0, 1, 0])
    #expect(abs(adjusted.value - log(1 + 1e-7)) < 1e-9)
    let both = try evaluate("bel", [0, 0, 0, 0], [1, 0, 1, 0])
    #expect(both.value == balanced.value + adjusted.value)
  }

  @Test("la: logarithms of frequencies are added; tau 0 is cross-entropy")
  func adjusted() throws {
    let result = try evaluate("la", [0, 0], [1, 0], counts: [1, 3])
    #expect(abs(result.value - log(4)) < 1e-6)
    expectClose(result.gradient, [-0.75, 0.75], tolerance: 1e-6)
    let plain = try evaluate("la", [0, 0], [1, 0], options: ["tau": .number(0)], counts: [1, 0])
    #expect(abs(plain.value - log(2)) < 1e-12)
  }

  @Test("lw, lwb and nis: inverse frequencies divided by the smallest")
  func inverseFrequencies() throws {
    // Frequencies 1/4 and 3/4: u = (3, 1).
    let added = try evaluate("lw", [0, 0], [1, 0], counts: [1, 3])
    #expect(abs(added.value - log(1 + exp(-2))) < 1e-12)
    let labels: [Float] = [1, 0, 0, 1, 0, 1, 0, 1]
    let scaled = try evaluate("lwb", [1, 1, 1, 1, 1, 1, 1, 1], labels)
    #expect(abs(scaled.value - (log(1 + exp(-2)) + 3 * log(1 + exp(2))) / 4) < 1e-12)
    let weighted = try evaluate("nis", [0, 0], [1, 0], counts: [1, 3])
    #expect(abs(weighted.value - 3 * 2 * log(2)) < 1e-12)
    expectClose(weighted.gradient, [-1.5, 1.5], tolerance: 1e-7)
  }

  @Test("ccm: the weights stand for cos, ce and mse")
  func sum() throws {
    func value(_ weights: [Int]) throws -> Double {
      let list = OptionValue.list(weights.map { .integer($0) })
      return try evaluate("ccm", [3, 4], [1, 0], options: ["weights": list, "label_smoothing": .number(0.5)]).value
    }
    let cosine = try evaluate("cos", [3, 4], [1, 0]).value
    #expect(try value([1, 0, 0]) == cosine)
    let smooth: [String: OptionValue] = ["label_smoothing": .number(0.5)]
    let entropy = try evaluate("ce", [3, 4], [1, 0], options: smooth).value
    #expect(try value([0, 1, 0]) == entropy)
    #expect(try value([0, 0, 3]) == 60)
    #expect(throws: LossError.weightCount(found: 2, expected: 3)) { try value([1, 1]) }
    #expect(throws: LossError.onlyZeros(option: "weights")) { try value([0, 0, 0]) }
  }
}
