import Reports
import Training

/// What `wb.train` gives.
final class RunObject: RecipeObject {
  let best: ModelObject
  let last: ModelObject
  /// Empty in check mode.
  let history: [EpochRecord]
  let bestEpoch: Int
  /// `completed`, `early_stopped`, `requested`; `planned` in check mode.
  let stopReason: String

  init(best: ModelObject, last: ModelObject, history: [EpochRecord], bestEpoch: Int, stopReason: String) {
    self.best = best
    self.last = last
    self.history = history
    self.bestEpoch = bestEpoch
    self.stopReason = stopReason
  }

  var kind: RecipeKind { .run }
  var text: String { "a run of \(counted(history.count, "epoch")), the best of which was \(bestEpoch)" }
  var propertyNames: [String] { ["best", "last", "history", "best_epoch", "stop_reason"] }

  func property(_ name: String) -> LuaValue? {
    switch name {
    case "best": .object(best)
    case "last": .object(last)
    case "history": .table(LuaTable(list: history.map { .table($0.luaTable) }))
    case "best_epoch": .integer(bestEpoch)
    case "stop_reason": .string(stopReason)
    default: nil
    }
  }
}

extension EpochRecord {
  /// What hooks and `run.history` see.
  var luaTable: LuaTable {
    var table = LuaTable(fields: [
      "epoch": .integer(epoch), "step": .integer(step), "learning_rate": .number(learningRate),
      "training": .table(LuaTable(fields: ["loss": .number(trainingLoss), "accuracy": .number(trainingAccuracy)])),
      "seconds": .number(seconds), "images_per_second": .number(imagesPerSecond),
    ])
    if let validation {
      table.fields["validation"] = .table(
        LuaTable(fields: [
          "loss": .number(validation.loss), "accuracy": .number(validation.accuracy),
          "macro_f1": .number(validation.macroF1), "aucpr": .number(validation.aucpr),
        ]))
    }
    return table
  }
}

extension BatchRecord {
  /// What `on_batch` sees.
  var luaTable: LuaTable {
    LuaTable(fields: [
      "epoch": .integer(epoch), "batch": .integer(batch), "step": .integer(step), "loss": .number(loss),
      "accuracy": .number(accuracy), "learning_rate": .number(learningRate), "gradient_norm": .number(gradientNorm),
    ])
  }
}
