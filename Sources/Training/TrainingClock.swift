import Foundation

/// Measures how fast a run goes, and from this says how long it will take. Plays no part in what is computed.
struct TrainingClock {
  private var lastBatch: Date?
  private var secondsPerBatch: Double?
  private(set) var imagesPerSecond = 0.0
  /// Of the last validation.
  var validationSeconds = 0.0

  /// The next batch starts now: what came before (a validation, a checkpoint) is not its time.
  mutating func begin() { lastBatch = Date() }

  /// - Returns: the seconds since the last batch ended.
  mutating func batchEnded(count: Int) -> Double {
    let now = Date()
    let seconds = max(1e-9, now.timeIntervalSince(lastBatch ?? now))
    lastBatch = now
    // A moving mean over about ten batches.
    secondsPerBatch = secondsPerBatch.map { 0.9 * $0 + 0.1 * seconds } ?? seconds
    let speed = Double(count) / seconds
    imagesPerSecond = imagesPerSecond == 0 ? speed : 0.9 * imagesPerSecond + 0.1 * speed
    return seconds
  }

  func secondsLeft(batches: Double, validations: Double) -> Double? {
    secondsPerBatch.map { $0 * batches + validationSeconds * validations }
  }
}
