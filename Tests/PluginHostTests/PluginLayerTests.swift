import Foundation
import Layers
import Networks
import PluginHost
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("Layers of plugins")
struct PluginLayerTests {
  @Test("a layer is registered with its schema and origin")
  func registered() throws {
    let library = try TestLayersPlugin.library()
    let kind = try #require(LayerRegistry.kind(named: "test_affine"))
    #expect(kind.origin == LayerOrigin(plugin: "test_layers", version: "1.2.3"))
    #expect(kind.schema.options.map(\.name) == ["initial", "offset"])
    #expect(library.layers.count == 10 && library.kinds == ["layer", "override"])
    #expect(throws: OptionError.self) { try TestLayersPlugin.layer("test_affine", ["initial": .number(11)]) }
    #expect(throws: OptionError.self) { try TestLayersPlugin.layer("test_affine", ["initail": .number(1)]) }
  }

  @Test("parameters are as the plugin plans them: options, initialisers, weight decay")
  func parameters() throws {
    let layer = try TestLayersPlugin.layer("test_affine", ["initial": .number(2)])
    let signature = try layer.signature(for: [[3, 3, 5]])
    #expect(signature.outputShape == [3, 3, 5] && signature.flops == 90)
    #expect(signature.parameters.map(\.name) == ["factor", "offset"])
    #expect(signature.parameters.map(\.shape) == [[5], [5]])
    #expect(signature.parameters.map(\.initializer) == [.constant(2), .constant(0)])
    #expect(signature.parameters.map(\.decays) == [false, true])
    #expect(try layer.signature(for: [[3, 3, 5]]).parameters.allSatisfy { $0.isTrainable })
    let packed = try TestLayersPlugin.layer("test_packed").signature(for: [[4]])
    #expect(packed.parameters[0].initializer == .heNormal && packed.parameters[0].fanIn == 8)
  }

  @Test("gradients agree with finite differences, with one worker and three", arguments: [1, 3])
  func gradients(workers: Int) throws {
    for (name, count) in [("test_affine", 12), ("test_packed", 12), ("test_sum", 12), ("test_copy", 12)] {
      let shapes: [Shape] = Array(repeating: [2, 2, 3], count: name == "test_sum" ? 3 : 1)
      try checkGradients(
        layer: TestLayersPlugin.layer(name), inputShapes: shapes,
        inputs: shapes.indices.map { randomValues(2 * count, seed: 3 + $0) },
        parameters: name == "test_affine"
          ? [randomValues(3, seed: 8), randomValues(3, seed: 9)]
          : name == "test_packed" ? [randomValues(12, seed: 8)] : [], batch: 2)
    }
  }

  @Test("results do not depend on the number of workers, and a smaller last batch gives the same")
  func workers() throws {
    let layer = try TestLayersPlugin.layer("test_affine")
    let input = randomValues(4 * 12, seed: 1)
    let results = try [1, 2, 3].map { workers in
      try OperationRunner(layer, inputShapes: [[2, 2, 3]], maximumBatch: 4, workerCount: workers).run(
        inputs: [input], parameters: [[1, 2, 3], [0, 1, 0]], outputGradient: input)
    }
    for result in results.dropFirst() {
      expectSameBits(result.output, results[0].output)
      expectSameBits(result.parameterGradients[0], results[0].parameterGradients[0])
    }
    let part = try OperationRunner(layer, inputShapes: [[2, 2, 3]], maximumBatch: 4).run(
      inputs: [Array(input.prefix(12))], parameters: [[1, 2, 3], [0, 1, 0]], batch: 1)
    expectSameBits(part.output, Array(results[0].output.prefix(12)))
  }

  @Test("in-place and out-of-place calls give the same", arguments: [OperationRunner.Aliasing.forward, .backward])
  func inPlace(aliasing: OperationRunner.Aliasing) throws {
    let runner = try OperationRunner(
      TestLayersPlugin.layer("test_packed"), inputShapes: [[5]], maximumBatch: 3)
    let input = randomValues(15, seed: 4)
    func run(_ aliasing: OperationRunner.Aliasing) -> OperationRunner.Result {
      runner.run(
        inputs: [input], parameters: [[1, 2, 3, 4, 5]], outputGradient: randomValues(15, seed: 5), aliasing: aliasing)
    }
    let (plain, aliased) = (run(.none), run(aliasing))
    expectSameBits(aliased.output, plain.output)
    expectSameBits(aliased.inputGradients[0], plain.inputGradients[0])
    expectSameBits(aliased.parameterGradients[0], plain.parameterGradients[0])
  }

  @Test("random layers draw from key and sample while training, and not otherwise")
  func random() throws {
    let layer = try TestLayersPlugin.layer("test_noise")
    let runner = try OperationRunner(layer, inputShapes: [[2]], maximumBatch: 2)
    let zeros = [Float](repeating: 0, count: 4)
    let a = runner.run(inputs: [zeros], samples: [7, 9]).output
    let b = runner.run(inputs: [zeros], samples: [9, 7]).output
    #expect(a[0] == b[2] && a[2] == b[0] && a[0] != a[2] && a[0] != 0)
    #expect(runner.run(inputs: [zeros], randomKey: RandomKey(seed: 2), samples: [7, 9]).output[0] != a[0])
    let inference = try OperationRunner(layer, inputShapes: [[2]], maximumBatch: 2, isTraining: false)
    #expect(inference.run(inputs: [zeros]).output == zeros)
  }

  @Test("the number of inputs is checked before the plugin is asked")
  func inputs() throws {
    #expect(throws: LayerError.inputCount(expected: "2 to 3 inputs", found: 1)) {
      try TestLayersPlugin.layer("test_sum").signature(for: [[2]])
    }
    #expect(throws: LayerError.inputCount(expected: "one input", found: 2)) {
      try TestLayersPlugin.layer("test_copy").signature(for: [[2], [2]])
    }
    #expect(throws: LayerError.refused(plugin: "test_layers", reason: "its inputs have different sizes")) {
      try TestLayersPlugin.layer("test_sum").signature(for: [[2], [3]])
    }
  }

  static let lies: [(String, String)] = [
    ("rank", "its output shape of 9 axes cannot be"), ("extent", "its output shape [0] cannot be"),
    ("overflow", "cannot be"), ("count", "it has 33 parameters, but a layer can have 32"),
    ("name", "the name of its parameter 2 must"), ("no end", "the name of its parameter 2 must"),
    ("twice", "it has two parameters 'weight_0'"), ("shape", "of its parameter 'weight_0' cannot be"),
    ("initializer", "the initializer 17 of its parameter 'weight_0' is none"),
    ("fans", "the fans of its parameter 'weight_0' are 0 and 0"),
    ("value", "initial_value of its parameter 'weight_0' is nan"), ("l2", "l2 of its parameter 'weight_0' is -1.0"),
    ("saved", "its saved_bytes = 18446744073709551615 cannot be"),
    ("workspace", "its workspace_bytes = 18446744073709551612 cannot be"),
    ("persistent", "its persistent_bytes = 1152921504606846976 cannot be"),
    ("identity", "it says that its output is its input, but 5 is not 4"),
  ]

  @Test("a plan that cannot be is refused with a sentence", arguments: lies)
  func lying(about: String, sentence: String) throws {
    do {
      _ = try TestLayersPlugin.network(4, [("test_lying", ["about": .string(about)])])
      Issue.record("it was believed")
    } catch {
      #expect("\(error)".contains(sentence), "\(error)")
      #expect(
        "\(error)".contains("layer test_lying_1 (test_lying), after input (4): the plugin 'test_layers' is faulty"))
    }
  }

  @Test("parameters that depend on the batch are found when the plan is made")
  func dependsOnBatch() throws {
    let network = try TestLayersPlugin.network(4, [("test_lying", ["about": .string("batch")])])
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    do {
      _ = try InferencePlan(network: network, parameters: parameters, batch: 2, pool: .shared(workerCount: 1))
      Issue.record("it was believed")
    } catch {
      #expect("\(error)".contains("depend on something else than input shapes and options"), "\(error)")
    }
  }

  @Test("a network with such layers comes back from JSON")
  func json() throws {
    let network = try TestLayersPlugin.network(
      4, [("test_affine", ["initial": .number(3), "offset": .boolean(false)]), ("linear", ["units": .integer(2)])])
    let data = try JSONEncoder().encode(network)
    let back = try JSONDecoder().decode(Network.self, from: data)
    #expect(back.nodes.map(\.typeName) == ["input", "test_affine", "linear"])
    #expect(back.nodes[1].layer?.options == network.nodes[1].layer?.options)
    #expect(back.origins == [LayerOrigin(plugin: "test_layers", version: "1.2.3")])
    #expect(LayerTable(network).text.contains("test_affine_1  test_affine"))
  }
}
