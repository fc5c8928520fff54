import Datasets
import Foundation
import Inference
import Layers
import Metrics
import Networks
import Tensors

extension TrainingRun {
  /// Runs the batches of the epoch that are left.
  ///
  /// - Throws: `TrainingError.nonFinite`, `.interrupted`, `.learningRate`; what hooks and schedules throw.
  func trainEpoch() throws {
    if state.stopRequested { return }
    training.start(epoch: state.epoch - 1, atBatch: state.batch)
    clock.begin()
    while let batch = try training.next() {
      let record = try step(batch)
      state.batch = batch.index + 1
      state.sums.failed += batch.bad.count
      note(bad: batch.bad)
      state.sums.seconds += clock.batchEnded(count: batch.count)
      if try delegate?.batchEnded(record) == .stop { state.stopRequested = true }
      delegate?.progress(
        TrainingProgress(
          phase: .training, epoch: state.epoch, epochs: settings.epochs, batch: state.batch,
          batches: training.batchCount, loss: state.sums.meanLoss, imagesPerSecond: clock.imagesPerSecond,
          secondsLeft: secondsLeft(batchesDone: state.batch)))
      if shouldStop() { throw try interruption() }
      if state.stopRequested { return }
      try saveCheckpointIfDue()
    }
  }

  /// Forward, loss, backward, update.
  private func step(_ batch: Batch) throws -> BatchRecord {
    let classes = plan.network.classCount
    // Dropout depends on seed, epoch and sample alone; the layer adds its own name.
    let key = RandomKey(seed: settings.seed).deriving("training").deriving(state.epoch)
    // Before the student's forward pass, whose activations take the same memory.
    let teacherLogits = try teacher?.logits(of: batch)
    let logits = try plan.forward(
      pixels: batch.pixels.pointer, count: batch.count, randomKey: key, samples: batch.sampleIDs)
    let value = lossAndGradient(logits: logits, teacherLogits: teacherLogits, batch: batch)
    guard value.isFinite else {
      let origin = try plan.firstNonFinite(
        pixels: batch.pixels.pointer, count: batch.count, randomKey: key, samples: batch.sampleIDs)
      throw nonFinite("loss", value, batch: batch, origin: origin)
    }
    let correct = correctCount(logits: logits, labels: batch.labels.pointer, count: batch.count, classes: classes)
    try plan.backward(includesL2: includesL2)
    try trainer.gradientReduction.reduce(plan.gradients)
    let rate = try learningRate()
    let norm = updater.step(index: state.step, learningRate: rate)
    guard norm.isFinite else {
      throw nonFinite("norm of the gradient", norm, batch: batch, origin: lastNonFiniteGradient())
    }
    let record = BatchRecord(
      epoch: state.epoch, batch: batch.index + 1, step: state.step, loss: value,
      accuracy: Double(correct) / Double(batch.count), learningRate: rate, gradientNorm: norm)
    state.step += 1
    state.sums.loss += value * Double(batch.count)
    state.sums.correct += correct
    state.sums.samples += batch.count
    state.sums.learningRate = rate
    return record
  }

  /// The loss of a batch; its gradient goes to `plan.logitsGradient`.
  private func lossAndGradient(
    logits: UnsafePointer<Float>, teacherLogits: UnsafePointer<Float>?, batch: Batch
  ) -> Double {
    let classes = plan.network.classCount
    func ofLabels(_ gradient: UnsafeMutablePointer<Float>) -> Double {
      loss.evaluate(
        logits: logits, labels: batch.labels.pointer, count: batch.count, classes: classes, classWeights: classWeights,
        logitsGradient: gradient)
    }
    let l2 = includesL2 ? plan.parameters.l2Loss() : 0
    guard let distillation = settings.distillation, let teacherLogits else { return ofLabels(plan.logitsGradient) + l2 }
    let gradient = plan.logitsGradient
    let fromTeacher = distillation.distillation.evaluate(
      studentLogits: logits, teacherLogits: teacherLogits, count: batch.count, classes: classes,
      studentLogitsGradient: gradient)
    let count = batch.count * classes
    for i in 0..<count { gradient[i] *= Float(distillation.weight) }
    if distillation.labelWeight == 0 { return distillation.weight * fromTeacher + l2 }
    let fromLabels = ofLabels(labelGradient.pointer)
    for i in 0..<count { gradient[i] += Float(distillation.labelWeight) * labelGradient.pointer[i] }
    return distillation.weight * fromTeacher + distillation.labelWeight * fromLabels + l2
  }

  private func learningRate() throws -> Double {
    let rate: Double
    switch settings.learningRate {
    case .optimizer: rate = settings.optimizer.learningRate
    case .schedule(let schedule):
      rate = schedule.learningRate(
        step: state.step,
        run: ScheduledRun(
          learningRate: settings.optimizer.learningRate, stepsPerEpoch: training.batchCount, epochs: settings.epochs))
    case .function(let function): rate = try function(state.step)
    }
    guard rate.isFinite, rate >= 0 else { throw TrainingError.learningRate(rate, step: state.step) }
    return rate
  }

  /// Rows whose highest logit is at the highest label.
  private func correctCount(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, count: Int, classes: Int
  ) -> Int {
    (0..<count).count { row in
      highestIndex(UnsafeBufferPointer(start: logits + row * classes, count: classes))
        == highestIndex(UnsafeBufferPointer(start: labels + row * classes, count: classes))
    }
  }

  /// Gradients are computed from the last layer to the first: the last one that is not finite is where it began.
  private func lastNonFiniteGradient() -> NonFinite? {
    for (entry, gradient) in zip(plan.parameters.entries, plan.gradients).reversed() {
      if let gradient, !gradient.buffer.allSatisfy(\.isFinite) { return .gradient(parameter: entry.name) }
    }
    return nil
  }

  func nonFinite(validationLoss loss: Double, _ outcome: LabelledPass.Outcome, classes: Int) -> TrainingError {
    let parameter = keptParameters.entries.first { !$0.tensor.buffer.allSatisfy(\.isFinite) }
    let rows = outcome.sampleIDs.indices.filter { row in
      !outcome.logits[row * classes..<(row + 1) * classes].allSatisfy(\.isFinite)
    }
    return .validationNonFinite(
      value: loss, epoch: state.epoch, place: parameter.map { "\(NonFinite.parameter(name: $0.name))" },
      files: rows.map { data.samples[outcome.sampleIDs[$0]].path })
  }

  private func nonFinite(_ what: String, _ value: Double, batch: Batch, origin: NonFinite?) -> TrainingError {
    .nonFinite(
      what: what, value: value, epoch: state.epoch, batch: batch.index + 1, place: origin.map { "\($0)" },
      files: batch.sampleIDs.map { data.samples[$0].path })
  }
}
