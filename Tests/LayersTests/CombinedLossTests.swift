import Layers
import Schemas
import TestSupport
import Testing

@Suite("Combined losses")
struct CombinedLossTests {
  private let logits = randomValues(15, seed: 1, -2, 2)
  private let labels = randomLabels(rows: 3, classes: 5, from: randomValues(15, seed: 2, 0, 1))

  @Test("value and gradient are the weighted sums of those of the parts")
  func sum() throws {
    let cosine = try LossRegistry.loss(named: "cos")
    let adjusted = try LossRegistry.loss(named: "la")
    let counts: [Double] = [1, 2, 3, 4, 5]
    let loss = try CombinedLoss([(cosine, 0.25), (adjusted, 3)]).fitted(toClassCounts: counts)
    let found = LossResult(loss, logits, labels, classes: 5)
    let a = LossResult(cosine, logits, labels, classes: 5)
    let b = LossResult(try adjusted.fitted(toClassCounts: counts), logits, labels, classes: 5)
    #expect(found.value == 0.25 * a.value + 3 * b.value)
    expectClose(found.gradient, zip(a.gradient, b.gradient).map { 0.25 * $0 + 3 * $1 }, tolerance: 1e-7)
  }

  @Test("its options hold all of the parts, so that a loss made from them is the same")
  func options() throws {
    let smooth = try LossRegistry.loss(named: "ce", options: ["label_smoothing": .number(0.3)])
    let inner = try CombinedLoss([(smooth, 2)])
    let loss = try CombinedLoss([(inner, 0.5), (LossRegistry.loss(named: "mse"), 0)])
    let again = try LossRegistry.loss(named: "combine", options: loss.options.values)
    #expect(again.options == loss.options)
    let found = LossResult(again, logits, labels, classes: 5)
    #expect(found.value == LossResult(smooth, logits, labels, classes: 5).value)
    #expect("\(loss.options.values)".contains("label_smoothing"))
  }

  @Test("what is no list of losses with weights is refused")
  func bad() throws {
    let ce = try LossRegistry.loss(named: "ce")
    #expect(throws: LossError.noParts) { try CombinedLoss([]) }
    #expect(throws: LossError.onlyZeros(option: "weight")) { try CombinedLoss([(ce, 0), (ce, 0)]) }
    func make(_ part: [String: OptionValue]) throws {
      _ = try LossRegistry.loss(
        named: "combine", options: ["losses": .list([.table(["loss": .string("ce")]), .table(part)])])
    }
    #expect(throws: LossError.part(2)) { try make(["weight": .number(1)]) }
    #expect(throws: LossError.part(2)) { try make(["loss": .string("ce"), "weight": .number(-1)]) }
    #expect(throws: LossError.part(2)) { try make(["loss": .string("ce"), "weight": .number(.infinity)]) }
    #expect(throws: LossError.part(2)) { try make(["loss": .string("ce"), "wieght": .number(1)]) }
    #expect(throws: LossError.part(2)) { try make(["loss": .string("ce"), "options": .string("x")]) }
    #expect(throws: RegistryError.unknown(kind: "loss", name: "cee", suggestion: "ce")) {
      try make(["loss": .string("cee")])
    }
    #expect(throws: OptionError.self) { try LossRegistry.loss(named: "combine") }
    #expect(
      "\(LossError.part(2))"
        == "entry 2 of 'losses' must have a 'loss' (a name), and may have 'options' and a 'weight' of 0 or more")
  }
}
