import Foundation
import Images
import Tensors

/// Pictures that look nearly the same but lie in different splits, which makes a test easier than it should be.
///
/// Two pictures are near-duplicates when their difference hashes (of the pixels as the network gets them) differ in at
/// most `maximumDistance` of 64 bits.
public struct DuplicateReport: Equatable, Sendable {
  public struct Pair: Equatable, Sendable {
    /// Places in `Dataset.samples`, the lower one first.
    public let first: Int
    public let second: Int
    /// Differing bits.
    public let distance: Int

    public init(first: Int, second: Int, distance: Int) {
      self.first = first
      self.second = second
      self.distance = distance
    }
  }

  public static let defaultMaximumDistance = 3

  /// How many pairs there are across splits.
  public let pairCount: Int
  /// The first of them, by their places: at most `DuplicateReport.listedPairs`.
  public let pairs: [Pair]

  public static let listedPairs = 1000

  /// Reads every picture once, through the cache, and compares the hashes. Pictures that cannot be read are passed over.
  ///
  /// - Parameters:
  ///   - threads: of the reading; the report is the same for any number.
  ///   - shouldStop: asked before each picture, from any thread; once it is true no more are read, and the report, of
  ///     those that were, is to be thrown away.
  public init(
    dataset: Dataset, preprocessing: Preprocessing, cache: PixelCache, threads: Int = WorkerPool.availableCores,
    maximumDistance: Int = DuplicateReport.defaultMaximumDistance,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    let pool = WorkerPool(workerCount: threads)
    let hashes = HashTable(count: dataset.samples.count)
    let scratch = (0..<pool.workerCount).map { _ in Tensor([preprocessing.count]) }
    pool.forEachTile(dataset.samples.count) { sample, worker in
      let pixels = scratch[worker].pointer
      guard !shouldStop(), (try? cache.read(sample: sample, into: pixels)) != nil else { return }
      hashes[sample] = differenceHash(
        Picture(width: preprocessing.width, height: preprocessing.height, rounding: pixels))
    }
    self.init(
      hashes: hashes.values, splits: dataset.samples.map(\.split), maximumDistance: maximumDistance)
  }

  /// - Parameters:
  ///   - hashes: of each sample; nil where there is none.
  ///   - splits: of each sample.
  /// - Complexity: n queries of `NearHashes`.
  public init(hashes: [UInt64?], splits: [Split?], maximumDistance: Int = DuplicateReport.defaultMaximumDistance) {
    // Samples with the same hash, in order; a flat gray folder must not cost n^2.
    var members: [UInt64: [Int]] = [:]
    for (sample, hash) in hashes.enumerated() { if let hash { members[hash, default: []].append(sample) } }
    let distinct = members.keys.sorted()

    var pairCount = 0
    var pairs: [Pair] = []
    func compare(_ a: [Int], _ b: [Int], distance: Int, isSame: Bool) {
      let crossing = crossingPairs(a, b, splits: splits)
      pairCount += isSame ? crossing / 2 : crossing
      if crossing == 0 { return }
      var listed = 0
      for first in a {
        for second in b where splits[first] != splits[second] && (!isSame || first < second) {
          pairs.append(Pair(first: min(first, second), second: max(first, second), distance: distance))
          listed += 1
          if listed == DuplicateReport.listedPairs { return }
        }
      }
    }
    for hash in distinct { compare(members[hash] ?? [], members[hash] ?? [], distance: 0, isSame: true) }
    let near = NearHashes(distinct, maximumDistance: maximumDistance)
    for (place, hash) in distinct.enumerated() {
      near.forEach(near: hash) { other, distance in
        if other <= place { return }
        compare(members[hash] ?? [], members[distinct[other]] ?? [], distance: distance, isSame: false)
      }
    }
    self.pairCount = pairCount
    self.pairs = Array(
      pairs.sorted { ($0.first, $0.second) < ($1.first, $1.second) }.prefix(DuplicateReport.listedPairs))
  }
}

/// How many ordered pairs have their members in different splits.
private func crossingPairs(_ a: [Int], _ b: [Int], splits: [Split?]) -> Int {
  var counts: [Split?: (Int, Int)] = [:]
  for sample in a { counts[splits[sample], default: (0, 0)].0 += 1 }
  for sample in b { counts[splits[sample], default: (0, 0)].1 += 1 }
  return a.count * b.count - counts.values.reduce(0) { $0 + $1.0 * $1.1 }
}

/// Hashes that several threads fill in, each at its own places.
private final class HashTable: @unchecked Sendable {
  private let storage: UnsafeMutableBufferPointer<UInt64?>

  init(count: Int) {
    storage = .allocate(capacity: count)
    storage.initialize(repeating: nil)
  }

  deinit { storage.deallocate() }

  subscript(index: Int) -> UInt64? {
    get { storage[index] }
    set { storage[index] = newValue }
  }

  var values: [UInt64?] { Array(storage) }
}
