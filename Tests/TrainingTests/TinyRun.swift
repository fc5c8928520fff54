import Datasets
import Foundation
import Images
import Layers
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport
import Training

/// A small picture set on disk, a small network, and what is needed to train the one with the other.
final class TinyRun {
  let folder: TemporaryFolder
  let dataset: Dataset

  static let side = 10

  /// - Parameters:
  ///   - perClass: pictures of each class: bright bars that lie, stand or (third class) fill, on noise.
  ///   - broken: so many pictures of the first class are cut short.
  init(classes: Int = 2, perClass: Int = 14, broken: Int = 0) throws {
    folder = try TemporaryFolder()
    var stream = RandomStream(RandomKey(seed: 5))
    for label in 0..<classes {
      let path = folder.file("data/\(["lying", "standing", "filled"][label])")
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for index in 0..<perClass {
        var bytes = try PictureEncoder.png(TinyRun.picture(label, &stream))
        if label == 0, index < broken { bytes = bytes.prefix(bytes.count / 2) }
        try bytes.write(to: URL(fileURLWithPath: "\(path)/\(index).png"))
      }
    }
    let fractions = try SplitFractions(train: 0.6, validation: 0.2, test: 0.2)
    dataset = try FolderSource(path: folder.file("data")).read()
      .partitioned(fractions, key: RandomKey(seed: 1))
  }

  static func picture(_ label: Int, _ stream: inout RandomStream) -> Picture {
    var pixels = [UInt8](repeating: 0, count: side * side * 3)
    let place = 2 + stream.integer(below: side - 4)
    for y in 0..<side {
      for x in 0..<side {
        let isBar = label == 0 ? abs(y - place) < 2 : label == 1 ? abs(x - place) < 2 : true
        for channel in 0..<3 {
          pixels[(y * side + x) * 3 + channel] = UInt8((isBar ? 150 : 30) + stream.integer(below: 60))
        }
      }
    }
    return Picture(width: side, height: side, pixels: pixels)
  }

  /// Convolution, batch norm, relu, pooling, dropout, linear.
  func model(seed: Int = 1, filters: Int = 4, l2: Double = 0) throws -> Model {
    var builder = NetworkBuilder()
    var node = try builder.input([TinyRun.side, TinyRun.side, 3])
    func add(_ name: String, _ options: [String: OptionValue] = [:]) throws {
      node = try builder.add(try LayerRegistry.layer(named: name, options: options), inputs: [node])
    }
    try add("conv2d", ["filters": .integer(filters), "kernel": .integer(3), "l2": .number(l2)])
    try add("batch_norm", ["momentum": .number(0.8)])
    try add("relu")
    try add("max_pool")
    try add("flatten")
    try add("dropout", ["rate": .number(0.2)])
    try add("linear", ["units": .integer(dataset.classes.count)])
    let network = try builder.network(output: node)
    return try Model(
      name: "tiny", network: network, parameters: ParameterSet(network: network, key: RandomKey(seed: seed)),
      classes: dataset.classes, preprocessing: Preprocessing(height: TinyRun.side, width: TinyRun.side))
  }

  func settings(epochs: Int = 2, optimizer: String = "adam", rate: Double = 0.02) throws -> TrainingSettings {
    var settings = TrainingSettings(
      loss: try LossRegistry.loss(named: "ce"),
      optimizer: try OptimizerRegistry.optimizer(named: optimizer, options: ["learning_rate": .number(rate)]))
    settings.epochs = epochs
    settings.batchSize = 4
    settings.checkpointSeconds = nil
    return settings
  }

  func trainer(
    _ settings: TrainingSettings, in name: String, model: Model? = nil, threads: Int = 1,
    delegate: (any TrainerDelegate)? = nil, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> Trainer {
    Trainer(
      model: try model ?? self.model(), dataset: dataset, settings: settings, folder: folder.file(name),
      pool: WorkerPool(workerCount: threads), delegate: delegate, shouldStop: shouldStop)
  }
}

extension ParameterSet {
  /// All numbers, one after another.
  var allValues: [Float] { entries.flatMap { $0.tensor.values } }
}
