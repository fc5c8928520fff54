import Foundation

/// A straight axis: which number stands at which pixel, and where the ticks are.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  /// The pixels of `low` and `high`.
  let start: Double
  let end: Double

  /// An axis that covers the numbers with round ticks at its ends (Heckbert 1990, "nice numbers for graph labels").
  ///
  /// - Parameter integers: no tick between two whole numbers.
  init(
    covering low: Double, _ high: Double, from start: Double, to end: Double, ticks wanted: Int, integers: Bool = false
  ) {
    let low = low.isFinite ? low : 0
    let span = high.isFinite && high > low ? high - low : max(abs(low), 1)
    var step = Axis.niceStep(span / Double(max(1, wanted)))
    if integers { step = max(1, step.rounded()) }
    let first = (low / step + 1e-9).rounded(.down)
    let last = max(first + 1, ((low + span) / step - 1e-9).rounded(.up))
    self.init(low: first * step, high: last * step, step: step, from: start, to: end)
  }

  /// An axis with these very ends.
  init(low: Double, high: Double, step: Double, from start: Double, to end: Double) {
    self.low = low
    self.high = high
    self.start = start
    self.end = end
    let count = Int(((high - low) / step + 1e-6).rounded(.down))
    ticks = (0...max(0, count)).map { low + Double($0) * step }
  }

  func position(_ value: Double) -> Double { start + (value - low) / (high - low) * (end - start) }

  /// The tick's number with as many digits as tell it from its neighbours.
  func label(_ tick: Double) -> String {
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : high - low
    let digits = min(6, max(0, Int((-log10(step) - 1e-9).rounded(.up))))
    return fixed(abs(tick) < step / 1e6 ? 0 : tick, digits)
  }

  private static func niceStep(_ rough: Double) -> Double {
    let magnitude = pow(10, log10(rough).rounded(.down))
    let fraction = rough / magnitude
    return (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10) * magnitude
  }
}
