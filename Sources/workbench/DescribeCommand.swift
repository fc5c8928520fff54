import ArgumentParser
import Foundation
import Layers
import ModelFiles
import Networks

struct DescribeCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Print what a model file holds: layers, classes, preprocessing, origin.")

  @OptionGroup var source: ModelArguments

  @Flag(help: "Print shapes as channels x height x width, as the 2017 paper does.")
  var channelFirst = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var plugins: PluginArguments

  func run() throws {
    try reportingFailures {
      let description = try ModelDescription(path: source.model, importing: source.options)
      let table = LayerTable(description.network, channelFirst: channelFirst)
      StandardStream.output.write(
        try json ? DescribeCommand.json(description, table) : DescribeCommand.text(description, table))
    }
  }

  private static func text(_ model: ModelDescription, _ table: LayerTable) throws -> String {
    var text = "\(model.name)\n\n\(table.text)\n\n"
    let note = model.hasClassNames ? "" : " (without names: see workbench convert --labels)"
    text += "Classes: \(model.classes.joined(separator: ", "))\(note)\n"
    text += "Forward pass: \(flops(model.network.flops)) a picture\n"
    text += "Preprocessing: \(try compact(model.preprocessing))\n"
    let plugins = model.network.origins.map { "\($0.plugin) \($0.version)" }
    if !plugins.isEmpty { text += "Plugins: \(plugins.joined(separator: ", "))\n" }
    if !model.provenance.isEmpty {
      text += "\nWhere it comes from:\n"
      let width = model.provenance.keys.map(\.count).max() ?? 0
      for (name, value) in model.provenance.sorted(by: { $0.key < $1.key }) {
        text += "  \(name)\(String(repeating: " ", count: width - name.count))  \(value)\n"
      }
    }
    return text
  }

  /// `0.916 GFLOP`, `12.4 MFLOP`, `3.1 kFLOP`
  private static func flops(_ count: Int) -> String {
    switch Double(count) {
    case 1e8...: String(format: "%.3f GFLOP", Double(count) / 1e9)
    case 1e5...: String(format: "%.1f MFLOP", Double(count) / 1e6)
    default: String(format: "%.1f kFLOP", Double(count) / 1e3)
    }
  }

  private static func compact(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private static func json(_ model: ModelDescription, _ table: LayerTable) throws -> String {
    struct Layer: Encodable {
      let layer: String
      let type: String
      let shape: String
      let parameters: Int
    }
    struct Description<Preprocessing: Encodable>: Encodable {
      let name: String
      let layers: [Layer]
      let parameters: Int
      let trainable: Int
      let flops: Int
      let classes: [String]
      let preprocessing: Preprocessing
      let plugins: [LayerOrigin]
      let provenance: [String: String]
    }
    return try JSON.line(
      Description(
        name: model.name,
        layers: table.rows.map { Layer(layer: $0.layer, type: $0.type, shape: $0.shape, parameters: $0.parameters) },
        parameters: table.parameterCount, trainable: table.trainableCount, flops: model.network.flops,
        classes: model.classes, preprocessing: model.preprocessing, plugins: model.network.origins,
        provenance: model.provenance))
  }
}
