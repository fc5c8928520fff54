import Images
import Tensors

/// Turns samples into batches, ahead of the one who asks for them.
///
///     let pipeline = BatchPipeline(dataset: dataset, indices: dataset.indices(of: .train), preprocessing: ..., ...)
///     pipeline.start(epoch: 0)
///     while let batch = try pipeline.next() { ... }
///
///     samples in order --> threads: read or cache -> augment ----> ring of batches: leave out bad ones,
///     (seed, epoch)        one job a picture                       mix, normalise --> next()
///
/// Batches depend on the data, the settings and the key alone: not on the number of threads, the cache, or whether the
/// epoch was begun in the middle. A picture that cannot be read is left out of its batch, which is then smaller, and
/// named in `bad`.
///
/// Memory: `depth` batches of `batchSize * height * width * 12` bytes, the cache's budget, and one picture being decoded
/// for each thread. To be used from one thread.
public final class BatchPipeline {
  /// How many pictures may be bad before the pipeline gives up.
  public struct BadPictureLimit: Equatable, Sendable {
    /// Of the pipeline's pictures, 0 ... 1.
    public var share: Double
    /// So many are always allowed, unless they are all.
    public var minimum: Int

    public init(share: Double = 0.05, minimum: Int = 10) {
      self.share = share
      self.minimum = minimum
    }

    /// What a person asked for, to the picture; nil, when nothing was asked for, is the default with its minimum.
    public init(requested share: Double?) {
      self = share.map { BadPictureLimit(share: $0, minimum: 0) } ?? BadPictureLimit()
    }

    /// So many of a number of pictures.
    func allowed(of count: Int) -> Int {
      // The product of 0.29 and 100 is a little less than 29.
      max(minimum, Int(share * Double(count) + 1e-6))
    }
  }

  public struct Settings: Sendable {
    public var batchSize: Int
    public var order: BatchOrder
    /// Leaves out a last batch that is smaller, unless it is the only one.
    public var dropLast: Bool
    public var augmentations: [any Augmentation]
    public var batchAugmentations: [any BatchAugmentation]
    /// Of the decoding threads.
    public var threads: Int
    /// How many batches exist at a time, the one in use included; 2 or more.
    public var depth: Int
    /// nil: bad pictures never stop the pipeline.
    public var badLimit: BadPictureLimit?

    public init(
      batchSize: Int, order: BatchOrder = .sequential, dropLast: Bool = false,
      augmentations: [any Augmentation] = [], batchAugmentations: [any BatchAugmentation] = [],
      threads: Int = WorkerPool.availableCores, depth: Int = 3, badLimit: BadPictureLimit? = BadPictureLimit()
    ) {
      self.batchSize = batchSize
      self.order = order
      self.dropLast = dropLast
      self.augmentations = augmentations
      self.batchAugmentations = batchAugmentations
      self.threads = threads
      self.depth = depth
      self.badLimit = badLimit
    }
  }

  public let dataset: Dataset
  /// The samples of an epoch, places in `dataset.samples`.
  public let indices: [Int]
  public let settings: Settings
  /// The number of batches of an epoch, those counted that turn out empty because all their pictures are bad.
  public let batchCount: Int

  private let key: RandomKey
  private let ring: BatchRing
  private var epochStart = 0
  private var delivered = 0
  private var badByID: [Int: BadFile] = [:]

  /// - Parameters:
  ///   - indices: places in `dataset.samples`; one may stand there several times.
  ///   - key: the run's, `RandomKey(seed:)`; order and augmentations are derived from it, the epoch and the sample.
  ///   - cache: made for the same data set and preprocessing; nil: a new one of the default budget.
  public init(
    dataset: Dataset, indices: [Int], preprocessing: Preprocessing, settings: Settings,
    key: RandomKey = RandomKey(seed: 1), cache: PixelCache? = nil
  ) {
    precondition(settings.batchSize > 0 && settings.threads > 0 && settings.depth > 1, "impossible pipeline settings")
    self.dataset = dataset
    self.indices = indices
    self.settings = settings
    self.key = key
    let count = settings.order.sequence(of: indices, in: dataset, key: key, epoch: 0).count
    let whole = count / settings.batchSize
    batchCount = settings.dropLast && whole > 0 ? whole : (count + settings.batchSize - 1) / settings.batchSize
    ring = BatchRing(
      worker: SampleWorker(
        dataset: dataset, preprocessing: preprocessing, settings: settings, key: key,
        cache: cache ?? PixelCache(dataset: dataset, preprocessing: preprocessing)))
  }

  deinit { ring.finish() }

  /// Begins an epoch, and gives up the one that is under way.
  ///
  /// - Parameters:
  ///   - epoch: from 0; a part of every random decision.
  ///   - atBatch: the first batch to deliver, so that an interrupted epoch can be continued.
  public func start(epoch: Int, atBatch: Int = 0) {
    let sequence = settings.order.sequence(of: indices, in: dataset, key: key, epoch: epoch)
    epochStart = atBatch
    delivered = 0
    ring.start(sequence: sequence, epoch: epoch, batches: atBatch..<max(atBatch, batchCount))
  }

  /// The next batch, or nil at the end of the epoch. It takes back the memory of the batch before.
  ///
  /// - Throws: `DatasetError.tooManyBadPictures`.
  public func next() throws(DatasetError) -> Batch? {
    while let batch = ring.next() {
      for file in batch.bad { badByID[file.sampleID] = file }
      try checkBadLimit()
      if batch.count > 0 {
        delivered += 1
        return batch
      }
    }
    if delivered == 0, epochStart == 0, !badByID.isEmpty, settings.badLimit != nil { throw tooManyBad() }
    return nil
  }

  /// Ends the epoch early; what is being decoded is finished first.
  public func stop() { ring.stop() }

  /// The pictures met so far that cannot be read, by `Sample.id`.
  public var bad: [BadFile] { badByID.values.sorted { $0.sampleID < $1.sampleID } }

  private func checkBadLimit() throws(DatasetError) {
    guard let limit = settings.badLimit else { return }
    if badByID.count > limit.allowed(of: indices.count) { throw tooManyBad() }
  }

  private func tooManyBad() -> DatasetError {
    .tooManyBadPictures(
      bad: badByID.count, of: indices.count, limit: settings.badLimit?.share ?? 1,
      examples: bad.prefix(10).map { "\($0.path): \($0.reason)" })
  }
}
