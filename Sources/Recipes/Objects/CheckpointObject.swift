import Networks
import Training

/// The model file of one epoch, from `run.checkpoints`.
final class CheckpointObject: RecipeObject {
  /// nil in check mode, where the file does not exist.
  let record: EpochRecord?
  let epoch: Int
  let path: String
  let network: Network

  init(_ checkpoint: SavedCheckpoint, network: Network) {
    record = checkpoint.record
    epoch = checkpoint.epoch
    path = checkpoint.path
    self.network = network
  }

  private init(epoch: Int, network: Network) {
    record = nil
    self.epoch = epoch
    path = ""
    self.network = network
  }

  /// What a training could leave, in check mode.
  static func planned(_ rules: CheckpointRules?, epochs: Int, network: Network) -> [CheckpointObject] {
    let count = rules?.maximumCount(epochs: epochs) ?? 0
    // Nobody counts further; a recipe may ask for more epochs than there is memory for.
    return (0..<min(count, 10_000)).map { CheckpointObject(epoch: epochs - count + 1 + $0, network: network) }
  }

  static let kind = RecipeKind.checkpoint
  static let help = "The model file of one epoch, from `run.checkpoints`; `wb.load(checkpoint.path)` reads it."
  static let properties: [RecipeProperty<CheckpointObject>] = [
    .init("epoch", .integer, "From 1.") { .integer($0.epoch) },
    .init("path", .string, "The file; empty in check mode.") { .string($0.path) },
    .init(
      "validation", .optional(.record(EpochRecord.validationFigures)),
      "The figures of the validation pictures, where there are any."
    ) { $0.record?.validation.map { .table($0.luaTable) } ?? .none },
  ]

  var text: String { "the checkpoint of epoch \(epoch)" + (path.isEmpty ? "" : ", \(path)") }
}
