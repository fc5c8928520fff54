import Testing
import Training

@Suite("Early stopping")
struct EarlyStoppingTests {
  private func epochs(_ values: [Double], _ rule: EarlyStopping) -> (stoppedAfter: Int?, best: Int?) {
    var state = EarlyStoppingState()
    for (index, value) in values.enumerated() {
      _ = state.update(value, epoch: index + 1, rule: rule)
      if state.shouldStop(rule) { return (index + 1, state.bestEpoch) }
    }
    return (nil, state.bestEpoch)
  }

  @Test("a loss is to fall, everything else to rise, unless the mode is given")
  func mode() {
    #expect(EarlyStopping(monitor: "validation.loss").mode == .minimum)
    #expect(EarlyStopping(monitor: "training.loss").mode == .minimum)
    #expect(EarlyStopping(monitor: "validation.macro_f1").mode == .maximum)
    #expect(EarlyStopping(monitor: "validation.loss", mode: .maximum).mode == .maximum)
  }

  @Test("training stops when 'patience' epochs in a row were not better")
  func patience() {
    let rule = EarlyStopping(monitor: "validation.accuracy", patience: 2)
    #expect(epochs([0.5, 0.6, 0.6, 0.59, 0.9], rule) == (4, 2))
    #expect(epochs([0.5, 0.4, 0.6, 0.5, 0.7], rule) == (nil, 5))
  }

  @Test("an improvement below the minimum does not count")
  func minimumDelta() {
    let rule = EarlyStopping(monitor: "validation.loss", patience: 1, minimumDelta: 0.1)
    #expect(epochs([1, 0.95], rule) == (2, 1))
    #expect(epochs([1, 0.85, 0.7], rule) == (nil, 3))
  }

  @Test("not a number is never an improvement, and the first number after it is")
  func notANumber() {
    #expect(epochs([.nan, 0.5, .nan], EarlyStopping(patience: 5)) == (nil, 2))
  }

  @Test("without patience training never stops, but the best is known")
  func noPatience() {
    #expect(epochs([3, 1, 2, 2, 2, 2, 2, 2], EarlyStopping()) == (nil, 2))
  }
}
