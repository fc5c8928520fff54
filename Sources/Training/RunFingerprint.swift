import Datasets
import Foundation
import Layers
import ModelFiles
import Networks
import Schemas

/// What a run is made of, in words: a checkpoint continues only a run in which all of it is the same.
struct RunFingerprint: Codable, Equatable {
  struct Part: Codable, Equatable {
    let name: String
    let value: String
  }

  let parts: [Part]

  init(model: Model, dataset: Dataset, settings: TrainingSettings) {
    var parts: [Part] = []
    func add(_ name: String, _ value: String) { parts.append(Part(name: name, value: value)) }
    let network = model.network
    add(
      "the network of",
      "\(network.nodes.count) layers and \(network.parameterCount) parameters, digest \(digest(network))")
    let frozen = model.parameters.entries.filter(\.isFrozen).map(\.name)
    add("the frozen parameters", frozen.isEmpty ? "none" : frozen.joined(separator: ", "))
    add("the classes", model.classes.joined(separator: ", "))
    add("the preprocessing", json(model.preprocessing))
    add("the data of", "\(dataset.samples.count) pictures, digest \(dataset.contentHash())")
    add("the seed", "\(settings.seed)")
    add("the epochs", "\(settings.epochs)")
    add("the batch size", "\(settings.batchSize)")
    add("the loss", describe(type(of: settings.loss).schema.name, settings.loss.options))
    if let distillation = settings.distillation {
      add(
        "the distillation",
        describe("distillation", distillation.options)
          + " from a teacher of digest \(digest(distillation.teacher.network)) \(digest(distillation.teacher.parameters))"
      )
    }
    add("the optimizer", describe(type(of: settings.optimizer).schema.name, settings.optimizer.options))
    switch settings.learningRate {
    case .optimizer: add("the schedule", "none")
    case .schedule(let schedule): add("the schedule", describe(type(of: schedule).schema.name, schedule.options))
    case .function: add("the schedule", "a function")
    }
    add("the class weights", "\(settings.classWeights)")
    add("the clipping norm", text(settings.clipNorm))
    add("the clipping value", text(settings.clipValue))
    add("the moving average of weights", text(settings.averageDecay))
    add("the learning rate factors", settings.learningRateFactors.text)
    add("the stopping rule", settings.stop.map(json) ?? "none")
    add("the order of pictures", settings.order.rawValue + (settings.dropLast ? ", incomplete batches dropped" : ""))
    add("the augmentations", settings.augmentationSummary.isEmpty ? "none" : settings.augmentationSummary)
    let plugins = model.network.origins.map { "\($0.plugin) \($0.version)" }
    // Checkpoints of networks without plugins stay as they were before there were any.
    if !plugins.isEmpty { add("the plugins", plugins.joined(separator: ", ")) }
    add("the starting weights of", "digest \(digest(model.parameters))")
    self.parts = parts
  }

  /// The first part that differs: its name, as it is here, as it is there.
  func firstDifference(from other: RunFingerprint) -> (name: String, here: String, there: String)? {
    for part in parts {
      let value = other.parts.first { $0.name == part.name }?.value ?? "nothing said"
      if value != part.value { return (part.name, part.value, value) }
    }
    return nil
  }
}

/// `adam {beta_1 = 0.9, learning_rate = 0.001}`
func describe(_ name: String, _ options: Options) -> String {
  if options.values.isEmpty { return name }
  let members = options.values.sorted { $0.key < $1.key }.map { "\($0.key) = \(json($0.value))" }
  return "\(name) {\(members.joined(separator: ", "))}"
}

private func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "none" }

private func json(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  // Values of options and preprocessing always encode; were one not to, the text would differ from any other.
  return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "unknown"
}

private func digest(_ network: Network) -> String {
  var hash = XXHash64()
  hash.update(json(network))
  return hash.hexDigest
}

private func digest(_ parameters: ParameterSet) -> String {
  var hash = XXHash64()
  for entry in parameters.entries {
    hash.update(entry.name)
    hash.update(UnsafeRawBufferPointer(entry.tensor.buffer))
  }
  return hash.hexDigest
}
