import Foundation
import Reports
import Schemas
import Training

/// Hears the trainer: draws progress, runs the recipe's hooks, keeps their `state`.
final class TrainingHooks: TrainerDelegate {
  private let console: any RecipeConsole
  private let stage: Int
  private let epochs: Int
  private let onEpoch: LuaFunction?
  private let onBatch: LuaFunction?
  /// The table that hooks are handed as their second argument.
  private let state: SharedTable?
  /// Called before each hook, with its name and the step.
  private let seedRandom: (String, Int) -> Void

  init(
    console: any RecipeConsole, stage: Int, epochs: Int, onEpoch: LuaFunction?, onBatch: LuaFunction?,
    state: SharedTable?, seedRandom: @escaping (String, Int) -> Void
  ) {
    self.console = console
    self.stage = stage
    self.epochs = epochs
    self.onEpoch = onEpoch
    self.onBatch = onBatch
    self.state = state
    self.seedRandom = seedRandom
  }

  func trainingBegan(_ start: TrainingStart) {
    var line = "training on \(counted(start.trainingSamples, "picture"))"
    if start.validationSamples > 0 { line += ", validating on \(start.validationSamples)" }
    line +=
      "; \(counted(start.epochs, "epoch")) of \(start.batchesPerEpoch) batch\(start.batchesPerEpoch == 1 ? "" : "es")"
    if start.isResumed {
      line +=
        "; continuing after epoch \(start.resumedEpoch)"
        + (start.resumedBatch > 0 ? " and \(start.resumedBatch) batches" : "")
    }
    console.note(line)
  }

  func progress(_ progress: TrainingProgress) {
    console.progress(
      RecipeProgress(
        phase: progress.phase == .training ? .training : .validation, stage: stage, epoch: progress.epoch,
        epochs: progress.epochs, batch: progress.batch, batches: progress.batches, loss: progress.loss,
        imagesPerSecond: progress.imagesPerSecond, secondsLeft: progress.secondsLeft))
  }

  func batchEnded(_ record: BatchRecord) throws -> TrainerCommand {
    try command(onBatch, try record.luaTable, hook: "on_batch", step: record.step)
  }

  func epochEnded(_ record: EpochRecord) throws -> TrainerCommand {
    console.epochEnded(record.line(of: epochs))
    return try command(onEpoch, try record.luaTable, hook: "on_epoch", step: record.step)
  }

  private func command(
    _ hook: LuaFunction?, _ info: LuaTable, hook name: String, step: Int
  ) throws -> TrainerCommand {
    guard let hook else { return .proceed }
    seedRandom(name, step)
    let answer = try hook.call([.table(info), state.map { .shared($0) } ?? .none])
    switch answer {
    case .none, .boolean: return .proceed
    case .string("stop"): return .stop
    default:
      throw RequestError.invalid(
        owner: "train", reason: "'\(name)' must return \"stop\" or nothing, not \(answer.kindDescription)")
    }
  }

  func stateToSave() throws -> [String: OptionValue] {
    guard let state else { return [:] }
    do {
      return try HookState.encode(try state.read())
    } catch let failure as LuaFailure where failure.kind == .script {
      // No line of Lua runs here: as a request's error it gets the line of the wb.train.
      throw RequestError.invalid(owner: "train", reason: "the hooks' state: \(failure.message)")
    }
  }

  func restore(state saved: [String: OptionValue]) throws {
    try state?.write(try HookState.decode(saved))
  }
}

/// A hook's `state` as a checkpoint stores it. A table with a list part keeps it under `HookState.listKey`.
enum HookState {
  private static let listKey = "[list]"

  static func encode(_ table: LuaTable) throws(RequestError) -> [String: OptionValue] {
    if let key = table.strayKey {
      throw .invalid(owner: "train", reason: "the hooks' state has a value at [\(key)], after a gap")
    }
    var result: [String: OptionValue] = [:]
    for (name, value) in table.fields { result[name] = try encode(value, name) }
    if !table.list.isEmpty {
      var elements: [OptionValue] = []
      for (index, value) in table.list.enumerated() { elements.append(try encode(value, "\(index + 1)")) }
      result[listKey] = .list(elements)
    }
    return result
  }

  private static func encode(_ value: LuaValue, _ name: String) throws(RequestError) -> OptionValue {
    switch value {
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    // JSON has no words for these numbers, and keeps no difference between 1.0 and 1.
    case .number(let value): return .table(["[number]": .string("\(value)")])
    case .string(let value): return .string(value)
    case .table(let table): return .table(try encode(table))
    default:
      throw .invalid(
        owner: "train", reason: "the hooks' state holds \(value.kindDescription) at '\(name)', which no file can keep")
    }
  }

  static func decode(_ saved: [String: OptionValue]) throws -> LuaTable {
    var table = LuaTable()
    for (name, value) in saved {
      if name == listKey, case .list(let elements) = value {
        table.list = try elements.map(decode)
      } else {
        table.fields[name] = try decode(value)
      }
    }
    return table
  }

  private static func decode(_ value: OptionValue) throws -> LuaValue {
    guard case .table(let fields) = value else { return LuaValue(value) }
    if case .string(let text)? = fields["[number]"], fields.count == 1, let number = Double(text) {
      return .number(number)
    }
    return .table(try decode(fields))
  }
}

extension EpochRecord {
  /// `epoch 3/20  loss 0.5123  accuracy 0.8125  validation loss 0.61, accuracy 0.79  rate 0.001  412 images/s  12 s`.
  func line(of epochs: Int) -> String {
    var parts = [
      "epoch \(epoch)/\(epochs)", "loss \(RecipeSession.fixed(trainingLoss))",
      "accuracy \(RecipeSession.fixed(trainingAccuracy))",
    ]
    if let validation {
      parts.append(
        "validation loss \(RecipeSession.fixed(validation.loss)), accuracy \(RecipeSession.fixed(validation.accuracy)), "
          + "macro F1 \(RecipeSession.fixed(validation.macroF1))")
    }
    parts.append(String(format: "rate %.3g", learningRate))
    parts.append(String(format: "%.0f images/s", imagesPerSecond))
    parts.append(String(format: "%.1f s", seconds))
    return parts.joined(separator: "  ")
  }
}
