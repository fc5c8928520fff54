import Datasets
import Images
import Tensors
import Testing

@Suite("data of a provider")
struct ProviderTests {
  private static let preprocessing = Preprocessing(height: 4, width: 6)

  private func message(_ painter: Painter) -> String {
    do throws(DatasetError) {
      _ = try Dataset(provider: painter)
      return "(no error)"
    } catch {
      return "\(error)"
    }
  }

  /// Red and green of the first pixel of each row, per batch, and the bad ones.
  private func epoch(_ number: Int, of pipeline: BatchPipeline, from: Int = 0) throws -> [[Float]] {
    pipeline.start(epoch: number, atBatch: from)
    var batches: [[Float]] = []
    while let batch = try pipeline.next() {
      #expect(batch.pixels.pointer[2] == 64)
      batches.append((0..<batch.count).flatMap { row in (0..<2).map { batch.pixels[row * 72 + $0] } })
    }
    return batches
  }

  private func pipeline(_ dataset: Dataset, _ indices: [Int], cache: PixelCache, threads: Int = 3) -> BatchPipeline {
    BatchPipeline(
      dataset: dataset, indices: indices, preprocessing: Preprocessing(height: 4, width: 6, range: [0, 255]),
      settings: .init(batchSize: 5, order: .shuffled, threads: threads), cache: cache)
  }

  @Test("a provider's samples become the data set, in their order, with its names, groups and splits")
  func samples() throws {
    let painter = Painter(count: 6) { index in
      ProvidedSample(
        label: index % 2, name: index == 2 ? "sheet two" : "", group: "g\(index / 2)",
        split: index < 4 ? .train : .test)
    }
    let dataset = try Dataset(provider: painter)
    #expect(dataset.classes == ["a", "b"] && dataset.hasClassNames && dataset.root == "painter")
    #expect(
      dataset.samples.map(\.name) == ["painter#0", "painter#1", "sheet two", "painter#3", "painter#4", "painter#5"])
    #expect(dataset.samples[2].path == "painter#2")
    #expect(dataset.samples.map(\.group) == ["g0", "g0", "g1", "g1", "g2", "g2"])
    #expect(dataset.indices(of: .train) == [0, 1, 2, 3])
    #expect(dataset.picturesFolder == nil && dataset.provider === painter)
  }

  @Test("samples without a label are left out, with a note, and those that remain keep their pictures")
  func unlabelled() throws {
    let dataset = try Dataset(provider: Painter(count: 5) { ProvidedSample(label: $0 % 2 == 0 ? -1 : 1) })
    #expect(dataset.samples.map(\.name) == ["painter#1", "painter#3"])
    #expect(dataset.notes.first == "painter: 3 samples without a label left out")
    var pixels = [Float](repeating: 0, count: Self.preprocessing.count)
    try dataset.samples[1].source.read(Self.preprocessing, into: &pixels)
    #expect(pixels[0] == 3)
  }

  @Test("contradictions of a provider are named with the sample")
  func contradictions() {
    #expect(message(Painter(count: 0)) == "painter: the source has no samples")
    #expect(
      message(Painter(count: 1 << 40))
        == "painter: the source has 1099511627776 samples, but at most 100000000 are taken")
    #expect(message(Painter(classes: ["a", ""])) == "painter: the name of class 1 is empty")
    #expect(message(Painter(classes: ["a", "b", "a"])) == "painter: two classes are called 'a'")
    #expect(
      message(Painter { ProvidedSample(label: $0 == 5 ? 2 : 0) })
        == "painter: sample 5 has the label 2, which is outside the table of 2 classes (0 to 1)")
    #expect(message(Painter { ProvidedSample(label: $0 == 5 ? -2 : 0) }).contains("sample 5 has the label -2"))
    #expect(message(Painter { _ in ProvidedSample(label: -1) }) == "painter: no sample of the source has a label")
    #expect(
      message(Painter { ProvidedSample(label: 0, split: $0 == 4 ? nil : .train) })
        == "painter: sample 0 has a split, but sample 4 has none")
    #expect(
      message(Painter { ProvidedSample(label: 0, split: $0 == 4 ? .test : nil) })
        == "painter: sample 4 has a split, but sample 0 has none")
    #expect(
      message(Painter { ProvidedSample(label: 0, group: "plant", split: $0 == 4 ? .test : .train) })
        == "painter: sample 4: the group 'plant' is in more than one split: train, test")
  }

  @Test("fractions divide a provider's samples without tearing its groups; its own splits are kept unless told")
  func splits() throws {
    let grouped = try Dataset(provider: Painter(count: 60) { ProvidedSample(label: $0 % 2, group: "g\($0 / 6)") })
    let fractions = try SplitFractions(train: 0.6, validation: 0.2, test: 0.2)
    let divided = try grouped.split(fractions, resplit: false, seed: 1)
    #expect(Split.allCases.map { divided.indices(of: $0).count } == [36, 12, 12])
    for group in Set(divided.samples.map(\.group)) {
      #expect(Set(divided.samples.filter { $0.group == group }.map(\.split)).count == 1)
    }
    #expect(throws: DatasetError.notPartitioned(path: "painter")) { try grouped.split(nil, resplit: false, seed: 1) }

    let own = try Dataset(provider: Painter { ProvidedSample(label: $0 % 2, split: $0 < 8 ? .train : .test) })
    #expect(try own.split(nil, resplit: false, seed: 1).indices(of: .test) == [8, 9, 10, 11])
    let kept = try own.split(fractions, resplit: false, seed: 1)
    #expect(kept.indices(of: .test) == [8, 9, 10, 11] && kept.notes.contains { $0.contains("keeping the splits") })
    #expect(try own.split(fractions, resplit: true, seed: 1).indices(of: .validation).count > 0)
  }

  @Test("a provider is asked for the network's size, and both its forms are read", arguments: [false, true])
  func reading(isEncoded: Bool) throws {
    let dataset = try Dataset(provider: Painter(encoded: isEncoded))
    var (floats, bytes) = ([Float](repeating: 0, count: 72), [UInt8](repeating: 0, count: 72))
    try dataset.samples[7].source.read(Self.preprocessing, into: &floats)
    try dataset.samples[7].source.read(Self.preprocessing, intoBytes: &bytes)
    #expect(Array(floats[69...]) == [7, 0, 64] && bytes.map(Float.init) == floats)
  }

  @Test("pictures that do not vary are read once")
  func kept() throws {
    let painter = Painter()
    let dataset = try Dataset(provider: painter)
    let cache = PixelCache(dataset: dataset, preprocessing: Self.preprocessing)
    let pipeline = pipeline(dataset, Array(0..<12), cache: cache)
    _ = try (epoch(0, of: pipeline), epoch(1, of: pipeline))
    #expect(painter.takeReadings() == (0..<12).map { "\($0)@0" }.sorted())
  }

  @Test("pictures that vary are read anew in each epoch, as that epoch has them; outside of training once, as epoch 0")
  func varying() throws {
    let painter = Painter(varies: true) { ProvidedSample(label: $0 % 2, split: $0 < 8 ? .train : .test) }
    let dataset = try Dataset(provider: painter)
    let cache = PixelCache(dataset: dataset, preprocessing: Self.preprocessing)
    let training = pipeline(dataset, dataset.indices(of: .train), cache: cache)
    let test = pipeline(dataset, dataset.indices(of: .test), cache: cache)
    for number in 0..<3 {
      let batches = try epoch(number, of: training)
      let greens = batches.joined().enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      #expect(greens == [Float](repeating: Float(number), count: 8))
      #expect(painter.takeReadings() == (0..<8).map { "\($0)@\(number)" })
      #expect(try epoch(0, of: test).joined().enumerated().allSatisfy { $0.offset % 2 == 0 || $0.element == 0 })
      #expect(painter.takeReadings() == (number == 0 ? ["10@0", "11@0", "8@0", "9@0"] : []))
    }
    #expect(cache.bytesInUse == 4 * 72)
    let whole = try epoch(2, of: training)
    let rest = try epoch(2, of: pipeline(dataset, dataset.indices(of: .train), cache: cache, threads: 1), from: 1)
    #expect(rest == Array(whole.dropFirst()))
  }

  @Test("a sample that fails is a bad picture with its reason, tried anew only where it may look different")
  func failing() throws {
    for varies in [false, true] {
      let painter = Painter(varies: varies, failing: [3])
      let dataset = try Dataset(provider: painter)
      let cache = PixelCache(dataset: dataset, preprocessing: Self.preprocessing)
      let pipeline = pipeline(dataset, Array(0..<12), cache: cache)
      for number in 0..<2 { #expect(try epoch(number, of: pipeline).joined().count == 22) }
      #expect(
        pipeline.bad == [BadFile(sampleID: 3, path: "painter#3", status: "corrupt", reason: "the paint is dry")])
      let again = painter.takeReadings().filter { $0.hasPrefix("3@") }
      #expect(again == (varies ? ["3@0", "3@1"] : ["3@0"]))
    }
  }

  @Test("the content hash follows what the provider says of itself, and its table")
  func hash() throws {
    func hash(_ painter: Painter) throws -> String { try Dataset(provider: painter).contentHash() }
    let plain = try hash(Painter())
    #expect(try hash(Painter()) == plain)
    #expect(try hash(Painter(origin: "painter 2")) != plain)
    #expect(try hash(Painter(count: 11)) != plain)
    #expect(try hash(Painter { ProvidedSample(label: 1 - $0 % 2) }) != plain)
  }

  @Test("near-duplicates are found among a provider's pictures")
  func duplicates() throws {
    // All are flat, so all are alike.
    let dataset = try Dataset(
      provider: Painter(count: 4) { ProvidedSample(label: $0 % 2, split: $0 < 3 ? .train : .test) })
    let report = DuplicateReport(
      dataset: dataset, preprocessing: Self.preprocessing,
      cache: PixelCache(dataset: dataset, preprocessing: Self.preprocessing), threads: 2)
    #expect(report.pairCount == 3)
  }
}
