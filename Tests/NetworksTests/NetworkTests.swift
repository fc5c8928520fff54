import Foundation
import Layers
import Networks
import Schemas
import TestSupport
import Tensors
import Testing

@Suite("network")
struct NetworkTests {
  @Test("Table 1 has the paper's shapes and 4,150,830 trainable parameters")
  func tableOne() throws {
    let table = LayerTable(try stainedNetwork(), channelFirst: true)
    #expect(
      table.rows.map(\.shape) == [
        "3x256x256", "16x252x252", "16x252x252", "16x252x252", "16x126x126", "32x122x122", "32x122x122", "32x122x122",
        "32x61x61", "64x57x57", "64x57x57", "64x57x57", "64x28x28", "48x26x26", "48x26x26", "48x26x26", "48x13x13",
        "8112", "8112", "500", "500", "2", "2",
      ])
    #expect(table.trainableCount == 4_150_830)
    #expect(table.totals == "4,150,830 trainable parameters, 320 others (running statistics)")
  }

  @Test("Table 2 has 148,840 features and 74,432,402 trainable parameters")
  func tableTwo() throws {
    let network = try familiesNetwork()
    #expect(try network.node(named: "flatten_1").shape == [148_840])
    #expect(network.trainableCount == 74_432_402)
  }

  @Test("the layer table is aligned text with totals")
  func tableText() throws {
    let network = try sequential(
      [8, 8, 3], [try layer("conv2d", ["filters": .integer(2), "kernel": .integer(3)]), try layer("flatten")])
    #expect(
      LayerTable(network).text == """
        Layer      Type     Shape  Parameters
        input      input    8x8x3           0
        conv2d_1   conv2d   6x6x2          56
        flatten_1  flatten  72              0
        56 trainable parameters
        """)
  }

  @Test("layers are numbered by type, and a given name is kept")
  func names() throws {
    var builder = NetworkBuilder()
    let input = try builder.input([4])
    let a = try builder.add(try layer("relu"), name: "relu_2", inputs: [input])
    let b = try builder.add(try layer("relu"), inputs: [a])
    let c = try builder.add(try layer("relu"), inputs: [b])
    #expect(builder.nodes.map(\.name) == ["input", "relu_2", "relu_1", "relu_3"])
    let error = #expect(throws: NetworkError.self) { try builder.add(try layer("tanh"), name: "relu_3", inputs: [c]) }
    #expect(error?.description == "layer relu_3 (tanh): the name is taken by an earlier layer (relu)")
    #expect(throws: NetworkError.invalidName("")) { try builder.add(try layer("tanh"), name: "", inputs: [c]) }
    #expect(throws: NetworkError.invalidName("a\nb")) { try builder.add(try layer("tanh"), name: "a\nb", inputs: [c]) }
  }

  @Test("a kernel that is larger than its input is refused with both shapes and the layers' names")
  func impossibleShape() throws {
    var builder = NetworkBuilder()
    let input = try builder.input([13, 13, 48])
    let pool = try builder.add(try layer("max_pool"), name: "last_pool", inputs: [input])
    let error = #expect(throws: NetworkError.self) {
      try builder.add(try layer("conv2d", ["filters": .integer(2), "kernel": .integer(15)]), inputs: [pool])
    }
    #expect(
      error?.description
        == "layer conv2d_1 (conv2d), after last_pool (6x6x48): a kernel of 15x15 does not fit into the input of 6x6x48")
    // The refused layer leaves no trace.
    #expect(try builder.add(try layer("relu"), name: "conv2d_1", inputs: [pool]) == 2)
  }

  @Test("an unknown layer is answered with the nearest name")
  func lookup() throws {
    let network = try smallNetwork()
    let error = #expect(throws: NetworkError.self) { try network.node(named: "conv2d1") }
    #expect(error?.description == "the network has no layer 'conv2d1' (did you mean 'conv2d_1'?)")
  }

  @Test("only what the output needs belongs to the network")
  func reachable() throws {
    var builder = NetworkBuilder()
    let input = try builder.input([4])
    let used = try builder.add(try layer("relu"), inputs: [input])
    _ = try builder.add(try layer("linear", ["units": .integer(9)]), inputs: [used])
    let output = try builder.add(try layer("tanh"), inputs: [used])
    let network = try builder.network(output: output)
    #expect(network.nodes.map(\.name) == ["input", "relu_1", "tanh_1"])
    #expect(network.parameterCount == 0)
  }

  @Test("a graph without a layer, or with two inputs, is refused")
  func inputs() throws {
    var builder = NetworkBuilder()
    let first = try builder.input([4])
    let second = try builder.input([4], name: "other")
    #expect(throws: NetworkError.noLayers) { try builder.network(output: first) }
    let sum = try builder.add(try layer("add"), inputs: [first, second])
    #expect(throws: NetworkError.inputs(["input", "other"])) { try builder.network(output: sum) }
    #expect(throws: NetworkError.inputShape([4, 0])) { try builder.input([4, 0], name: "third") }
    #expect(throws: NetworkError.self) { try builder.input([1 << 30, 1 << 30, 3], name: "third") }
  }

  @Test("sizes that no memory holds are refused, and do not trap")
  func tooLarge() throws {
    var builder = NetworkBuilder()
    let input = try builder.input([100_000, 100_000, 3])
    for kernel in [1, 1024] {
      #expect(throws: NetworkError.self) {
        try builder.add(
          try layer(
            "conv2d", ["filters": .integer(65536), "kernel": .integer(kernel), "padding": .string("same")]),
          inputs: [input])
      }
    }
    let flat = try builder.add(try layer("flatten"), inputs: [input])
    #expect(throws: NetworkError.self) {
      try builder.add(try layer("linear", ["units": .integer(16_777_216)]), inputs: [flat])
    }
  }

  @Test("parameters beyond all memory are refused before they are made")
  func parametersTooLarge() throws {
    let layers = try (0..<4096).map { _ in try layer("linear", ["units": .integer(200_000)]) }
    let network = try sequential([200_000], layers)
    #expect(throws: NetworkError.self) { try ParameterSet.requireMemory(for: network) }
  }

  @Test("JSON gives the same network back", arguments: [true, false])
  func codable(isResidual: Bool) throws {
    let network = isResidual ? try residualNetwork() : try stainedNetwork()
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(network)
    let decoded = try JSONDecoder().decode(Network.self, from: data)
    #expect(LayerTable(decoded).text == LayerTable(network).text)
    #expect(decoded.nodes.map(\.inputs) == network.nodes.map(\.inputs))
    #expect(try encoder.encode(decoded) == data)
  }

  private static let input = #""input":{"name":"input","shape":[8,8,3]}"#

  @Test(
    "JSON that describes no network is refused with a reason",
    arguments: [
      (
        #"{\#(input),"layers":[{"name":"a","type":"conv3d","options":{},"inputs":["input"]}],"output":"a"}"#,
        "layer a: there is no layer type 'conv3d' (did you mean 'conv2d'?)"
      ),
      (
        #"{\#(input),"layers":[{"name":"a","type":"relu","options":{},"inputs":["inptu"]}],"output":"a"}"#,
        "layer a: its input 'inptu' is not an earlier layer (did you mean 'input'?)"
      ),
      (
        #"{\#(input),"layers":[{"name":"a","type":"relu","options":{"x":1},"inputs":["input"]}],"output":"a"}"#,
        "layer a: relu: unknown option 'x'"
      ),
      (
        #"{\#(input),"layers":[{"name":"a","type":"relu","options":{},"inputs":[]}],"output":"a"}"#,
        "layer a (relu), after nothing: takes one input, but was given 0"
      ),
      (
        #"{\#(input),"layers":[{"name":"a","type":"relu","options":{},"inputs":["input"]}],"output":"b"}"#,
        "the network has no layer 'b' (did you mean 'a'?)"
      ),
      (#"{"input":{"name":"input","shape":[-8]},"layers":[],"output":"input"}"#, nil),
      (#"{\#(input),"layers":[],"output":"input"}"#, "the network has no layers: its output is its input"),
    ] as [(String, String?)])
  func badJSON(json: String, message: String?) throws {
    let error = #expect(throws: NetworkError.self) {
      try JSONDecoder().decode(Network.self, from: Data(json.utf8))
    }
    if let message { #expect(error?.description == message) }
  }

  @Test("a new layer changes no other layer's initial parameters")
  func initialisation() throws {
    let key = RandomKey(seed: 3)
    let plain = ParameterSet(network: try sequential([4], [try layer("linear", ["units": .integer(3)])]), key: key)
    let longer = ParameterSet(
      network: try sequential(
        [4], [try layer("linear", ["units": .integer(3)]), try layer("linear", ["units": .integer(5)])]), key: key)
    #expect(plain["linear_1.kernel"]?.values == longer["linear_1.kernel"]?.values)
    #expect(longer["linear_1.kernel"]?.values.prefix(3) != longer["linear_2.kernel"]?.values.prefix(3))
    #expect(plain["linear_2.kernel"] == nil)
  }

  @Test("the L2 loss is the sum of squares times the factor, frozen layers included")
  func l2Loss() throws {
    let parameters = ParameterSet(network: try residualNetwork(), key: RandomKey(seed: 1))
    try parameters.setFrozen(true, layer: "stem")
    let expected = ["stem.kernel", "conv2d_1.kernel"].reduce(0.0) { sum, name in
      sum + 0.01 * (parameters[name]?.values.reduce(0.0) { $0 + Double($1) * Double($1) } ?? .nan)
    }
    #expect(abs(parameters.l2Loss() - expected) < 1e-6 * expected)
    let error = #expect(throws: NetworkError.self) { try parameters.setFrozen(true, layer: "sten") }
    #expect(error?.description == "the network has no layer 'sten' (did you mean 'stem'?)")
  }

  @Test("the summary of Table 1 adds up")
  func summary() throws {
    let network = try stainedNetwork()
    let summary = try PlanSummary(network: network, batch: 32, workerCount: 2)
    #expect(summary.parameterBytes == 4 * (4_150_830 + 320))
    #expect(summary.optimizerBytes == 8 * 4_150_830)
    #expect(summary.forwardFlops == network.flops)
    // The convolutions alone: 2 x taps x filters x positions.
    #expect((901_000_000...950_000_000).contains(summary.forwardFlops))
    #expect(summary.trainingArenaBytes < 300_000_000)
    #expect(summary.inferenceArenaBytes < summary.trainingArenaBytes)
    #expect(summary.text.contains("Operations  0.92 GFLOP a picture forward, 2.76 GFLOP in training"))
    #expect(summary.text.contains("Disk        17 MB a model, 50 MB a checkpoint"))
  }
}
