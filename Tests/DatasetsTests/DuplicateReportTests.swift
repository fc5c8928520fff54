import Datasets
import Images
import Tensors
import Testing

@Suite("near-duplicates across splits")
struct DuplicateReportTests {
  /// All pairs, by comparing each with each.
  private func allPairs(_ hashes: [UInt64?], _ splits: [Split?], _ distance: Int) -> [DuplicateReport.Pair] {
    var pairs: [DuplicateReport.Pair] = []
    for first in hashes.indices {
      for second in hashes.indices.dropFirst(first + 1) where splits[first] != splits[second] {
        guard let a = hashes[first], let b = hashes[second], hammingDistance(a, b) <= distance else { continue }
        pairs.append(DuplicateReport.Pair(first: first, second: second, distance: hammingDistance(a, b)))
      }
    }
    return pairs
  }

  @Test("the bands find what comparing each with each finds", arguments: [0, 1, 3, 5, 9])
  func sameAsExhaustive(distance: Int) {
    var stream = RandomStream(RandomKey(seed: distance))
    var hashes: [UInt64?] = []
    for number in 0..<700 {
      if number % 37 == 36 {
        hashes.append(nil)
      } else if number > 10, stream.bool(), let earlier = hashes[stream.integer(below: number)] {
        var hash = earlier
        for _ in 0..<stream.integer(below: 7) { hash ^= 1 << UInt64(stream.integer(below: 64)) }
        hashes.append(hash)
      } else {
        hashes.append(stream.next())
      }
    }
    let splits = hashes.map { _ in Split.allCases[stream.integer(below: 3)] }
    let report = DuplicateReport(hashes: hashes, splits: splits, maximumDistance: distance)
    let expected = allPairs(hashes, splits, distance)
    #expect(!expected.isEmpty)
    #expect(report.pairs == expected)
    #expect(report.pairCount == expected.count)
  }

  @Test("twenty thousand equal pictures are counted without listing all pairs")
  func manyEqual() {
    let splits = (0..<20_000).map { $0 < 15_000 ? Split.train : .test }
    let report = DuplicateReport(hashes: Array(repeating: 0, count: 20_000), splits: splits)
    #expect(report.pairCount == 15_000 * 5_000)
    #expect(report.pairs.count == DuplicateReport.listedPairs)
  }

  @Test("a copy of a picture in another split is found, one in the same split is not, and a bad picture is passed over")
  func pictures() throws {
    let folder = try TemporaryFolder()
    for number in 0..<6 { try folder.write("a/\(number).png", PictureEncoder.png(noise(number))) }
    try folder.write("b/copy.png", PictureEncoder.png(noise(2)))
    try folder.write("b/bad.png", "not a picture")
    var samples = try FolderSource(path: folder.path).read().samples
    samples = samples.map {
      Sample(id: $0.id, path: $0.path, name: $0.name, label: $0.label, split: $0.name == "a/5.png" ? .test : .train)
    }
    for (split, pairs) in [(Split.train, 0), (.test, 1)] {
      samples[7] = Sample(id: 7, path: samples[7].path, name: samples[7].name, label: 1, split: split)
      let dataset = Dataset(root: folder.path, classes: ["a", "b"], samples: samples)
      let preprocessing = Preprocessing(height: 32, width: 32)
      let cache = PixelCache(dataset: dataset, preprocessing: preprocessing)
      for threads in [1, 3] {
        let report = DuplicateReport(dataset: dataset, preprocessing: preprocessing, cache: cache, threads: threads)
        #expect(report.pairCount == pairs)
        #expect(report.pairs.map { [$0.first, $0.second] } == (pairs == 1 ? [[2, 7]] : []))
      }
    }
  }

  @Test("a scan that is to stop reads no more")
  func stopped() throws {
    let folder = try TemporaryFolder()
    for name in ["a/1.png", "b/1.png"] { try folder.write(name, PictureEncoder.png(noise(1))) }
    var dataset = try FolderSource(path: folder.path).read()
    dataset = dataset.partitioned(try SplitFractions(train: 0.5, validation: 0, test: 0.5), key: RandomKey(seed: 1))
    let preprocessing = Preprocessing(height: 32, width: 32)
    let cache = PixelCache(dataset: dataset, preprocessing: preprocessing)
    _ = DuplicateReport(
      dataset: dataset, preprocessing: preprocessing, cache: cache, threads: 2, shouldStop: { true })
    #expect(cache.bytesInUse == 0)
    _ = DuplicateReport(dataset: dataset, preprocessing: preprocessing, cache: cache, threads: 2)
    #expect(cache.bytesInUse == 2 * 32 * 32 * 3)
  }

  /// Blocks of random gray, large enough to leave their mark on a hash.
  private func noise(_ seed: Int) -> Picture {
    var stream = RandomStream(RandomKey(seed: seed))
    let grays = (0..<64).map { _ in UInt8(stream.integer(below: 256)) }
    var picture = Picture(width: 64, height: 64, colour: (0, 0, 0))
    for y in 0..<64 {
      for x in 0..<64 {
        let gray = grays[y / 8 * 8 + x / 8]
        picture[x, y] = (gray, gray, gray)
      }
    }
    return picture
  }
}
