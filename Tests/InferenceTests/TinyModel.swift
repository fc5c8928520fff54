import Foundation
import Images
import Layers
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport

/// A model that tells pictures by their colour: the logit of class c is 4 (or `weight`) times the mean of channel c.
enum TinyModel {
  static let side = 8

  static func make(classes: [String] = ["red", "green", "blue"], weight: Float = 4) throws -> Model {
    var builder = NetworkBuilder()
    let input = try builder.input([side, side, 3])
    let pooled = try builder.add(try LayerRegistry.layer(named: "global_average_pool"), inputs: [input])
    let linear = try LayerRegistry.layer(
      named: "linear", options: ["units": .integer(classes.count), "bias": .boolean(false)])
    let output = try builder.add(linear, name: "fc", inputs: [pooled])
    let network = try builder.network(output: output)
    let parameters = ParameterSet(network: network) { _, spec in
      Tensor(spec.shape, (0..<spec.shape.count).map { $0 / classes.count == $0 % classes.count ? weight : 0 })
    }
    return try Model(
      name: "colours", network: network, parameters: parameters, classes: classes,
      preprocessing: Preprocessing(height: side, width: side))
  }

  /// A picture of one colour.
  static func write(_ colour: (red: UInt8, green: UInt8, blue: UInt8), to path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try PictureEncoder.png(Picture(width: 12, height: 9, colour: colour)).write(to: URL(fileURLWithPath: path))
  }
}
