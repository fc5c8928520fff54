import Datasets
import Images
import Tensors
import Training

/// The first batches of a training as the network would see them, without the training.
public struct TrainingPreview: Sendable {
  public let dataset: Dataset
  public let preprocessing: Preprocessing
  private let settings: BatchPipeline.Settings
  private let seed: Int
  private let augmentationNames: [String]

  /// - Parameters:
  ///   - dataset: partitioned, labelled by the classes of the model.
  ///   - preprocessing: of the model.
  /// - Throws: `TrainingError.emptySplit`, `.setting`.
  public init(dataset: Dataset, preprocessing: Preprocessing, settings: TrainingSettings, threads: Int) throws {
    let count = dataset.indices(of: .train).count
    if count == 0 { throw TrainingError.emptySplit(split: "train", neededFor: "a preview") }
    self.dataset = dataset
    self.preprocessing = preprocessing
    self.settings = try settings.pipelineSettings(
      for: dataset, batchSize: min(settings.batchSize, count), threads: threads)
    seed = settings.seed
    augmentationNames =
      settings.augmentations.map { type(of: $0).schema.name }
      + settings.batchAugmentations.map { type(of: $0).schema.name }
  }

  public struct Sheet {
    public let picture: Picture
    /// Pictures of these batches that could not be read.
    public let bad: [BadFile]
  }

  /// A contact sheet: a row of pictures as they are, then batches of the first epoch, which begin with the same ones.
  ///
  /// - Parameters:
  ///   - name: of the recipe.
  ///   - batches: how many, 1 or more.
  ///   - pictures: how many of each batch, at most; 1 or more.
  /// - Throws: `DatasetError.tooManyBadPictures`.
  public func sheet(name: String, batches: Int, pictures: Int) throws -> Sheet {
    let columns = min(8, pictures, settings.batchSize)
    let cache = PixelCache(dataset: dataset, preprocessing: preprocessing)
    let pipeline = BatchPipeline(
      dataset: dataset, indices: dataset.indices(of: .train), preprocessing: preprocessing, settings: settings,
      key: RandomKey(seed: seed), cache: cache)
    defer { pipeline.stop() }
    pipeline.start(epoch: 0)
    var sections: [ContactSheet.Section] = []
    var bad: [BadFile] = []
    while sections.count <= batches, let batch = try pipeline.next() {
      bad += batch.bad
      if sections.isEmpty {
        let cells = batch.sampleIDs.prefix(columns).compactMap { unchanged($0, cache) }
        sections.append(ContactSheet.Section(title: "unchanged", cells: cells))
      }
      let cells = (0..<min(pictures, batch.count)).map { cell(of: $0, in: batch) }
      let title = "epoch 1, batch \(batch.index + 1) of \(pipeline.batchCount), \(batch.count) pictures"
      sections.append(ContactSheet.Section(title: title, cells: cells))
    }
    let names = augmentationNames.isEmpty ? "no augmentation" : augmentationNames.joined(separator: ", ")
    let sheet = ContactSheet(title: "\(name): \(names); seed \(seed)", sections: sections, columns: columns)
    return Sheet(picture: sheet.picture(), bad: bad)
  }

  /// nil when it cannot be read, which the batch has told.
  private func unchanged(_ sample: Int, _ cache: PixelCache) -> ContactSheet.Cell? {
    let pixels = Tensor([preprocessing.count])
    do { try cache.read(sample: sample, into: pixels.pointer) } catch { return nil }
    let picture = Picture(width: preprocessing.width, height: preprocessing.height, rounding: pixels.pointer)
    let label = dataset.samples[sample].label
    return ContactSheet.Cell(picture: picture, caption: label < 0 ? [] : [dataset.classes[label]])
  }

  private func cell(of row: Int, in batch: Batch) -> ContactSheet.Cell {
    let range = preprocessing.range
    let pixels = Tensor([preprocessing.count])
    pixels.pointer.update(from: batch.pixels.pointer + row * preprocessing.count, count: preprocessing.count)
    // What `normalise` did, undone.
    for i in 0..<preprocessing.count { pixels[i] = (pixels[i] - range[0]) * (255 / (range[1] - range[0])) }
    let picture = Picture(width: preprocessing.width, height: preprocessing.height, rounding: pixels.pointer)
    let classes = batch.labels.shape[1]
    let shares = (0..<classes).map { batch.labels[row * classes + $0] }
    return ContactSheet.Cell(picture: picture, caption: TrainingPreview.caption(shares, classes: dataset.classes))
  }

  /// A class's name, or, where several are mixed, a line for each with its share in percent, greatest first.
  package static func caption(_ shares: [Float], classes: [String]) -> [String] {
    let present = shares.indices.filter { shares[$0] >= 0.005 }.sorted { (shares[$1], $0) < (shares[$0], $1) }
    if present.count == 1, shares[present[0]] > 0.995 { return [classes[present[0]]] }
    let lines = present.prefix(3).map { "\(Int((100 * shares[$0]).rounded()))% \(classes[$0])" }
    return present.count > 3 ? lines + ["and \(present.count - 3) more"] : lines
  }
}
