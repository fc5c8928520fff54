/// The model file of one epoch of a run.
public struct SavedCheckpoint: Equatable, Sendable {
  /// From 1.
  public var epoch: Int
  /// Of a model file.
  public var path: String
  /// What the epoch came to.
  public var record: EpochRecord

  public init(epoch: Int, path: String, record: EpochRecord) {
    self.epoch = epoch
    self.path = path
    self.record = record
  }
}
