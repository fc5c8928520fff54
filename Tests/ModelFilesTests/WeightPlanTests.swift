import Foundation
import Layers
import ModelFiles
import Networks
import Schemas
import TestSupport
import Tensors
import Testing

@Suite("numbers from files of timm")
struct WeightPlanTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool.shared(workerCount: 1)

  init() throws { folder = try TemporaryFolder() }

  /// One block on pictures of `4 * side` pixels, patches of 4, with 6 channels.
  private func transformer(side: Int, classes: Int = 3) throws -> Network {
    var builder = NetworkBuilder()
    let input = try builder.input([4 * side, 4 * side, 3], name: "input")
    func add(_ name: String, _ type: String, _ options: [String: OptionValue] = [:], _ inputs: [Int]) throws -> Int {
      try builder.add(LayerRegistry.layer(named: type, options: options), name: name, inputs: inputs)
    }
    var x = try add(
      "patch_embed.proj", "conv2d", ["filters": .integer(6), "kernel": .integer(4), "stride": .integer(4)], [input])
    x = try add("patches", "tokens", [:], [x])
    x = try add("cls_token", "class_token", [:], [x])
    x = try add("pos_embed", "position_embedding", ["grid": .integer(side)], [x])
    let y = try add(
      "blocks.0.attn", "attention", ["heads": .integer(2)], [add("blocks.0.norm1", "layer_norm", [:], [x])])
    x = try add("sum", "add", [:], [x, add("blocks.0.ls1", "layer_scale", [:], [y])])
    x = try add("first", "take_token", [:], [x])
    x = try add("head", "linear", ["units": .integer(classes)], [x])
    return try builder.network(output: x)
  }

  /// A file's tensors for such a network.
  private func tensors(side: Int, classes: Int = 3) -> [String: Tensor] {
    let shapes: [String: Shape] = [
      "patch_embed.proj.weight": [6, 3, 4, 4], "patch_embed.proj.bias": [6], "cls_token": [1, 1, 6],
      "pos_embed": [1, side * side + 1, 6], "blocks.0.norm1.weight": [6], "blocks.0.norm1.bias": [6],
      "blocks.0.attn.qkv.weight": [18, 6], "blocks.0.attn.qkv.bias": [18], "blocks.0.attn.proj.weight": [6, 6],
      "blocks.0.attn.proj.bias": [6], "blocks.0.ls1.gamma": [6], "head.weight": [classes, 6], "head.bias": [classes],
    ]
    return Dictionary(
      uniqueKeysWithValues: shapes.sorted { $0.key < $1.key }.enumerated().map {
        ($1.key, Tensor($1.value, randomValues($1.value.count, seed: $0)))
      })
  }

  private func write(_ tensors: [String: Tensor], _ name: String) throws -> String {
    let path = folder.file(name)
    if name.hasSuffix(".safetensors") {
      try SafeTensorsFile.write(tensors.map { ($0.key, $0.value) }, metadata: [:], to: path)
      return path
    }
    let sample = TorchSample(tensors)
    return try folder.write(name.hasSuffix(".tar") ? sample.legacy : sample.archive(), name)
  }

  private func load(
    _ network: Network, _ path: String, _ change: (inout WeightRequest) -> Void = { _ in }
  ) throws -> (report: WeightReport, parameters: ParameterSet) {
    var request = WeightRequest(path: path)
    change(&request)
    let plan = try WeightPlan(network: network, request: request)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    try plan.load(into: parameters)
    return (plan.report, parameters)
  }

  @Test(
    "each tensor finds its place, axes turned, from each format", arguments: ["a.safetensors", "a.pth", "a.pth.tar"])
  func places(name: String) throws {
    let network = try transformer(side: 2)
    let tensors = tensors(side: 2)
    let (report, parameters) = try load(network, write(tensors, name))
    #expect(report.loaded == parameters.entries.map(\.name))
    #expect(report.kept.isEmpty && report.unused.isEmpty && report.fitted.isEmpty)
    func numbers(_ name: String) throws -> [Float] { try #require(tensors[name]).values }
    let kernel = try #require(parameters["patch_embed.proj.kernel"])
    let source = try numbers("patch_embed.proj.weight")
    for (o, i, h, w) in [(0, 0, 0, 0), (5, 2, 3, 1), (3, 1, 0, 2)] {
      #expect(kernel[((h * 4 + w) * 3 + i) * 6 + o] == source[((o * 3 + i) * 4 + h) * 4 + w])
    }
    let (qkv, turned) = try (#require(parameters["blocks.0.attn.qkv"]), numbers("blocks.0.attn.qkv.weight"))
    #expect(qkv[2 * 18 + 17] == turned[17 * 6 + 2])
    #expect(try #require(parameters["head.kernel"])[5 * 3 + 1] == numbers("head.weight")[1 * 6 + 5])
    #expect(try #require(parameters["cls_token.token"]).values == numbers("cls_token"))
    #expect(try #require(parameters["pos_embed.positions"]).values == numbers("pos_embed"))
    #expect(try #require(parameters["blocks.0.ls1.gamma"]).values == numbers("blocks.0.ls1.gamma"))
    #expect(try #require(parameters["blocks.0.norm1.beta"]).values == numbers("blocks.0.norm1.bias"))
  }

  @Test("position vectors of another grid are interpolated, and the report says so")
  func interpolated() throws {
    let (report, parameters) = try load(transformer(side: 2), write(tensors(side: 3), "a.pth"))
    #expect(
      report.fitted == [
        WeightReport.Fit(
          parameter: "pos_embed.positions", from: PositionGrid(height: 3, width: 3, prefix: 1),
          to: PositionGrid(height: 2, width: 2, prefix: 1))
      ])
    let source = Tensor([10, 6], try #require(tensors(side: 3)["pos_embed"]).values)
    let grid = PositionGrid(height: 3, width: 3, prefix: 1)
    #expect(
      try #require(parameters["pos_embed.positions"]).values
        == grid.resample(source, to: PositionGrid(height: 2, width: 2, prefix: 1)).values)
  }

  @Test("what does not fit is refused by name; with 'except' or without strictness it is left and reported")
  func strictness() throws {
    let network = try transformer(side: 2)
    var tensors = tensors(side: 2, classes: 5)
    let path = try write(tensors, "a.pth")
    #expect(
      throws: ModelFileError.weights(
        path: path,
        .doesNotFit([
          .shape(parameter: "head.kernel", tensor: "head.weight", wanted: [3, 6], found: [5, 6]),
          .shape(parameter: "head.bias", tensor: "head.bias", wanted: [3], found: [5]),
        ]))
    ) { try load(network, path) }
    let first = ParameterSet(network: network, key: RandomKey(seed: 1))
    let (report, parameters) = try load(network, path) { $0.except = ["head"] }
    #expect(report.kept == ["head.kernel", "head.bias"] && report.unused == ["head.bias", "head.weight"])
    #expect(try #require(parameters["head.kernel"]).values == #require(first["head.kernel"]).values)
    #expect(try load(network, path) { $0.isStrict = false }.report == report)

    tensors["cls_token"] = nil
    tensors["head_dist.weight"] = Tensor([5, 6])
    tensors["bn.num_batches_tracked"] = Tensor([1])
    let lacking = try write(tensors, "b.pth")
    do {
      _ = try load(network, lacking) { $0.except = ["head"] }
      Issue.record("it was loaded")
    } catch {
      #expect(
        "\(error)"
          == "\(lacking): it does not fit the network: cls_token.token wants 'cls_token', which it does not hold; it "
          + "holds 'head_dist.weight', which the network has no place for (name layers to leave alone in 'except', or "
          + "set strict = false)")
    }
    #expect(
      throws: ModelFileError.weights(path: lacking, .unknownLayer(name: "haed", suggestion: "head"))
    ) { try load(network, lacking) { $0.except = ["haed"] } }
  }

  @Test("a file that gives not one parameter is refused, strict or not, with what it holds")
  func nothingLoaded() throws {
    let path = try write(["net.weight": Tensor([1], [1]), "best": Tensor([], [7])], "a.pth")
    do {
      _ = try load(transformer(side: 2), path) { $0.isStrict = false }
      Issue.record("it was loaded")
    } catch {
      #expect(
        "\(error)"
          == "\(path): not one parameter of the network would be loaded: 'patch_embed.proj.weight' is looked for, it "
          + "holds 'best', 'net.weight' (a table in a PyTorch file is named by 'key')")
    }
  }

  @Test("a named pipe is refused instead of waited for", arguments: ["a.pth", "a.safetensors"])
  func pipe(name: String) throws {
    let path = folder.file(name)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: ModelFileError.cannotRead(path: path, reason: "it is not a regular file")) {
      try load(transformer(side: 2), path)
    }
  }

  @Test("numbers that are not finite, layers without counterpart and flattened pictures are refused")
  func refused() throws {
    var tensors = tensors(side: 2)
    tensors["head.bias"] = Tensor([3], [1, .infinity, 2])
    let path = try write(tensors, "a.safetensors")
    #expect(throws: ModelFileError.weights(path: path, .notFinite(tensor: "head.bias"))) {
      try load(transformer(side: 2), path)
    }
    #expect(throws: ModelFileError.weights(path: path, .keyOfSafeTensors("model"))) {
      try load(transformer(side: 2), path) { $0.key = "model" }
    }
    for layers in [["squeeze_excite", "global_average_pool", "linear"], ["flatten", "linear"]] {
      var builder = NetworkBuilder()
      var x = try builder.input([4, 4, 4])
      for type in layers {
        let options: [String: OptionValue] = type == "linear" ? ["units": .integer(2)] : [:]
        x = try builder.add(LayerRegistry.layer(named: type, options: options), inputs: [x])
      }
      let network = try builder.network(output: x)
      do {
        _ = try load(network, path)
        Issue.record("it was loaded")
      } catch {
        #expect("\(error)".contains("layer \(layers[0] == "flatten" ? "linear_1" : "squeeze_excite_1")"))
      }
    }
  }

  @Test("the layers of lib.convnext have the names of timm, or of the authors' files")
  func convNeXtNames() throws {
    var builder = NetworkBuilder()
    var x = try builder.input([8, 8, 3], name: "input")
    let layers: [(String, String, [String: OptionValue])] = [
      (
        "convNeXt0_downSample_conv2D", "conv2d", ["filters": .integer(4), "kernel": .integer(4), "stride": .integer(4)]
      ),
      ("convNeXt0_downSample_layerNormalization", "layer_norm", [:]),
      ("convNeXt0_block0_7x7_dconv2D", "depthwise_conv2d", ["kernel": .integer(7), "padding": .string("same")]),
      ("convNeXt0_block0_layerNormalization", "layer_norm", [:]),
      ("convNeXt0_block0_expand_conv2D", "conv2d", ["filters": .integer(8), "kernel": .integer(1)]),
      ("convNeXt0_block0_smooth_conv2D", "conv2d", ["filters": .integer(4), "kernel": .integer(1)]),
      ("convNeXt0_block0_layerScale", "layer_scale", [:]),
      ("convNeXt1_downSample_layerNormalization", "layer_norm", [:]),
      (
        "convNeXt1_downSample_conv2D", "conv2d", ["filters": .integer(8), "kernel": .integer(2), "stride": .integer(2)]
      ),
      ("output_gap", "global_average_pool", [:]), ("output_layerNormalization", "layer_norm", [:]),
      ("output_dense", "linear", ["units": .integer(2)]),
    ]
    for (name, type, options) in layers {
      x = try builder.add(LayerRegistry.layer(named: type, options: options), name: name, inputs: [x])
    }
    let network = try builder.network(output: x)
    let modules: [(timm: String, authors: String, Shape)] = [
      ("stem.0", "downsample_layers.0.0", [4, 3, 4, 4]), ("stem.1", "downsample_layers.0.1", [4]),
      ("stages.0.blocks.0.conv_dw", "stages.0.0.dwconv", [4, 1, 7, 7]),
      ("stages.0.blocks.0.norm", "stages.0.0.norm", [4]), ("stages.0.blocks.0.mlp.fc1", "stages.0.0.pwconv1", [8, 4]),
      ("stages.0.blocks.0.mlp.fc2", "stages.0.0.pwconv2", [4, 8]),
      ("stages.1.downsample.0", "downsample_layers.1.0", [4]),
      ("stages.1.downsample.1", "downsample_layers.1.1", [8, 4, 2, 2]), ("head.norm", "norm", [8]),
      ("head.fc", "head", [2, 8]),
    ]
    for authors in [false, true] {
      var tensors: [String: Tensor] = [:]
      for (index, module) in modules.enumerated() {
        let name = authors ? module.authors : module.timm
        tensors["\(name).weight"] = Tensor(module.2, randomValues(module.2.count, seed: index))
        tensors["\(name).bias"] = Tensor([module.2[0]], randomValues(module.2[0], seed: 50 + index))
      }
      tensors[authors ? "stages.0.0.gamma" : "stages.0.blocks.0.gamma"] = Tensor([4], [1, 2, 3, 4])
      let (report, parameters) = try load(network, write(tensors, authors ? "a.pth" : "a.safetensors"))
      #expect(report.loaded.count == parameters.entries.count && report.unused.isEmpty)
      let window = try #require(tensors[authors ? "stages.0.0.dwconv.weight" : "stages.0.blocks.0.conv_dw.weight"])
      #expect(
        try #require(parameters["convNeXt0_block0_7x7_dconv2D.kernel"])[(3 * 7 + 5) * 4 + 2]
          == window[2 * 49 + 3 * 7 + 5])
      #expect(try #require(parameters["convNeXt0_block0_layerScale.gamma"]).values == [1, 2, 3, 4])
    }
  }
}
