import Layers
import Networks
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("numbers of one network for another")
struct WeightCopyTests {
  private func parameters(_ network: Network, seed: Int) -> ParameterSet {
    ParameterSet(network: network, key: RandomKey(seed: seed))
  }

  @Test("layers of the same name, kind and shapes are copied, the others named with the reason")
  func reasons() throws {
    let source = try smallConvNeXt()
    var builder = NetworkBuilder()
    func add(_ type: String, _ name: String, _ x: Int, _ options: [String: OptionValue] = [:]) throws -> Int {
      try builder.add(layer(type, options), name: name, inputs: [x])
    }
    let conv: [String: OptionValue] = ["filters": .integer(8), "kernel": .integer(4), "stride": .integer(4)]
    var x = try add("conv2d", "stem", try builder.input([16, 16, 3]), conv)
    x = try add("batch_norm", "stem_norm", x)
    x = try add("depthwise_conv2d", "a_depthwise", x, ["kernel": .integer(3), "padding": .string("same")])
    x = try add("layer_norm", "a_norm", x)
    x = try add("conv2d", "a_expand", x, ["filters": .integer(16), "kernel": .integer(1), "bias": .boolean(false)])
    x = try add("conv2d", "own", x, ["filters": .integer(10), "kernel": .integer(1)])
    x = try add("global_average_pool", "gap", x)
    x = try add("layer_norm", "head_norm", x)
    x = try add("linear", "head", x, ["units": .integer(3)])
    let target = try builder.network(output: x)
    let copy = try WeightCopy(from: source, to: target, except: ["head"])
    #expect(
      copy.text == """
        copied 3 of 8 layers, 428 of 871 numbers
        kind batch_norm here, layer_norm there: stem_norm
        kernel of shape 3x3x8x1 here, 5x5x8x1 there: a_depthwise
        no bias here, but there: a_expand
        no such layer there: own
        excepted: head
        without a counterpart here: a_smooth, down_norm, down, b_depthwise, b_norm, b_expand, b_smooth
        """)
    #expect(copy.failed.map(\.name) == ["stem_norm", "a_depthwise", "a_expand", "own"])
    let (from, to) = (parameters(source, seed: 1), parameters(target, seed: 2))
    let before = to.copy()
    copy.apply(from: from, to: to)
    let copied = Set(copy.copied.map(\.name))
    #expect(copied == ["stem", "a_norm", "head_norm"])
    for (index, entry) in to.entries.enumerated() {
      let expected = copied.contains(entry.layerName) ? from[entry.name]! : before.entries[index].tensor
      expectSameBits(entry.tensor.values, expected.values, entry.name)
    }
  }

  @Test("running statistics are copied with their layer")
  func statistics() throws {
    let network = try residualNetwork()
    let (from, to) = (parameters(network, seed: 1), parameters(network, seed: 2))
    from["batch_norm_1.running_mean"]?.fill(0.5)
    let copy = try WeightCopy(from: network, to: network)
    #expect(copy.copied.count == 4 && copy.copiedCount == network.parameterCount && copy.unused.isEmpty)
    #expect(copy.text == "copied 4 of 4 layers, 291 of 291 numbers")
    copy.apply(from: from, to: to)
    for (found, expected) in zip(to.entries, from.entries) {
      expectSameBits(found.tensor.values, expected.tensor.values, found.name)
    }
  }

  @Test("'only' and 'except' take names and patterns; what fits nothing is refused with the nearest name")
  func choice() throws {
    let network = try smallConvNeXt()
    let some = try WeightCopy(from: network, to: network, only: ["a_*", "head"], except: ["*_norm"])
    #expect(some.copied.map(\.name) == ["a_depthwise", "a_expand", "a_smooth", "head"])
    #expect(some.layers.first { $0.name == "stem" }?.obstacle == .notChosen)
    #expect(some.failed.isEmpty)
    let error = #expect(throws: NetworkError.self) { try WeightCopy(from: network, to: network, except: ["haed"]) }
    #expect(error?.description == "the network has no layer 'haed' (did you mean 'head'?)")
    #expect(throws: NetworkError.self) { try WeightCopy(from: network, to: network, only: ["c_*"]) }
  }

  @Test(
    "patterns",
    arguments: [
      ("a", "a", true), ("a", "ab", false), ("*", "", true), ("a*", "a", true), ("a*b", "ab", true),
      ("a*b", "axxb", true), ("a*b", "a", false), ("a*a", "a", false), ("*b*", "abc", true), ("a*b*c", "a_c_b_c", true),
      ("a*b*c", "a_c_b", false), ("*_norm", "x_norm", true), ("x**y", "xy", true),
    ])
  func patterns(pattern: String, name: String, fits: Bool) {
    #expect(LayerPattern(pattern).matches(name) == fits)
  }
}

@Suite("learning rates of layers")
struct LearningRateFactorTests {
  @Test("a ConvNeXt is as deep as it has stem, blocks, down-samplers and head")
  func convNeXtDepth() throws {
    #expect(
      try smallConvNeXt().depthGroups == [
        ["stem", "stem_norm"], ["a_depthwise", "a_norm", "a_expand", "a_smooth", "down_norm"], ["down"],
        ["b_depthwise", "b_norm", "b_expand", "b_smooth"], ["head_norm", "head"],
      ])
  }

  @Test("the two halves of a block are one depth, tokens and norms none of their own")
  func blocks() throws {
    var builder = NetworkBuilder()
    var x = try builder.input([8])
    func add(_ type: String, _ name: String, _ inputs: Int...) throws -> Int {
      try builder.add(
        layer(type, type == "linear" ? ["units": .integer(8)] : [:]), name: name, inputs: inputs)
    }
    x = try add("layer_norm", "normalize", x)
    x = try add("linear", "embed", x)
    x = try add("layer_scale", "positions", x)
    for block in 0..<2 {
      for (half, norm) in [("attn", "norm1"), ("mlp", "norm2")] {
        let y = try add("linear", "blocks.\(block).\(half)", try add("layer_norm", "blocks.\(block).\(norm)", x))
        x = try builder.add(layer("add"), name: "blocks.\(block).\(half).sum", inputs: [x, y])
      }
    }
    x = try add("layer_norm", "norm", x)
    x = try add("linear", "head", x)
    let network = try builder.network(output: x)
    #expect(
      network.depthGroups == [
        ["normalize", "embed", "positions"],
        ["blocks.0.norm1", "blocks.0.attn", "blocks.0.norm2", "blocks.0.mlp"],
        ["blocks.1.norm1", "blocks.1.attn", "blocks.1.norm2", "blocks.1.mlp"], ["norm", "head"],
      ])
    let factors = try LearningRateFactors(layerDecay: 0.5).factors(for: network)
    #expect(
      factors["head"] == 1 && factors["norm"] == 1 && factors["blocks.1.mlp"] == 0.5 && factors["blocks.0.mlp"] == 0.25)
    #expect(factors["positions"] == 0.125)
  }

  @Test("factors by name: names before patterns, long patterns before short ones, times the decay")
  func names() throws {
    let network = try smallConvNeXt()
    let factors = try LearningRateFactors(
      byLayer: ["*": 0.1, "a_*": 0.5, "a_norm": 3, "head": 10], layerDecay: 0.5
    ).factors(for: network)
    #expect(factors["head"] == 10 && factors["down"] == 0.1 * 0.25)
    #expect(factors["a_smooth"] == 0.5 * 0.125 && factors["a_norm"] == 3 * 0.125)
    let equal = #expect(throws: NetworkError.self) {
      try LearningRateFactors(byLayer: ["a_no*": 1, "*norm": 2]).factors(for: network)
    }
    #expect(equal?.description.hasPrefix("'*norm' and 'a_no*' both fit layer a_norm, with different values") == true)
    let unknown = #expect(throws: NetworkError.self) {
      try LearningRateFactors(byLayer: ["haed": 1]).factors(for: network)
    }
    #expect(unknown?.description == "the network has no layer 'haed' (did you mean 'head'?)")
  }
}
