import Foundation
import Inference

/// How far a prediction is: a line that a terminal redraws, or elsewhere a plain line now and then.
final class PredictionDisplay {
  private let display: ProgressDisplay
  private let isPlain: Bool
  private var lastLine = ProcessInfo.processInfo.systemUptime

  private static let secondsBetweenLines = 30.0

  init(isQuiet: Bool) {
    display = ProgressDisplay(isQuiet: isQuiet)
    isPlain = !isQuiet && !StandardStream.error.isTerminal
  }

  func show(_ progress: InferenceProgress) {
    display.show(ProgressLine("prediction", progress))
    if !isPlain { return }
    let now = ProcessInfo.processInfo.systemUptime
    if now - lastLine < PredictionDisplay.secondsBetweenLines { return }
    lastLine = now
    let left = progress.secondsLeft.map { ", \(ProgressLine.duration($0)) left" } ?? ""
    StandardStream.error.writeLine(
      "\(progress.done) of \(progress.total) files, \(Int(progress.imagesPerSecond)) images/s\(left)")
  }

  func clear() { display.clear() }
}
