import Foundation
import Recipes

/// The one line that a terminal redraws while a step runs.
struct ProgressLine {
  /// What happens: `epoch 3/20`.
  var title: String
  var done: Int
  var total: Int
  var loss: Double?
  var imagesPerSecond: Double
  var secondsLeft: Double?

  init(title: String, done: Int, total: Int, loss: Double?, imagesPerSecond: Double, secondsLeft: Double?) {
    self.title = title
    self.done = done
    self.total = total
    self.loss = loss
    self.imagesPerSecond = imagesPerSecond
    self.secondsLeft = secondsLeft
  }

  init(_ progress: RecipeProgress) {
    let title =
      switch progress.phase {
      case .training: "epoch \(progress.epoch)/\(progress.epochs)"
      case .validation: "epoch \(progress.epoch)/\(progress.epochs) validation"
      case .evaluation: "evaluation"
      case .prediction: "prediction"
      }
    self.init(
      title: title, done: progress.batch, total: progress.batches, loss: progress.loss,
      imagesPerSecond: progress.imagesPerSecond, secondsLeft: progress.secondsLeft)
  }

  /// `epoch 3/20  [██████░░░░]  34/120  loss 0.4123  231 images/s  2 min 10 s left`, cut to the width.
  func text(width: Int) -> String {
    let cells = 20
    let share = total > 0 ? min(1, Double(done) / Double(total)) : 0
    let full = Int((share * Double(cells)).rounded(.down))
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
    var parts = [title, bar, "\(done)/\(total)"]
    if let loss { parts.append(String(format: "loss %.4f", loss)) }
    if imagesPerSecond > 0 {
      parts.append(String(format: imagesPerSecond < 10 ? "%.1f images/s" : "%.0f images/s", imagesPerSecond))
    }
    if let secondsLeft, secondsLeft.isFinite { parts.append(ProgressLine.duration(secondsLeft) + " left") }
    return String(parts.joined(separator: "  ").prefix(max(10, width - 1)))
  }

  /// `45 s`, `2 min 10 s`, `3 h 05 min`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(0, seconds), 1e9).rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
    return String(format: "%d h %02d min", whole / 3600, whole / 60 % 60)
  }
}

/// Where the progress line is drawn; nothing is drawn where there is no terminal.
final class ProgressDisplay {
  private let isTerminal = StandardStream.error.isTerminal
  private let isQuiet: Bool
  private var isDrawn = false
  private var lastDrawn = 0.0

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// At most ten times a second, and always for the last step.
  func show(_ line: ProgressLine) {
    if isQuiet || !isTerminal { return }
    let now = ProcessInfo.processInfo.systemUptime
    if now - lastDrawn < 0.1 && line.done < line.total { return }
    lastDrawn = now
    isDrawn = true
    StandardStream.error.write("\r\u{1b}[K" + line.text(width: StandardStream.error.width))
  }

  /// Before anything else is written to the terminal.
  func clear() {
    if !isDrawn { return }
    isDrawn = false
    StandardStream.error.write("\r\u{1b}[K")
  }
}
