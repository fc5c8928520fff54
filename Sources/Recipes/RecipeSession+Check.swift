import Datasets
import Foundation
import Networks
import Reports
import Training

extension RecipeSession {
  /// What a training step is taken to run at, for estimates: GFLOP/s of one thread. Measured by `workbench bench`.
  private static let assumedSpeed = 40.0

  /// In the place of training: prints the layers, the classes, and what the training would cost.
  func plan(_ model: ModelObject, _ data: DataObject, _ settings: TrainingSettings) throws -> RunObject {
    let summary = try PlanSummary(
      network: model.network, frozen: model.frozen, batch: settings.batchSize, workerCount: threadCount,
      optimizerSlots: settings.optimizer.slotNames.count)
    let training = data.dataset.indices(of: .train).count
    let validation = data.dataset.indices(of: .validation).count
    var lines = ["stage \(stage): \(model.name)", ""]
    lines += split(
      LayerTable(model.network, frozen: model.frozen, channelFirst: configuration.channelFirst).text)
    lines += [""] + split(data.classTable) + [""]
    lines += [
      "memory      \(Self.bytes(summary.trainingBytes)) to train at batch \(settings.batchSize)"
        + " (parameters \(Self.bytes(summary.parameterBytes)), gradients \(Self.bytes(summary.gradientBytes)), optimizer "
        + "\(Self.bytes(summary.optimizerBytes)), activations \(Self.bytes(summary.trainingArenaBytes)))",
      "            \(Self.bytes(summary.parameterBytes + summary.inferenceArenaBytes)) to predict; decoded pictures on "
        + "top, at most \(Self.bytes(cacheBytes(data, settings)))",
      "operations  \(Self.flops(summary.forwardFlops)) forward, \(Self.flops(summary.trainingFlops)) to train, for each "
        + "picture",
      "time        " + time(summary, training: training, validation: validation, epochs: settings.epochs),
      "disk        at most " + Self.disk(settings.diskNeed(network: model.network)),
    ]
    if configuration.mode != .preview { for line in lines { console.output(line) } }
    let planned = ModelObject(planned: model.network, name: model.name, classes: data.dataset.classes)
    return RunObject(
      best: planned, last: planned, history: [], bestEpoch: 0, stopReason: "planned",
      checkpoints: CheckpointObject.planned(settings.checkpoints, epochs: settings.epochs, network: model.network))
  }

  /// Remembers what the training would show the network.
  func preview(_ model: ModelObject, _ data: DataObject, _ settings: TrainingSettings) throws {
    do {
      let dataset = try model.trained.map {
        try data.dataset.relabelled(to: $0.classes, areNames: $0.hasClassNames)
      }
      previews.append(
        try TrainingPreview(
          dataset: dataset ?? data.dataset, preprocessing: model.trained?.preprocessing ?? data.preprocessing,
          settings: settings, threads: threadCount))
    } catch {
      throw RequestError.invalid(owner: "train", reason: "\(error)")
    }
  }

  private func split(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// `12.3 MB, 30 checkpoints of 400 kB among it`.
  static func disk(_ need: DiskNeed) -> String {
    let all = bytes(need.totalBytes)
    if need.checkpointFiles == 0 { return "\(all) for models and the state to continue from" }
    return "\(all): \(counted(need.checkpointFiles, "checkpoint")) of \(bytes(need.modelBytes)), the best model, and "
      + "the state to continue from"
  }

  /// Decoded pictures are kept as bytes, as far as the budget goes.
  private func cacheBytes(_ data: DataObject, _ settings: TrainingSettings) -> Int {
    min(settings.cacheBudget, data.dataset.samples.count * data.preprocessing.count)
  }

  private func time(_ summary: PlanSummary, training: Int, validation: Int, epochs: Int) -> String {
    let speed = Self.assumedSpeed * Double(threadCount)
    let epoch =
      summary.epochSeconds(examples: training, gigaflopsPerSecond: speed)
      + Double(summary.forwardFlops) * Double(validation) / (speed * 1e9)
    return
      "about \(Self.duration(epoch)) an epoch, \(Self.duration(epoch * Double(epochs))) for \(counted(epochs, "epoch")), if "
      + "\(counted(threadCount, "thread")) reach \(Int(speed)) GFLOP/s"
  }

  static func bytes(_ count: Int) -> String {
    if count < 1_000_000 { return "\((count + 999) / 1000) kB" }
    if count < 100_000_000 { return String(format: "%.1f MB", Double(count) / 1e6) }
    return count < 1_000_000_000
      ? "\((count + 999_999) / 1_000_000) MB" : String(format: "%.2f GB", Double(count) / 1e9)
  }

  static func flops(_ count: Int) -> String {
    count < 1_000_000_000
      ? String(format: "%.1f MFLOP", Double(count) / 1e6) : String(format: "%.2f GFLOP", Double(count) / 1e9)
  }

  static func duration(_ seconds: Double) -> String {
    if seconds < 1 { return "1 s" }
    if seconds < 90 { return String(format: "%.0f s", seconds) }
    if seconds < 5400 { return String(format: "%.0f min", seconds / 60) }
    return seconds < 172_800 ? String(format: "%.1f h", seconds / 3600) : String(format: "%.1f days", seconds / 86400)
  }
}
