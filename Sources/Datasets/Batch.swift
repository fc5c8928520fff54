import Images
import Tensors

/// Some pictures as a network takes them, with their labels.
///
/// The memory belongs to the pipeline: a batch is valid until the next one is asked for.
public final class Batch: @unchecked Sendable {
  /// The place of the batch in its epoch, from 0.
  public internal(set) var index = 0
  /// How many pictures there are, n: at most the batch size, fewer at the end of an epoch and where bad ones were left
  /// out. Never 0.
  public internal(set) var count = 0
  /// `[batchSize, height, width, 3]`, in the range of the preprocessing; the first n rows count.
  public let pixels: Tensor
  /// `[batchSize, k]`, each row adds up to 1; the first n rows count. Soft after mixup and cutmix.
  public let labels: Tensor
  /// The samples that the n rows show, `Sample.id`.
  public internal(set) var sampleIDs: [Int] = []
  /// The pictures that should have been in this batch but could not be read.
  public internal(set) var bad: [BadFile] = []

  init(batchSize: Int, height: Int, width: Int, classes: Int) {
    pixels = Tensor([batchSize, height, width, 3])
    labels = Tensor([batchSize, max(1, classes)])
  }
}

/// A picture that could not be read.
public struct BadFile: Equatable, Sendable {
  /// `Sample.id`.
  public let sampleID: Int
  public let path: String
  /// One word: `truncated`, `not_an_image`, ... (`ImageError.statusWord`).
  public let status: String
  /// A sentence without the path.
  public let reason: String

  public init(sampleID: Int, path: String, status: String, reason: String) {
    self.sampleID = sampleID
    self.path = path
    self.status = status
    self.reason = reason
  }

  init(_ error: ImageError, of sample: Sample) {
    self.init(
      sampleID: sample.id, path: sample.path, status: error.statusWord, reason: sample.source.reason(for: error))
  }
}
