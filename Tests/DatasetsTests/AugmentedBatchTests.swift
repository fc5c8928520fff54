import Datasets
import Images
import Schemas
import TestSupport
import Tensors
import Testing

/// What all registered augmentations must keep to when they run in a pipeline.
@Suite("augmentations in the batch pipeline") struct AugmentedBatchTests {
  private static let preprocessing = Preprocessing(height: 9, width: 7)
  private let dataset: Dataset

  init() throws {
    let folder = try TemporaryFolder()
    for number in 0..<11 { try folder.draw("\(number < 8 ? "a" : "b")/\(number).png", number: number) }
    dataset = try FolderSource(path: folder.path).read()
  }

  /// The pixels and labels that each sample gets in an epoch.
  private func epoch(
    _ number: Int, _ augmentations: [any Augmentation], mixing: [any BatchAugmentation] = [], batchSize: Int,
    threads: Int, seed: Int = 3
  ) throws -> [Int: [Float]] {
    let pipeline = BatchPipeline(
      dataset: dataset, indices: Array(dataset.samples.indices), preprocessing: Self.preprocessing,
      settings: BatchPipeline.Settings(
        batchSize: batchSize, order: .shuffled, augmentations: augmentations, batchAugmentations: mixing,
        threads: threads),
      key: RandomKey(seed: seed))
    pipeline.start(epoch: number)
    var rows: [Int: [Float]] = [:]
    while let batch = try pipeline.next() {
      let (size, classes) = (Self.preprocessing.count, dataset.classes.count)
      for (row, id) in batch.sampleIDs.enumerated() {
        rows[id] =
          Array(batch.pixels.buffer[row * size..<(row + 1) * size])
          + batch.labels.buffer[row * classes..<(row + 1) * classes]
      }
    }
    return rows
  }

  @Test("a picture's change depends on seed, epoch and picture: not on threads, nor on its neighbours in the batch")
  func pictures() throws {
    for type in AugmentationRegistry.all {
      let name = type.schema.name
      let augmentation = [try AugmentationRegistry.augmentation(named: name)]
      let first = try epoch(0, augmentation, batchSize: 4, threads: 1)
      #expect(try epoch(0, augmentation, batchSize: 4, threads: 3) == first, "\(name)")
      #expect(try epoch(0, augmentation, batchSize: 3, threads: 2) == first, "\(name)")
      #expect(try epoch(1, augmentation, batchSize: 4, threads: 2) != first, "\(name)")
      #expect(try epoch(0, augmentation, batchSize: 4, threads: 2, seed: 4) != first, "\(name)")
    }
  }

  @Test("a mixed batch does not depend on threads either")
  func batches() throws {
    for type in AugmentationRegistry.batchWise {
      let name = type.schema.name
      let mixing = [try AugmentationRegistry.batchAugmentation(named: name).fitted(toClassCounts: [8, 3])]
      let first = try epoch(0, [], mixing: mixing, batchSize: 4, threads: 1)
      #expect(try epoch(0, [], mixing: mixing, batchSize: 4, threads: 3) == first, "\(name)")
      #expect(try epoch(2, [], mixing: mixing, batchSize: 4, threads: 3) != first, "\(name)")
    }
  }
}
