import Foundation
import Inference

/// How far a long pass over pictures is: a line that a terminal redraws, or elsewhere a plain line now and then.
final class PassDisplay {
  private let title: String
  private let display: ProgressDisplay
  private let isPlain: Bool
  private let start = ProcessInfo.processInfo.systemUptime
  private var lastLine = ProcessInfo.processInfo.systemUptime

  private static let secondsBetweenLines = 30.0

  /// - Parameter title: what happens: `prediction`.
  init(_ title: String, isQuiet: Bool) {
    self.title = title
    display = ProgressDisplay(isQuiet: isQuiet)
    isPlain = !isQuiet && !StandardStream.error.isTerminal
  }

  func show(_ progress: InferenceProgress) {
    display.show(ProgressLine(title, progress))
    if !isPlain { return }
    let now = ProcessInfo.processInfo.systemUptime
    if now - lastLine < PassDisplay.secondsBetweenLines { return }
    lastLine = now
    let left = progress.secondsLeft.map { ", \(ProgressLine.duration($0)) left" } ?? ""
    StandardStream.error.writeLine(
      "\(progress.done) of \(progress.total) files, \(Int(progress.imagesPerSecond)) images/s\(left)")
  }

  /// Of a pass that began when the display was made.
  func show(done: Int, total: Int) {
    let seconds = max(1e-3, ProcessInfo.processInfo.systemUptime - start)
    let rate = Double(done) / seconds
    show(
      InferenceProgress(
        done: done, total: total, imagesPerSecond: rate, secondsLeft: rate > 0 ? Double(total - done) / rate : nil))
  }

  func clear() { display.clear() }
}
