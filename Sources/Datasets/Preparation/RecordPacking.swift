import Foundation
import Images
import Records
import Tensors

/// Writes the pictures of a data set into TFRecord files as Herbariograph has them: one file a split, its records shuffled,
/// each with the keys `category` (int64, the place in the class table) and `image` (a JPEG of the network's size).
///
///     samples in random order --> threads: read, resize, encode --> one writer a split --> all synchronised --> names
///
/// The files follow from the data, the settings and the seed, not from the number of threads. They take their names when
/// all of them are whole on disk.
public struct RecordPacking: Sendable {
  public struct Summary: Sendable {
    /// How many pictures of each class were written, in the order of the class table.
    public let counts: [Split: [Int]]
    /// In the order of the samples.
    public let damaged: [BadFile]

    public var written: Int { counts.values.joined().reduce(0, +) }

    /// What the files lack: splits without a picture, and classes that a split has no picture of.
    ///
    /// - Parameters:
    ///   - dataset: that was packed.
    ///   - asked: the shares that splits were drawn by; nil: they are the data's own.
    public func notes(on dataset: Dataset, asked: SplitFractions?) -> [String] {
      var notes: [String] = []
      for split in Split.allCases {
        if (counts[split] ?? []).contains(where: { $0 > 0 }) {
          let absent = dataset.missingClasses(counts: counts[split] ?? [])
          if !absent.isEmpty { notes.append(split.noteWithout(classes: absent)) }
        } else if counts[split] != nil {
          notes.append("no file of the \(split) split: none of its pictures can be read")
        } else if let asked, asked[split] > 0 {
          let groups = Set(dataset.samples.compactMap(\.group)).count
          let what = groups == 0 ? "too few pictures" : "too few pictures or groups (\(counted(groups, "group")))"
          notes.append(
            "no picture went to the \(split) split, which gets no file: there are \(what) for its share of "
              + String(format: "%.3g", 100 * asked[split]) + " %")
        }
      }
      return notes
    }
  }

  /// How pictures are decoded and resized; the range is of no account.
  public var preprocessing: Preprocessing
  /// 1 to 100.
  public var quality: Int
  /// Of the order.
  public var seed: Int

  public init(preprocessing: Preprocessing, quality: Int = 94, seed: Int = 1) {
    self.preprocessing = preprocessing
    self.quality = quality
    self.seed = seed
  }

  /// Encoded pictures of a chunk may take so much memory.
  private static let chunkBytes = 64 << 20

  /// Reads, resizes, encodes and writes every picture; those that cannot be read are left out.
  ///
  /// - Parameters:
  ///   - dataset: every sample with a split.
  ///   - path: of the file for a split; one without pictures gets no file.
  ///   - beforeNaming: called when all files are on disk under other names; what it throws leaves the old ones as they are.
  /// - Throws: `DataPreparationError.interrupted`, `.nothingReadable`; `RecordError` when a file cannot be written; then no
  ///   file has changed.
  public func run(
    _ dataset: Dataset, path: (Split) -> String, pass: PicturePass, beforeNaming: (Summary) throws -> Void = { _ in }
  ) throws -> Summary {
    precondition(dataset.isPartitioned, "the data are not partitioned")
    var stream = RandomStream(RandomKey(seed: seed).deriving("packing"))
    let order = dataset.samples.indices.shuffled(using: &stream)
    var writers: [Split: RecordWriter] = [:]
    for split in Split.allCases where dataset.samples.contains(where: { $0.split == split }) {
      writers[split] = try RecordWriter(path: path(split))
    }
    var counts = writers.mapValues { _ in [Int](repeating: 0, count: dataset.classes.count) }
    var damaged: [BadFile] = []
    let chunk = max(64, min(1024, RecordPacking.chunkBytes / max(1, preprocessing.count)))
    try pass.run(count: order.count, chunk: chunk) { place in
      record(dataset.samples[order[place]])
    } take: { place, result in
      let sample = dataset.samples[order[place]]
      guard let split = sample.split, let writer = writers[split] else { return }
      switch result {
      case .success(let jpeg):
        try writer.append([
          RecordKeys.defaultLabel: .integer(sample.label), RecordKeys.defaultImage: .data(jpeg),
        ])
        counts[split]?[sample.label] += 1
      case .failure(let error): damaged.append(BadFile(error, of: sample))
      }
    }
    damaged.sort { $0.sampleID < $1.sampleID }
    let summary = Summary(counts: counts, damaged: damaged)
    if summary.written == 0 {
      throw DataPreparationError.nothingReadable(
        path: dataset.root, pictures: order.count, example: damaged.first.map { "\($0.path): \($0.reason)" } ?? "none")
    }
    // A split of which no picture could be read leaves no file.
    let filled = writers.values.filter { $0.count > 0 }
    for writer in filled { try writer.synchronise() }
    try beforeNaming(summary)
    for writer in filled { try writer.finish() }
    return summary
  }

  /// The JPEG of a sample.
  private func record(_ sample: Sample) -> Result<Data, ImageError> {
    Result { () throws(ImageError) in
      var failure: ImageError?
      let pixels = [UInt8](unsafeUninitializedCapacity: preprocessing.count) { buffer, count in
        count = preprocessing.count
        guard let base = buffer.baseAddress else { return }
        do throws(ImageError) {
          try sample.source.read(preprocessing, intoBytes: base)
        } catch {
          base.initialize(repeating: 0, count: count)
          failure = error
        }
      }
      if let failure { throw failure }
      if sample.label < 0 { throw .damagedRecord(reason: "its class cannot be read") }
      let picture = Picture(width: preprocessing.width, height: preprocessing.height, pixels: pixels)
      return try PictureEncoder.jpeg(picture, quality: quality, sampling: .quarter)
    }
  }
}
