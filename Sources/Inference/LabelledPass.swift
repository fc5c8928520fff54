import Datasets
import Foundation
import Networks

/// One run of an inference plan over all batches of a pipeline: what evaluation and the validation of a training share.
package final class LabelledPass {
  /// What came out, in the pipeline's order.
  package struct Outcome {
    /// `[count, classes]`
    package var logits: [Float] = []
    /// `[count, classes]`, as the pipeline gives them.
    package var labels: [Float] = []
    /// `Sample.id` of each row.
    package var sampleIDs: [Int] = []
  }

  package let plan: InferencePlan
  package let pipeline: BatchPipeline

  package init(plan: InferencePlan, pipeline: BatchPipeline) {
    self.plan = plan
    self.pipeline = pipeline
  }

  /// - Parameter progress: called after each batch.
  /// - Throws: `InferenceError.interrupted`; `DatasetError.tooManyBadPictures`;
  ///   `NetworkError.operation` when a plugin's layer fails.
  package func run(
    progress: ((InferenceProgress) -> Void)?, shouldStop: () -> Bool
  ) throws -> Outcome {
    let classes = plan.network.classCount
    var outcome = Outcome()
    outcome.logits.reserveCapacity(pipeline.indices.count * classes)
    outcome.labels.reserveCapacity(pipeline.indices.count * classes)
    var meter = SpeedMeter(total: pipeline.indices.count)
    pipeline.start(epoch: 0)
    defer { pipeline.stop() }
    while let batch = try pipeline.next() {
      if shouldStop() {
        throw InferenceError.interrupted(done: outcome.sampleIDs.count, total: pipeline.indices.count)
      }
      let logits = try plan.forward(pixels: batch.pixels.pointer, count: batch.count)
      outcome.logits.append(contentsOf: UnsafeBufferPointer(start: logits, count: batch.count * classes))
      outcome.labels.append(contentsOf: batch.labels.buffer[..<(batch.count * classes)])
      outcome.sampleIDs += batch.sampleIDs
      meter.add(batch.count + batch.bad.count)
      progress?(meter.progress)
    }
    return outcome
  }
}

/// Counts pictures against the clock.
package struct SpeedMeter {
  private let total: Int
  private let start = Date()
  private let alreadyDone: Int
  private var done: Int

  /// - Parameter alreadyDone: what an earlier run has done; it says nothing about the speed of this one.
  package init(total: Int, alreadyDone: Int = 0) {
    self.total = total
    self.alreadyDone = alreadyDone
    done = alreadyDone
  }

  package mutating func add(_ count: Int) { done += count }

  package var progress: InferenceProgress {
    let seconds = max(1e-6, Date().timeIntervalSince(start))
    let speed = Double(done - alreadyDone) / seconds
    return InferenceProgress(
      done: done, total: total, imagesPerSecond: speed, secondsLeft: speed > 0 ? Double(total - done) / speed : nil)
  }
}
