import Foundation
import Layers
import Schemas
import TestSupport
import Testing

/// What holds for every loss.
@Suite("Losses")
struct LossTests {
  @Test("the registry has Herbariograph's fifteen and the combination")
  func names() {
    #expect(
      Set(LossCase.names) == [
        "ce", "fce", "cbf", "cbs", "cbbs", "bel", "ccm", "cos", "la", "lab", "lw", "lwb", "mae", "mse", "nis",
        "combine",
      ])
    #expect(LossCase.names.count == 16)
  }

  @Test(
    "the golden cases: values within 1e-5, gradients within 1e-5 of the largest element",
    .enabled(if: Golden.isAvailable, "\(Golden.absent)"),
    arguments: LossCase.names.filter { $0 != "combine" }, ["hard", "mixed"])
  func golden(name: String, labels: String) throws {
    let golden = try Golden.load("training/loss_\(name)_\(labels)")
    // ce alone starts without label smoothing; the other defaults are those of the golden files.
    let options: [String: OptionValue] = name == "ce" ? ["label_smoothing": .number(0.2)] : [:]
    let loss = try LossRegistry.loss(named: name, options: options)
      .fitted(toClassCounts: golden.values("class_counts").map(Double.init))
    let result = LossResult(loss, golden.values("logits"), golden.values("labels"), classes: 5)
    #expect(abs(Float(result.value) - golden.values("loss")[0]) <= 1e-5)
    let expected = golden.values("logits_gradient")
    let largest = expected.map(abs).max() ?? 0
    let worst = zip(result.gradient, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1e-5 * largest, "off by \(worst / largest) of the largest element")
  }

  @Test("counts given as an option go before the counted ones", arguments: ["cbf", "cbs", "la", "lw", "nis"])
  func givenCounts(name: String) throws {
    let given: OptionValue = .list(LossCase.counts.map { .number($0) })
    let loss = try LossRegistry.loss(named: name, options: ["class_counts": given])
    let logits = randomValues(20, seed: 1, -2, 2)
    let labels = randomLabels(rows: 4, classes: 5, from: randomValues(20, seed: 2, 0, 1))
    let expected = LossResult(try LossCase.make(name), logits, labels, classes: 5)
    for fitted in [loss, try loss.fitted(toClassCounts: [1, 2, 3, 4, 5])] {
      let found = LossResult(fitted, logits, labels, classes: 5)
      #expect(found.value == expected.value)
      #expect(found.gradient == expected.gradient)
    }
    let counted = LossResult(try LossCase.make(name, counts: [1, 2, 3, 4, 5]), logits, labels, classes: 5)
    #expect(abs(counted.value - expected.value) > 1e-3)
    #expect(throws: LossError.classCounts(found: 5, classes: 3)) { try loss.fitted(toClassCounts: [1, 1, 1]) }
    #expect(throws: LossError.onlyZeros(option: "class_counts")) {
      try LossRegistry.loss(named: name, options: ["class_counts": .list([.integer(0), .integer(0)])])
    }
  }

  @Test("gradients agree with finite differences, class weights included", arguments: LossCase.names)
  func gradient(name: String) throws {
    let loss = try LossCase.make(name)
    let logits = roundValues(randomValues(35, seed: 1, -3, 3))
    let labels = randomLabels(rows: 7, classes: 5, from: randomValues(35, seed: 2, 0, 1))
    let weights: [Float] = [1, 2, 3, 0.5, 1]
    let analytic = LossResult(loss, logits, labels, classes: 5, weights: weights).gradient
    let largest = Double(analytic.map(abs).max() ?? 0)
    #expect(largest > 1e-3)
    for i in logits.indices {
      let numeric = derivative(logits, at: i) { LossResult(loss, $0, labels, classes: 5, weights: weights).value }
      #expect(abs(Double(analytic[i]) - numeric) < 3e-7 * largest, "\(i): \(analytic[i]), not \(numeric)")
    }
  }

  @Test("the value is the same with and without a gradient", arguments: LossCase.names)
  func withoutGradient(name: String) throws {
    let loss = try LossCase.make(name)
    let logits = randomValues(15, seed: 1, -3, 3)
    let labels = randomLabels(rows: 3, classes: 5, from: randomValues(15, seed: 2, 0, 1))
    let batch = { (z: UnsafePointer<Float>, y: UnsafePointer<Float>) in
      LossBatch(logits: z, labels: y, count: 3, classes: 5)
    }
    let value = logits.withUnsafeBufferPointer { z in
      labels.withUnsafeBufferPointer { y in
        loss.evaluate(batch(z.baseAddress!, y.baseAddress!), logitsGradient: nil)
      }
    }
    #expect(value == LossResult(loss, logits, labels, classes: 5).value)
  }

  @Test("logits of +-10,000 and of 0 give finite losses and gradients", arguments: LossCase.names)
  func extremes(name: String) throws {
    let loss = try LossCase.make(name)
    let logits: [Float] = [
      1e4, -1e4, 1e4, -1e4, 1e4, -1e4, -1e4, -1e4, -1e4, -1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 0, 0, 0, -1e4,
      -1e4, 1e4, 1e4, 1e4, 1e4, 0, 0, 0, 0, 0, 1e4, -1e4, -1e4, -1e4, -1e4, -1e4, 1e4, 0, 1, 2,
    ]
    let hard = (0..<40).map { Float($0 % 5 == 0 ? 1 : 0) }
    let mixed = randomLabels(rows: 8, classes: 5, from: randomValues(40, seed: 2, 0, 1))
    for labels in [hard, mixed] {
      for rows in 0...8 {
        // All rows, then each by itself: a batch of one example has one class only.
        let range = rows == 8 ? 0..<40 : rows * 5..<rows * 5 + 5
        let result = LossResult(loss, Array(logits[range]), Array(labels[range]), classes: 5)
        #expect(result.isFinite, "row \(rows): \(result)")
      }
    }
  }

  @Test("a logit that is not finite gives a loss that is not", arguments: LossCase.names)
  func notFinite(name: String) throws {
    let loss = try LossCase.make(name)
    for logit: Float in [.nan, .infinity, -.infinity] {
      let result = LossResult(loss, [0, 1, 2, 1, 0, logit, 1, 2, 1, 0], [0, 0, 1, 0, 0, 0, 0, 1, 0, 0], classes: 5)
      #expect(!result.value.isFinite, "\(logit)")
    }
  }

  @Test("a class weight multiplies the parts of its examples and nothing else", arguments: LossCase.names)
  func classWeights(name: String) throws {
    let loss = try LossCase.make(name)
    let logits = randomValues(60, seed: 3, -3, 3)
    let labels = randomLabels(rows: 12, classes: 5, from: randomValues(60, seed: 4, 0, 1))
    let all = LossResult(loss, logits, labels, classes: 5)
    let ones = LossResult(loss, logits, labels, classes: 5, weights: [1, 1, 1, 1, 1])
    #expect(ones.value == all.value)
    let alone = (0..<5).map { only in
      LossResult(loss, logits, labels, classes: 5, weights: (0..<5).map { $0 == only ? 1 : 0 })
    }
    #expect(abs(alone.map(\.value).reduce(0, +) - all.value) < 1e-9 * max(1, abs(all.value)))
    for row in 0..<12 {
      let label = Array(labels[row * 5..<row * 5 + 5])
      let best = label.firstIndex(of: label.max() ?? 0) ?? 0
      for k in 0..<5 {
        let places = row * 5..<row * 5 + 5
        #expect(Array(alone[k].gradient[places]) == (k == best ? Array(all.gradient[places]) : [0, 0, 0, 0, 0]))
      }
    }
  }

  @Test("one class and one example do no harm", arguments: LossCase.names)
  func single(name: String) throws {
    let loss = try LossCase.make(name, counts: [3])
    let result = LossResult(loss, [0.5], [1], classes: 1)
    #expect(result.isFinite)
  }

  @Test("classes without training pictures do no harm", arguments: LossCase.names)
  func absentClasses(name: String) throws {
    for counts: [Double] in [[5, 0, 7, 0, 0], [0, 0, 9, 0, 0]] {
      let result = LossResult(
        try LossCase.make(name, counts: counts), [1, 2, 3, -1, 0, 0, 1, 0, 1, 0], [0, 0, 1, 0, 0, 0, 0, 1, 0, 0],
        classes: 5)
      #expect(result.isFinite)
    }
  }

  @Test("an unknown loss gets the nearest name")
  func unknown() {
    #expect(throws: RegistryError.unknown(kind: "loss", name: "ec", suggestion: "ce")) {
      try LossRegistry.loss(named: "ec")
    }
  }

  @Test("the sentences for options that cannot be")
  func sentences() {
    #expect(
      "\(LossError.classCounts(found: 3, classes: 5))" == "the length of 'class_counts' is 3, but there are 5 classes")
    #expect(
      "\(LossError.onlyZeros(option: "class_counts"))"
        == "'class_counts' has only zeros; at least one must be more than 0")
    #expect("\(LossError.weightCount(found: 2, expected: 3))" == "'weights' must have 3 numbers, not 2")
    #expect("\(LossError.noParts)" == "at least one loss is wanted")
  }
}
