import Datasets
import Foundation
import Images
import Layers
import Reports
import Tensors
import TestSupport
import Testing
import Training

@Suite("The preview of a training") struct TrainingPreviewTests {
  private let folder: TemporaryFolder

  /// Eight pictures in two classes, each of one colour of its own, and one file that is no picture.
  init() throws {
    folder = try TemporaryFolder()
    for number in 0..<8 {
      let directory = folder.file(number < 4 ? "ash" : "oak")
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      let picture = Picture(width: 16, height: 16, colour: (UInt8(10 * number), UInt8(200 - 10 * number), 40))
      try PictureEncoder.png(picture).write(to: URL(fileURLWithPath: "\(directory)/\(number).png"))
    }
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder.file("ash/9.png")))
  }

  private func dataset(split: Split? = .train) throws -> Dataset {
    let read = try FolderSource(path: folder.path).read()
    if split == nil { return read }
    return read.partitioned(try SplitFractions(train: 1, validation: 0, test: 0), key: RandomKey(seed: 1))
  }

  private func preview(
    _ augmentations: [String], mixing: [String] = [], size: Int = 16, batch: Int = 4, split: Split? = .train
  ) throws -> TrainingPreview {
    var settings = TrainingSettings(
      loss: try LossRegistry.loss(named: "ce"), optimizer: try OptimizerRegistry.optimizer(named: "adam"))
    settings.batchSize = batch
    settings.order = .sequential
    settings.augmentations = try augmentations.map {
      try AugmentationRegistry.augmentation(named: $0, options: ["probability": .number(1)])
    }
    settings.batchAugmentations = try mixing.map { try AugmentationRegistry.batchAugmentation(named: $0) }
    return try TrainingPreview(
      dataset: try dataset(split: split), preprocessing: Preprocessing(height: size, width: size, range: [-1, 1]),
      settings: settings, threads: 2)
  }

  @Test("the first row shows the pictures as they are, the batches show them changed, with captions below")
  func rows() throws {
    let sheet = try preview(["invert"]).sheet(name: "test", batches: 2, pictures: 4)
    // Cells of 128, 8 between; below the title a heading, then 128, a line of caption, and the next heading.
    #expect(sheet.picture.width == 8 + 4 * 136 && sheet.picture.height == 30 + 3 * (15 + 150))
    for (place, number) in [0, 1, 2, 3].enumerated() {
      let x = 8 + 136 * place + 64
      let plain = sheet.picture[x, 45 + 64]
      let changed = sheet.picture[x, 45 + 150 + 15 + 64]
      #expect(plain == (UInt8(10 * number), UInt8(200 - 10 * number), 40))
      #expect(changed == (UInt8(255 - 10 * number), UInt8(55 + 10 * number), 215))
    }
    // Of the second batch one file is bad: its place stays white.
    let last = sheet.picture[8 + 136 * 3 + 64, 45 + 2 * 165 + 64]
    #expect(last == (255, 255, 255))
    #expect(sheet.bad.map(\.status) == ["not_an_image"])
    let ink = (0..<sheet.picture.width).count { x in (173..<184).contains { sheet.picture[x, $0].red == 32 } }
    #expect(ink > 20)
  }

  @Test("mixed batches, more pictures and batches than there are, and large pictures make a sheet too")
  func shapes() throws {
    let mixed = try preview([], mixing: ["mixup", "remix"], batch: 9).sheet(name: "mixed", batches: 16, pictures: 64)
    #expect(mixed.picture.width == 8 + 8 * 136)
    let large = try preview(["gaussian_blur"], size: 600, batch: 2).sheet(name: "large", batches: 1, pictures: 2)
    #expect(large.picture.width == 8 + 2 * (256 + 8))
    let single = try preview([], batch: 1).sheet(name: "a name that is longer than the sheet", batches: 1, pictures: 1)
    #expect(single.picture.width == 8 + 136)
  }

  @Test("without training pictures there is nothing to show")
  func empty() throws {
    #expect(throws: TrainingError.emptySplit(split: "train", neededFor: "a preview")) {
      try preview([], split: nil)
    }
  }

  @Test("captions name the class, or the share of each in percent")
  func captions() {
    let classes = ["ash", "elm", "oak", "yew"]
    func caption(_ shares: [Float]) -> [String] { TrainingPreview.caption(shares, classes: classes) }
    #expect(caption([0, 0, 1, 0]) == ["oak"])
    #expect(caption([0.366, 0, 0.634, 0]) == ["63% oak", "37% ash"])
    #expect(caption([0.25, 0.25, 0.25, 0.25]) == ["25% ash", "25% elm", "25% oak", "and 1 more"])
    #expect(caption([0.001, 0, 0.999, 0]) == ["oak"])
    #expect(caption([0, 0, 0, 0]) == [])
  }
}
