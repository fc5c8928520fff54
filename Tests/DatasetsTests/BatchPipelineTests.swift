import Datasets
import Foundation
import Images
import Tensors
import Testing

@Suite("the batch pipeline")
struct BatchPipelineTests {
  private static let preprocessing = Preprocessing(height: 8, width: 8)

  /// What a batch is, copied out of the pipeline's memory.
  private struct Copy: Equatable {
    let index: Int
    let sampleIDs: [Int]
    let pixels: [Float]
    let labels: [Float]
    let bad: [BadFile]

    init(_ batch: Batch) {
      index = batch.index
      sampleIDs = batch.sampleIDs
      pixels = Array(batch.pixels.values.prefix(batch.count * preprocessing.count))
      labels = Array(batch.labels.values.prefix(batch.count * batch.labels.shape[1]))
      bad = batch.bad
    }
  }

  /// 23 pictures in 2 classes, of which those of the given numbers cannot be read.
  private func folder(bad: [Int] = []) throws -> (TemporaryFolder, Dataset) {
    let folder = try TemporaryFolder()
    for number in 0..<23 {
      let name = String(format: "%@/%02d.png", number < 15 ? "a" : "b", number)
      if bad.contains(number) {
        try folder.write(name, number % 2 == 0 ? "" : "no picture at all, whatever its name says")
      } else {
        try folder.draw(name, number: number)
      }
    }
    return (folder, try FolderSource(path: folder.path).read())
  }

  private func pipeline(
    _ dataset: Dataset, threads: Int = 2, batchSize: Int = 4, order: BatchOrder = .shuffled, augmented: Bool = true,
    mixed: Bool = true, budget: Int = 1 << 20, dropLast: Bool = false,
    badLimit: BatchPipeline.BadPictureLimit? = .init(), preprocessing: Preprocessing = Self.preprocessing
  ) throws -> BatchPipeline {
    var settings = BatchPipeline.Settings(
      batchSize: batchSize, order: order, dropLast: dropLast, threads: threads, badLimit: badLimit)
    if augmented {
      settings.augmentations = [
        try AugmentationRegistry.augmentation(named: "flip_horizontal"),
        try AugmentationRegistry.augmentation(named: "random_resized_crop"),
      ]
    }
    if mixed { settings.batchAugmentations = [try AugmentationRegistry.batchAugmentation(named: "mixup")] }
    return BatchPipeline(
      dataset: dataset, indices: Array(dataset.samples.indices), preprocessing: preprocessing, settings: settings,
      key: RandomKey(seed: 7), cache: PixelCache(dataset: dataset, preprocessing: preprocessing, budget: budget))
  }

  private func epoch(_ number: Int, of pipeline: BatchPipeline, from: Int = 0) throws -> [Copy] {
    pipeline.start(epoch: number, atBatch: from)
    var copies: [Copy] = []
    while let batch = try pipeline.next() { copies.append(Copy(batch)) }
    return copies
  }

  @Test("a batch holds the pictures as the preprocessing gives them, in the network's range, with one-hot labels")
  func plainBatch() throws {
    let (_, dataset) = try folder()
    let preprocessing = Preprocessing(height: 6, width: 5, range: [-1, 1])
    let pipeline = try self.pipeline(
      dataset, order: .sequential, augmented: false, mixed: false, preprocessing: preprocessing)
    pipeline.start(epoch: 0)
    var seen = 0
    while let batch = try pipeline.next() {
      #expect(batch.sampleIDs == Array(seen..<min(23, seen + 4)))
      for (row, id) in batch.sampleIDs.enumerated() {
        let expected = Tensor([preprocessing.count])
        try preprocessing.read(file: dataset.samples[id].path, into: expected.pointer)
        preprocessing.normalise(expected.pointer, count: expected.count)
        let start = row * preprocessing.count
        let pixels = Array(batch.pixels.buffer[start..<start + preprocessing.count])
        #expect(pixels == expected.values)
        let label: [Float] = id < 15 ? [1, 0] : [0, 1]
        #expect(Array(batch.labels.buffer[row * 2..<row * 2 + 2]) == label)
      }
      seen += batch.count
    }
    #expect(seen == 23)
  }

  @Test("the batches are the same for any number of threads and any cache", arguments: BatchOrder.allCases)
  func sameBatches(order: BatchOrder) throws {
    let (_, dataset) = try folder(bad: [3, 16])
    let reference = try pipeline(dataset, threads: 1, order: order, budget: 0)
    let expected = try [epoch(0, of: reference), epoch(1, of: reference)]
    #expect(expected[0] != expected[1])
    for (threads, budget) in [(1, 1 << 20), (3, 0), (3, 700), (3, 1 << 20)] {
      let pipeline = try self.pipeline(dataset, threads: threads, order: order, budget: budget)
      let found = try [epoch(0, of: pipeline), epoch(1, of: pipeline)]
      #expect(found == expected)
      let again = try epoch(0, of: pipeline)
      #expect(again == expected[0])
      #expect(pipeline.bad == reference.bad)
    }
  }

  @Test("an epoch that is begun in the middle goes on as it would have", arguments: [1, 3, 5, 6])
  func resumed(batch: Int) throws {
    let (_, dataset) = try folder(bad: [4])
    let whole = try epoch(2, of: self.pipeline(dataset, threads: 3))
    let rest = try epoch(2, of: self.pipeline(dataset, threads: 2), from: batch)
    #expect(rest == whole.filter { $0.index >= batch })
  }

  @Test("augmentations change the pictures, and mixing makes the labels soft")
  func augmented() throws {
    let (_, dataset) = try folder()
    let plain = try epoch(0, of: self.pipeline(dataset, augmented: false, mixed: false))
    let augmented = try epoch(0, of: self.pipeline(dataset, mixed: false))
    let mixed = try epoch(0, of: self.pipeline(dataset))
    #expect(plain.map(\.sampleIDs) == augmented.map(\.sampleIDs))
    #expect(plain.map(\.labels) == augmented.map(\.labels))
    #expect(plain.map(\.pixels) != augmented.map(\.pixels))
    #expect(mixed.contains { $0.labels.contains { $0 > 0 && $0 < 1 } })
    for batch in mixed {
      for row in 0..<batch.sampleIDs.count {
        let sum = batch.labels[row * 2] + batch.labels[row * 2 + 1]
        #expect(abs(sum - 1) < 1e-5)
      }
      #expect(batch.pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
  }

  @Test("a sample that stands in an epoch twice is not augmented twice in the same way")
  func repetitions() throws {
    let (_, dataset) = try folder()
    let batches = try epoch(0, of: self.pipeline(dataset, order: .balanced, mixed: false))
    var looks: [Int: [[Float]]] = [:]
    for batch in batches {
      for (row, id) in batch.sampleIDs.enumerated() {
        let start = row * Self.preprocessing.count
        looks[id, default: []].append(Array(batch.pixels[start..<start + Self.preprocessing.count]))
      }
    }
    let repeated = looks.values.filter { $0.count > 1 }
    #expect(!repeated.isEmpty)
    #expect(repeated.contains { $0[0] != $0[1] })
  }

  @Test("bad pictures are left out of their batch and named with their reason, in every epoch")
  func badPictures() throws {
    let (files, plain) = try folder(bad: [4, 5, 6, 7, 9])
    try FileManager.default.removeItem(atPath: files.path("a/10.png"))
    try files.link("a/10.png", to: "nowhere")
    let picture = try Data(contentsOf: URL(fileURLWithPath: files.path("a/11.png")))
    try files.write("a/11.png", picture.prefix(picture.count / 2))
    let pipeline = try self.pipeline(plain, order: .sequential)
    for number in 0..<2 {
      let batches = try epoch(number, of: pipeline)
      // The second batch would have held 4, 5, 6 and 7: all bad.
      #expect(batches.map(\.index) == [0, 2, 3, 4, 5])
      #expect(batches[1].sampleIDs == [8])
      #expect(batches[1].bad.map(\.sampleID) == [9, 10, 11])
      #expect(pipeline.bad.map(\.sampleID) == [4, 5, 6, 7, 9, 10, 11])
      #expect(
        pipeline.bad.map(\.status) == [
          "empty", "not_an_image", "empty", "not_an_image", "not_an_image", "unreadable", "truncated",
        ])
      #expect(pipeline.bad[1].path == files.path("a/05.png"))
    }
  }

  @Test(
    "a limit that was asked for is kept to the picture", arguments: [(0.0, 1, false), (0, 0, true), (0.5, 11, true)])
  func requestedLimit(share: Double, count: Int, fits: Bool) throws {
    let (_, dataset) = try folder(bad: Array(0..<count))
    let pipeline = try self.pipeline(dataset, order: .sequential, badLimit: .init(requested: share))
    if fits {
      #expect(try epoch(0, of: pipeline).count > 0)
    } else {
      #expect(throws: DatasetError.self) { try epoch(0, of: pipeline) }
    }
    let (_, worse) = try folder(bad: Array(0..<12))
    #expect(throws: DatasetError.self) {
      try epoch(0, of: self.pipeline(worse, order: .sequential, badLimit: .init(requested: share)))
    }
  }

  @Test("too many bad pictures stop the epoch with the list; a few are always allowed, unless they are all")
  func tooManyBad() throws {
    let (files, dataset) = try folder(bad: Array(0..<12))
    let pipeline = try self.pipeline(dataset, threads: 3, order: .sequential)
    let error = #expect(throws: DatasetError.self) { try epoch(0, of: pipeline) }
    guard case .tooManyBadPictures(let bad, let total, let limit, let examples)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(bad == 12)
    #expect(total == 23)
    #expect(examples.count == 10)
    #expect(limit == 0.05)
    #expect(examples[0] == "\(files.path("a/00.png")): the file is empty")
    #expect(error?.description.hasSuffix("\n  ... and 2 more") == true)

    #expect(try epoch(0, of: self.pipeline(dataset, badLimit: .init(share: 0.6))).count > 0)
    let onlyBad = BatchPipeline(
      dataset: dataset, indices: [1, 2, 3], preprocessing: Self.preprocessing, settings: .init(batchSize: 2))
    #expect(throws: DatasetError.self) { try epoch(0, of: onlyBad) }
    let unlimited = BatchPipeline(
      dataset: dataset, indices: [1, 2, 3], preprocessing: Self.preprocessing,
      settings: .init(batchSize: 2, badLimit: nil))
    #expect(try epoch(0, of: unlimited) == [])
    #expect(unlimited.bad.count == 3)
  }

  @Test("the last batch is smaller, or left out when so asked, unless it is the only one")
  func lastBatch() throws {
    let (_, dataset) = try folder()
    func sizes(_ batchSize: Int, dropLast: Bool) throws -> [Int] {
      let pipeline = try self.pipeline(dataset, batchSize: batchSize, dropLast: dropLast)
      let sizes = try epoch(0, of: pipeline).map(\.sampleIDs.count)
      #expect(pipeline.batchCount == sizes.count)
      return sizes
    }
    #expect(try sizes(10, dropLast: false) == [10, 10, 3])
    #expect(try sizes(10, dropLast: true) == [10, 10])
    #expect(try sizes(40, dropLast: true) == [23])
    #expect(try sizes(23, dropLast: true) == [23])
  }

  @Test("memory is bounded: batches are used again, reading does not run ahead, and the cache keeps to its budget")
  func boundedMemory() throws {
    let (_, dataset) = try folder()
    let cache = PixelCache(dataset: dataset, preprocessing: Self.preprocessing, budget: 1 << 20)
    let pipeline = BatchPipeline(
      dataset: dataset, indices: Array(0..<23), preprocessing: Self.preprocessing,
      settings: .init(batchSize: 2, threads: 3, depth: 3), cache: cache)
    pipeline.start(epoch: 0)
    var batches = Set<ObjectIdentifier>()
    var delivered = 0
    while let batch = try pipeline.next() {
      batches.insert(ObjectIdentifier(batch))
      delivered += 1
      let bound = (delivered + 2) * 2 * Self.preprocessing.count
      #expect(cache.bytesInUse <= bound)
    }
    #expect(batches.count == 3)
    #expect(cache.bytesInUse == 23 * Self.preprocessing.count)

    let small = PixelCache(dataset: dataset, preprocessing: Self.preprocessing, budget: 1000)
    let other = BatchPipeline(
      dataset: dataset, indices: Array(0..<23), preprocessing: Self.preprocessing,
      settings: .init(batchSize: 2, threads: 3), cache: small)
    for number in 0..<2 { _ = try epoch(number, of: other) }
    let whole = 1000 / Self.preprocessing.count
    #expect(small.bytesInUse == whole * Self.preprocessing.count)
  }

  @Test("an epoch can be given up at any point, and another begun, and the pipeline thrown away")
  func stopping() throws {
    let (_, dataset) = try folder()
    let expected = try epoch(1, of: self.pipeline(dataset))
    for count in 0..<8 {
      let pipeline = try self.pipeline(dataset, threads: 3)
      pipeline.start(epoch: 0)
      for _ in 0..<count { _ = try pipeline.next() }
      if count % 2 == 0 {
        pipeline.stop()
        #expect(try pipeline.next() == nil)
      }
      #expect(try epoch(1, of: pipeline) == expected)
      pipeline.start(epoch: 2)
    }
  }

  @Test("pixels that are not rounded are the same from the cache as from the file")
  func floatCache() throws {
    let (_, dataset) = try folder()
    let preprocessing = Preprocessing.tensorflow(height: 5, width: 7)
    func pixels(_ budget: Int) throws -> [[Float]] {
      let pipeline = try self.pipeline(
        dataset, order: .sequential, augmented: false, mixed: false, budget: budget,
        preprocessing: preprocessing)
      var result: [[Float]] = []
      for number in 0..<2 {
        pipeline.start(epoch: number)
        while let batch = try pipeline.next() {
          result.append(Array(batch.pixels.values.prefix(batch.count * preprocessing.count)))
        }
      }
      return result
    }
    let cached = try pixels(1 << 20)
    #expect(try cached == pixels(0))
    #expect(cached.joined().contains { $0 != $0.rounded() })
  }

  @Test("pictures without classes come in their order, one path as often as it is named")
  func unlabelled() throws {
    let (files, _) = try folder(bad: [1])
    let paths = ["a/02.png", "a/01.png", "a/02.png", "gone.png"].map { files.path($0) }
    let dataset = Dataset(unlabelledPaths: paths)
    let pipeline = BatchPipeline(
      dataset: dataset, indices: [0, 1, 2, 3], preprocessing: Self.preprocessing,
      settings: .init(batchSize: 2, badLimit: nil))
    let batches = try epoch(0, of: pipeline)
    #expect(batches.map(\.sampleIDs) == [[0], [2]])
    #expect(batches[0].pixels == batches[1].pixels)
    #expect(pipeline.bad.map(\.sampleID) == [1, 3])
    #expect(pipeline.bad[1].status == "unreadable")
  }

  @Test("no samples give no batches")
  func empty() throws {
    let (_, dataset) = try folder()
    let pipeline = BatchPipeline(
      dataset: dataset, indices: [], preprocessing: Self.preprocessing, settings: .init(batchSize: 2))
    #expect(try epoch(0, of: pipeline) == [])
    #expect(pipeline.batchCount == 0)
  }
}
