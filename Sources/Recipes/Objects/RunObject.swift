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
  /// In check mode as many as there can be, none of which exists.
  let checkpoints: [CheckpointObject]

  init(
    best: ModelObject, last: ModelObject, history: [EpochRecord], bestEpoch: Int, stopReason: String,
    checkpoints: [CheckpointObject]
  ) {
    self.best = best
    self.last = last
    self.history = history
    self.bestEpoch = bestEpoch
    self.stopReason = stopReason
    self.checkpoints = checkpoints
  }

  static let kind = RecipeKind.run
  static let help = "A finished training, from `wb.train`."
  static let properties: [RecipeProperty<RunObject>] = [
    .init("best", .object(.model), "The model of the best epoch.") { .object($0.best) },
    .init("last", .object(.model), "The model of the last epoch.") { .object($0.last) },
    .init("history", .list(.record(EpochRecord.recipeRecord)), "What each epoch gave; empty in check mode.") {
      .table(LuaTable(list: try $0.history.map { .table(try $0.luaTable) }))
    },
    .init(
      "checkpoints", .list(.object(.checkpoint)),
      "The model files of epochs that the option `checkpoints` asked for, by epoch; for `wb.soup`."
    ) { .table(LuaTable(list: $0.checkpoints.map { .object($0) })) },
    .init("best_epoch", .integer, "Which epoch was the best, from 1.") { .integer($0.bestEpoch) },
    .init(
      "stop_reason", .choice(TrainingResult.StopReason.allCases.map(\.rawValue) + ["planned"]),
      "Why it ended; `planned` in check mode."
    ) { .string($0.stopReason) },
  ]

  var text: String { "a run of \(counted(history.count, "epoch")), the best of which was \(bestEpoch)" }
}

extension EpochRecord {
  private static let properties: [RecipeProperty<EpochRecord>] = [
    .init("epoch", .integer, "From 1.") { .integer($0.epoch) },
    .init("step", .integer, "Steps since the training began.") { .integer($0.step) },
    .init("learning_rate", .number, "Of its last step.") { .number($0.learningRate) },
    .init("training", .record(trainingFigures), "Figures of the training pictures.") {
      .table(LuaTable(fields: ["loss": .number($0.trainingLoss), "accuracy": .number($0.trainingAccuracy)]))
    },
    .init("validation", .optional(.record(validationFigures)), "Those of the validation pictures, where there are any.")
    {
      $0.validation.map { .table($0.luaTable) } ?? .none
    },
    .init("seconds", .number, "How long it took.") { .number($0.seconds) },
    .init("images_per_second", .number, "Training pictures a second.") { .number($0.imagesPerSecond) },
  ]

  private static let trainingFigures = RecipeRecord(
    "TrainingFigures", help: "The means of an epoch's steps.",
    fields: [
      RecipeField("loss", .number, "The loss."), RecipeField("accuracy", .number, "The share of right classes."),
    ])

  static let validationFigures = RecipeRecord(
    "ValidationFigures", help: "The figures of the validation pictures after an epoch.",
    fields: trainingFigures.fields + [
      RecipeField("macro_f1", .number, "The mean of the classes' F1 scores."),
      RecipeField("aucpr", .number, "The area under the precision-recall curve of all pairs of picture and class."),
    ])

  static let recipeRecord = RecipeRecord(
    "EpochInfo", help: "One epoch: what `on_epoch` and `run.history` have.", fields: properties.map(\.field))

  /// What hooks and `run.history` see.
  var luaTable: LuaTable { get throws { try LuaTable(self, Self.properties) } }
}

extension SplitMetrics {
  /// The fields of `EpochRecord.validationFigures`.
  var luaTable: LuaTable {
    LuaTable(fields: [
      "loss": .number(loss), "accuracy": .number(accuracy), "macro_f1": .number(macroF1), "aucpr": .number(aucpr),
    ])
  }
}

extension BatchRecord {
  private static let properties: [RecipeProperty<BatchRecord>] = [
    .init("epoch", .integer, "From 1.") { .integer($0.epoch) },
    .init("batch", .integer, "Of the epoch, from 1.") { .integer($0.batch) },
    .init("step", .integer, "Since the training began, from 0.") { .integer($0.step) },
    .init("loss", .number, "Of the batch.") { .number($0.loss) },
    .init("accuracy", .number, "Of the batch.") { .number($0.accuracy) },
    .init("learning_rate", .number, "Of the step.") { .number($0.learningRate) },
    .init("gradient_norm", .number, "The global norm of the gradient, before it is cut.") { .number($0.gradientNorm) },
  ]

  static let recipeRecord = RecipeRecord(
    "BatchInfo", help: "One step: what `on_batch` has.", fields: properties.map(\.field))

  /// What `on_batch` sees.
  var luaTable: LuaTable { get throws { try LuaTable(self, Self.properties) } }
}
