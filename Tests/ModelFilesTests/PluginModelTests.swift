import Foundation
import Images
import Layers
import ModelFiles
import Networks
import PluginHost
import Schemas
import Synchronization
import TestSupport
import Tensors
import Testing

@Suite("model files with layers of plugins")
struct PluginModelTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool.shared(workerCount: 1)

  /// What the host has told the user. The host is one for the process, as are these.
  private static let notes = Mutex<[String]>([])
  private static let listening: Void = HostTable.setNote { line in notes.withLock { $0.append(line) } }

  init() throws { folder = try TemporaryFolder() }

  private func model(_ layer: any Layer) throws -> Model {
    var builder = NetworkBuilder()
    var node = try builder.add(layer, name: "special", inputs: [try builder.input([4, 4, 3])])
    for (type, options) in [("flatten", [:]), ("linear", ["units": OptionValue.integer(2)])] {
      node = try builder.add(LayerRegistry.layer(named: type, options: options), inputs: [node])
    }
    let network = try builder.network(output: node)
    return try Model(
      name: "plugged", network: network, parameters: ParameterSet(network: network, key: RandomKey(seed: 1)),
      classes: ["a", "b"],
      preprocessing: Preprocessing(
        height: 4, width: 4, decoder: .accurate, dctScaling: true, resize: .area, fit: .stretch,
        padColour: [1, 2, 3], rounded: true, range: [-1, 1]))
  }

  private func affine(version: String? = nil) throws -> any Layer {
    let library = try PluginHost.shared.load(file: BuiltPlugin.path("test_layers"))
    let type = try #require(library.layers.first { $0.name == "test_affine" })
    return PluginLayer(
      type, origin: LayerOrigin(plugin: library.id, version: version ?? library.version),
      options: try Options(["initial": .number(3)], schema: type.schema))
  }

  @Test("a model is saved and loaded with its plugin's layer, options and numbers")
  func roundTrip() throws {
    let path = folder.file("a.safetensors")
    let model = try model(affine())
    try model.save(to: path, pool: pool)
    let back = try Model.load(from: path, pool: pool)
    #expect(back.network.origins == [LayerOrigin(plugin: "test_layers", version: "1.2.3")])
    #expect(back.parameters["special.factor"]?.values == [3, 3, 3])
    #expect(try ModelDescription(path: path).network.nodes[1].layer?.options["initial"] == .number(3))
  }

  @Test("a plugin that is missing is named with version, layer and where it was looked for")
  func missing() throws {
    let path = folder.file("b.safetensors")
    try model(StrangerLayer()).save(to: path, pool: pool)
    do {
      _ = try Model.load(from: path, pool: pool)
      Issue.record("loaded")
    } catch {
      let start =
        "\(path): its layer special (stranger_layer) needs the plugin 'stranger_plugin' (version 2.1.0): there is no "
        + "plugin 'stranger_plugin'; looked for stranger_plugin.so and libstranger_plugin.so in\n  "
      #expect("\(error)".hasPrefix(start), "\(error)")
    }
    #expect(throws: ModelFileError.self) { try ModelDescription(path: path) }
  }

  @Test(
    "another version is noted, another major version with a warning",
    arguments: [("1.0.0", false), ("0.9.0", true)])
  func version(version: String, isMajor: Bool) throws {
    let path = folder.file("c-\(version).safetensors")
    try model(affine(version: version)).save(to: path, pool: pool)
    Self.listening
    _ = try ModelDescription(path: path)
    let own = Self.notes.withLock { $0.filter { $0.hasPrefix(path) } }
    #expect(
      own == [
        "\(path): was made with version \(version) of the plugin 'test_layers', this is version 1.2.3"
          + (isMajor ? "; the major version differs, so that it may compute something else" : "")
      ])
  }

  @Test("a file cannot have a library loaded by its path", arguments: ["../evil", "/tmp/evil", "evil.so", ""])
  func path(plugin: String) throws {
    let path = folder.file("e.safetensors")
    try model(StrangerLayer(plugin: plugin)).save(to: path, pool: pool)
    do {
      _ = try ModelDescription(path: path)
      Issue.record("loaded")
    } catch {
      #expect("\(error)".contains("'\(plugin)' cannot be the name of a plugin"), "\(error)")
    }
  }

  @Test("Keras has no such layer: the refusal names it, and writes nothing")
  func keras() throws {
    let path = folder.file("d.keras")
    do {
      try model(affine()).save(to: path, pool: pool)
      Issue.record("written")
    } catch {
      #expect("\(error)".contains("special") && "\(error)".contains("test_affine"), "\(error)")
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}

/// A layer of a plugin that no computer has.
private struct StrangerLayer: Layer {
  let schema = Schema("stranger_layer", help: "the input")
  let options: Options
  let origin: LayerOrigin?

  init(plugin: String = "stranger_plugin") throws {
    origin = LayerOrigin(plugin: plugin, version: "2.1.0")
    options = try Options([:], schema: schema)
  }

  func signature(for inputs: [Shape]) throws -> LayerSignature { LayerSignature(outputShape: inputs[0]) }
  func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool { true }

  func makeOperation(_ request: OperationRequest) throws(OperationError) -> any Layers.Operation {
    throw OperationError(plugin: "stranger_plugin", call: "plan", reason: "nobody calls it")
  }
}
