import Images
import Tensors

/// What the threads of a pipeline do: one picture at a time, and at last the batch as a whole. Holds nothing that changes.
struct SampleWorker: @unchecked Sendable {
  let dataset: Dataset
  let preprocessing: Preprocessing
  let settings: BatchPipeline.Settings
  let key: RandomKey
  let cache: PixelCache

  func makeBatch() -> Batch {
    Batch(
      batchSize: settings.batchSize, height: preprocessing.height, width: preprocessing.width,
      classes: dataset.classes.count)
  }

  /// Reads and augments a sample into a row of the batch, and normalises it unless the batch will be mixed.
  ///
  /// - Parameter repetition: how often the sample stood in the epoch before, so that each time it looks different.
  /// - Returns: why it could not be read, or nil.
  func prepare(sample: Int, repetition: Int, epoch: Int, row: Int, of batch: Batch) -> ImageError? {
    let pixels = batch.pixels.pointer + row * preprocessing.count
    do {
      try cache.read(sample: sample, epoch: epoch, into: pixels)
    } catch {
      return error
    }
    if !settings.augmentations.isEmpty {
      var image = PixelImage(height: preprocessing.height, width: preprocessing.width, pointer: pixels)
      let sampleKey = key.deriving("augmentation").deriving(epoch).deriving(sample).deriving(repetition)
      for (place, augmentation) in settings.augmentations.enumerated() {
        var stream = RandomStream(sampleKey.deriving(place))
        augmentation.apply(&image, stream: &stream)
      }
    }
    if settings.batchAugmentations.isEmpty { preprocessing.normalise(pixels, count: preprocessing.count) }
    return nil
  }

  /// Closes the gaps that bad pictures left, writes the labels, mixes and normalises.
  ///
  /// - Parameters:
  ///   - samples: of all rows.
  ///   - errors: of all rows; nil where the picture is good.
  func complete(_ batch: Batch, samples: ArraySlice<Int>, errors: [ImageError?], repetitions: [Int], epoch: Int) {
    batch.sampleIDs.removeAll(keepingCapacity: true)
    batch.bad.removeAll()
    var kept = 0
    var keys: [RandomKey] = []
    let batchKey = key.deriving("mixing").deriving(epoch)
    for (row, sample) in samples.enumerated() {
      if let error = errors[row] {
        batch.bad.append(BadFile(error, of: dataset.samples[sample]))
        continue
      }
      if row != kept {
        let count = preprocessing.count
        (batch.pixels.pointer + kept * count).update(from: batch.pixels.pointer + row * count, count: count)
      }
      batch.sampleIDs.append(sample)
      keys.append(batchKey.deriving(sample).deriving(repetitions[row]))
      kept += 1
    }
    batch.count = kept
    writeLabels(of: batch)
    if !settings.batchAugmentations.isEmpty, kept > 0 { mix(batch, keys: keys) }
  }

  private func writeLabels(of batch: Batch) {
    batch.labels.fill(0)
    let classes = batch.labels.shape[1]
    for (row, sample) in batch.sampleIDs.enumerated() {
      let label = dataset.samples[sample].label
      if label >= 0 { batch.labels[row * classes + label] = 1 }
    }
  }

  private func mix(_ batch: Batch, keys: [RandomKey]) {
    var pixels = PixelBatch(
      count: batch.count, height: preprocessing.height, width: preprocessing.width, classes: batch.labels.shape[1],
      pixels: batch.pixels.pointer, labels: batch.labels.pointer)
    for (place, augmentation) in settings.batchAugmentations.enumerated() {
      var streams = keys.map { RandomStream($0.deriving(place)) }
      augmentation.apply(&pixels, streams: &streams)
    }
    preprocessing.normalise(batch.pixels.pointer, count: batch.count * preprocessing.count)
  }
}
