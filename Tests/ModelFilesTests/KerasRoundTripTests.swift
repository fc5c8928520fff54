import Foundation
import Layers
import ModelFiles
import Networks
import Schemas
import TestSupport
import Tensors
import Testing

@Suite("networks to Keras and back")
struct KerasRoundTripTests {
  private let sample: KerasSample

  init() throws { sample = try KerasSample() }

  private typealias Entry = (name: String, type: String, options: [String: OptionValue], inputs: [String])

  private func network(_ entries: [Entry], input: Shape = [12, 14, 3]) throws -> Network {
    var builder = NetworkBuilder()
    var last = try builder.input(input, name: "input")
    for entry in entries {
      let inputs = entry.inputs.compactMap { builder.node(named: $0)?.id }
      last = try builder.add(
        LayerRegistry.layer(named: entry.type, options: entry.options), name: entry.name,
        inputs: inputs.isEmpty ? [last] : inputs)
    }
    return try builder.network(output: last)
  }

  private let pair: [OptionValue] = [.integer(3), .integer(2)]

  /// Every layer that Keras has, and branches whose order Keras decides by itself.
  private func everything() throws -> Network {
    try network([
      ("rescale", "rescale", ["scale": .number(1 / 127.5), "offset": .number(-1)], []),
      ("crop", "random_crop", ["height": .integer(11), "width": .integer(12)], []),
      ("centre", "center_crop", ["height": .integer(10), "width": .integer(12)], []),
      (
        "stem", "conv2d",
        [
          "filters": .integer(8), "kernel": .list(pair), "padding": .string("same"), "l2": .number(1e-4),
          "initializer": .string("he_normal"),
        ], []
      ),
      ("norm", "batch_norm", ["momentum": .number(0.9), "epsilon": .number(1e-2)], []),
      ("relu", "relu", [:], []),
      ("pool", "max_pool", ["window": .integer(3), "stride": .integer(2), "padding": .string("same")], []),
      ("first", "conv2d", ["filters": .integer(8), "kernel": .integer(1), "activation": .string("gelu")], ["pool"]),
      (
        "second", "conv2d",
        ["filters": .integer(8), "kernel": .integer(3), "padding": .string("same"), "groups": .integer(2)], ["pool"]
      ),
      (
        "deep", "depthwise_conv2d",
        ["kernel": .integer(5), "padding": .string("same"), "bias": .boolean(false), "l2": .number(0.5)], ["second"]
      ),
      ("layerNorm", "layer_norm", ["epsilon": .number(1e-5), "center": .boolean(false)], []),
      ("scale", "layer_scale", ["initial": .number(0.5)], []),
      ("noise", "gaussian_noise", ["deviation": .number(0.2)], []),
      ("depth", "stochastic_depth", ["rate": .number(0.25)], []),
      ("sum", "add", [:], ["depth", "first", "pool"]),
      ("mean", "global_average_pool", [:], ["sum"]),
      ("squeeze", "linear", ["units": .integer(2), "bias": .boolean(false), "activation": .string("swish")], []),
      ("excite", "linear", ["units": .integer(8), "activation": .string("sigmoid")], []),
      ("weighed", "multiply", [:], ["sum", "excite"]),
      ("average", "average_pool", ["window": .integer(2)], []),
      ("tanh", "tanh", [:], []), ("selu", "selu", [:], []), ("elu", "elu", [:], []), ("swish", "swish", [:], []),
      ("gelu", "gelu", [:], []), ("sigmoid", "sigmoid", [:], []),
      ("flat", "flatten", [:], []), ("drop", "dropout", ["rate": .number(0.1)], []),
      ("out", "linear", ["units": .integer(4), "initializer": .number(0.125), "l2": .number(0.25)], []),
      ("probabilities", "softmax", [:], []),
    ])
  }

  @Test("every layer that Keras has comes back with name, options, feeds and the same bits")
  func everyLayer() throws {
    let model = try KerasSample.model(everything(), classes: ["a", "b", "c", "d"])
    let path = sample.folder.file("a.keras")
    try model.save(to: path, pool: sample.pool)
    let loaded = try Model.load(from: path, pool: sample.pool)
    expectSameModel(loaded, model)
    for (found, expected) in zip(loaded.network.nodes, model.network.nodes) where expected.layer != nil {
      // What Keras has no default for is written out.
      let written = expected.layer?.options.values.filter { !isSame(found.layer?.options[$0.key], $0.value) }
      #expect(written == [:], "\(expected.name)")
    }
    let pixels = randomValues(3 * 12 * 14 * 3, seed: 9, 0, 255)
    let logits = try [loaded, model].map { try allLogits($0, pixels: pixels, count: 3, pool: sample.pool) }
    expectSameBits(logits[0], logits[1])
    #expect(Set(logits[0]).count == 12)
  }

  @Test("what Keras has no counterpart of is refused by layer and type, and no file is left")
  func notWritable() throws {
    let cases: [(Entry, String)] = [
      (
        ("se", "squeeze_excite", ["ratio": .integer(3)], []),
        "layer se (squeeze_excite) cannot go into a .keras file: Keras has no such layer"
      ),
      (
        ("g", "gelu", ["approximate": .boolean(true)], []),
        "layer g (gelu) cannot go into a .keras file: Keras names the exact gelu only, not its tanh form"
      ),
      (
        ("a/b", "relu", [:], []),
        "layer a/b (relu) cannot go into a .keras file: Keras' names are of letters, digits, '.', '_' and '-', and "
          + "begin with a letter, a digit or '.'"
      ),
      (("_x", "relu", [:], []), "layer _x (relu) cannot go into a .keras file: Keras' names are of letters"),
    ]
    for (entry, expected) in cases {
      let network = try network([entry, ("gap", "global_average_pool", [:], [])])
      let path = sample.folder.file("a.keras")
      do {
        try KerasSample.model(network).save(to: path, pool: sample.pool)
        Issue.record("\(entry.name) was written")
      } catch {
        #expect("\(error)".hasPrefix("\(path): \(expected)"), "\(error)")
      }
      #expect(sample.folder.names == [])
    }
  }

  @Test("numbers that are not finite are not written")
  func notFinite() throws {
    let model = try sample.model()
    model.parameters["conv.bias"]?[1] = .nan
    #expect(throws: ModelFileError.notFinite(model: "/nowhere.keras", what: "conv.bias")) {
      try model.save(to: "/nowhere.keras", pool: sample.pool)
    }
  }

  @Test("threads may read and write at once")
  func threads() throws {
    let model = try sample.model()
    let paths = (0..<8).map { sample.folder.file("\($0).keras") }
    let failures = (0..<8).map { _ in StopFlag() }
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      do {
        let path = paths[index]
        try model.saveKeras(to: path)
        let loaded = try Model.load(from: path)
        if loaded.parameters.entries[0].tensor.values != model.parameters.entries[0].tensor.values {
          failures[index].set()
        }
      } catch {
        failures[index].set()
      }
    }
    #expect(failures.allSatisfy { !$0.isSet })
  }
}

/// Foundation's JSON reader may miss the last bit of a double; layers compute in float32.
private func isSame(_ found: OptionValue?, _ expected: OptionValue) -> Bool {
  if case .number(let a)? = found, case .number(let b) = expected { return Float(a) == Float(b) }
  return found == expected
}
