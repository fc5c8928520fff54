import Foundation
import Networks
import Recipes
import Testing

/// `recipes/lib/convnext.lua`.
@Suite("ConvNeXt") struct ConvNeXtTests {
  /// What a recipe prints that has `convnext` and `wb`.
  private func lines(_ text: String) throws -> [String] {
    let console = Console()
    try Workshop().run(ConvNeXtTests.prelude + text, console: console) {
      $0.libraryFolders = [ConvNeXtTests.libraries]
    }
    return console.lines
  }

  private func failure(_ text: String) throws -> String {
    // The lines behind the first say through which functions the error came.
    let message = try Workshop().failure(ConvNeXtTests.prelude + text) { $0.libraryFolders = [ConvNeXtTests.libraries] }
      .message
    return message.split(separator: "\n").first.map(String.init) ?? ""
  }

  private static let prelude = "local wb = require 'workbench'; local convnext = require 'lib.convnext'\n"
  private static let libraries = URL(fileURLWithPath: SurfaceTests.shipped("quickstart")).deletingLastPathComponent()
    .path

  @Test(
    "parameter counts of the published networks",
    arguments: [
      ("herbariograph { preset = 'T', classes = 17, size = 96 }", 27_626_417),
      ("herbariograph { preset = 'T', classes = 21000, size = 224 }", 43_762_344),
      ("herbariograph { preset = 'N', classes = 17, size = 96 }", 955_385),
      ("original { preset = 'T', classes = 1000, size = 224 }", 28_589_128),
      // torchvision's and timm's.
      ("original { preset = 'S', classes = 1000, size = 224 }", 50_223_688),
      ("original { preset = 'B', classes = 1000, size = 224 }", 88_591_464),
      ("original { preset = 'L', classes = 1000, size = 224 }", 197_767_336),
      ("original { preset = 'XL', classes = 1000, size = 224 }", 350_196_968),
    ])
  func parameterCounts(call: String, count: Int) throws {
    #expect(try lines("print(convnext.\(call).parameters)") == ["\(count)"])
  }

  /// `name type` of every layer between input and output, in order.
  private func layers(_ arguments: String, function: String = "herbariograph") throws -> [String] {
    let text = try lines("print(convnext.\(function) { classes = 5, size = 64, \(arguments) }:describe())")
      .joined(separator: "\n")
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      return words.count > 2 && words[0].contains("_") ? "\(words[0]) \(words[1])" : nil
    }
  }

  private static let tiny = "blocks = { 1, 0, 0, 1 }, filters = 8, expansion = 2"

  @Test("layers have the names of Herbariograph's Keras files")
  func names() throws {
    let found = try layers("blocks = { 1, 1, 2, 1 }, filters = 8, expansion = 2")
    var expected = [
      "convNeXt0_downSample_conv2D conv2d", "convNeXt0_downSample_layerNormalization layer_norm",
    ]
    for (stage, blocks) in [1, 1, 2, 1].enumerated() {
      if stage > 0 {
        expected += [
          "convNeXt\(stage)_downSample_layerNormalization layer_norm", "convNeXt\(stage)_downSample_conv2D conv2d",
        ]
      }
      for block in 0..<blocks {
        let name = "convNeXt\(stage)_block\(block)"
        expected += [
          "\(name)_5x5_dconv2D depthwise_conv2d", "\(name)_layerNormalization layer_norm",
          "\(name)_expand_conv2D conv2d", "\(name)_smooth_conv2D conv2d", "add",
        ]
      }
    }
    expected += ["output_gap global_average_pool", "output_layerNormalization layer_norm", "output_dense linear"]
    #expect(found.map { $0.hasPrefix("add_") ? "add" : $0 } == expected)
  }

  @Test("every option adds or replaces the layers that it should")
  func options() throws {
    func expect(_ arguments: String, _ expected: [String], without: [String] = []) throws {
      let found = try layers(ConvNeXtTests.tiny + ", " + arguments)
      for name in expected { #expect(found.contains(name), "\(arguments): \(name) in \(found)") }
      for name in without { #expect(!found.contains { $0.hasPrefix(name) }, "\(arguments): \(name)") }
    }
    try expect(
      "down_sampler = 'maxpool'",
      [
        "convNeXt1_maxpool2D max_pool", "convNeXt1_downSample_layerNormalization layer_norm",
        "convNeXt1_expandConvNeXt_conv2D conv2d",
      ], without: ["convNeXt1_downSample_conv2D"])
    let channels = [1, 2, 3].flatMap {
      [
        "convNeXt\($0)_squeezeExcite_gap global_average_pool", "convNeXt\($0)_squeeze_dense linear",
        "convNeXt\($0)_excite_dense linear",
      ]
    }
    let spatial = [1, 2, 3].map { "convNeXt\($0)_fuse_conv2D conv2d" }
    try expect("squeeze_excite = 'channels'", channels + ["multiply_1 multiply"], without: ["convNeXt0_s"] + spatial)
    try expect("squeeze_excite = 'spatial'", spatial + ["multiply_3 multiply"], without: ["convNeXt1_squeeze"])
    try expect("squeeze_excite = 'both'", channels + spatial + ["multiply_6 multiply"])
    try expect("convolution = 'regular'", ["convNeXt3_block0_5x5_conv2D conv2d"], without: ["convNeXt0_block0_5x5_d"])
    try expect("layer_scale = 1", ["convNeXt0_block0_layerScale layer_scale"])
    try expect("noise = 0.1", ["gaussian_noise gaussian_noise", "gaussian_noise_1 gaussian_noise"])
    try expect(
      "stochastic_depth = 0.2", ["convNeXt3_block0_stochasticDepth stochastic_depth"], without: ["convNeXt0_block0_st"])
    try expect("polish = 12", ["gap_resolve_dense linear"])
    try expect("random_crop = 32", ["random_crop random_crop"])
    try expect(
      "kernel = { 3, 5, 7, 9 }",
      ["convNeXt0_block0_3x3_dconv2D depthwise_conv2d", "convNeXt3_block0_9x9_dconv2D depthwise_conv2d"])
  }

  /// The parameters of the tiny network, counted by hand: a formula for each part.
  private func count(
    kernel: Int = 5, regular: Bool = false, maxpool: Bool = false, channels: Bool = false, spatial: Bool = false,
    scale: Bool = false, polish: Int = 0, bias: Bool = false
  ) -> Int {
    let (filters, expansion, classes) = (8, 2, 5)
    let biased = bias ? 1 : 0
    var sum = (48 + biased) * filters + 2 * filters
    for stage in 0..<4 {
      let c = filters << stage
      if stage > 0 {
        sum += c + (maxpool ? c / 2 : 4 * c / 2) * c + biased * c
        if channels { sum += 2 * c * (c / 4) }
        if spatial { sum += c }
      }
      if stage == 0 || stage == 3 {
        sum += kernel * kernel * c * (regular ? c : 1) + biased * c + 2 * c
        sum += 2 * c * c * expansion + biased * (c * expansion + c) + (scale ? c : 0)
      }
    }
    let last = filters << 3
    return sum + 2 * last + last * polish + (polish > 0 ? polish : last) * classes + classes
  }

  @Test("every option has the parameters that it should")
  func optionCounts() throws {
    func expect(_ arguments: String, _ expected: Int) throws {
      let call = "convnext.herbariograph { classes = 5, size = 64, \(ConvNeXtTests.tiny), \(arguments) }"
      #expect(try lines("print(\(call).parameters)") == ["\(expected)"], "\(arguments)")
    }
    try expect("", count())
    try expect("kernel = 7", count(kernel: 7))
    try expect("convolution = 'regular'", count(regular: true))
    try expect("down_sampler = 'maxpool'", count(maxpool: true))
    try expect("squeeze_excite = 'channels'", count(channels: true))
    try expect("squeeze_excite = 'spatial'", count(spatial: true))
    try expect("squeeze_excite = 'both'", count(channels: true, spatial: true))
    try expect("layer_scale = 1e-6", count(scale: true))
    try expect("polish = 12", count(polish: 12))
    try expect("bias = true", count(bias: true))
    try expect("noise = 0.1, stochastic_depth = 0.3, random_crop = 32, rescale = false, activation = 'selu'", count())
  }

  @Test("sizes, activation, L2, epsilon and the rates reach the layers")
  func values() throws {
    let found = try lines(
      """
      local function see(m, name) return m:layer(name).options end
      local m = convnext.herbariograph { preset = "N", classes = 5, size = { 96, 64 }, activation = "swish", l2 = 2e-4,
        epsilon = 1e-3, layer_scale = 0.5, noise = 0.25, stochastic_depth = 0.17, random_crop = { 48, 32 } }
      print(m.name, table.concat(m.shape, "x"), table.concat(m:layer("convNeXt3_downSample_conv2D").shape, "x"))
      print(see(m, "convNeXt0_block0_expand_conv2D").activation, see(m, "convNeXt0_block0_expand_conv2D").filters)
      print(see(m, "convNeXt2_block8_5x5_dconv2D").l2, see(m, "convNeXt0_downSample_conv2D").l2, see(m, "output_dense").l2)
      print(see(m, "output_layerNormalization").epsilon, see(m, "convNeXt0_block0_layerScale").initial)
      print(see(m, "gaussian_noise_17").deviation, see(m, "convNeXt3_block2_stochasticDepth").rate,
            see(m, "convNeXt0_block1_stochasticDepth").rate)
      print(see(m, "rescale").offset, see(m, "random_crop").height, see(m, "random_crop").width)
      local o = convnext.original { classes = 5, size = 64 }
      print(see(o, "convNeXt0_block0_layerScale").initial, see(o, "convNeXt0_block0_7x7_dconv2D").bias,
            see(o, "convNeXt1_downSample_conv2D").padding, see(o, "convNeXt3_block2_stochasticDepth").rate,
            see(o, "output_layerNormalization").epsilon, see(o, "convNeXt0_downSample_conv2D").l2)
      """)
    #expect(
      found == [
        "ConvNeXt-N\t96x64x3\t2x1x192", "swish\t48", "0.0002\t0.0002\t0.0", "0.001\t0.5", "0.25\t0.17\t0.01",
        "-1.0\t48\t32", "1e-06\ttrue\tvalid\t0.1\t1e-06\t0.0",
      ])
  }

  @Test(
    "a wrong option is named, with the nearest right one and the line of the recipe",
    arguments: [
      ("{ classes = 5, size = 64, filter = 8 }", "unknown option 'filter' (did you mean 'filters'?)"),
      (
        "{ classes = 5, size = 64, stochasticDepth = 8 }",
        "unknown option 'stochasticDepth' (did you mean 'stochastic_depth'?)"
      ),
      ("{ size = 64 }", "needs the option 'classes'"),
      (
        "{ classes = 5, size = 64, preset = 'M' }",
        "option 'preset' must be 'N' or 'T' or 'S' or 'B' or 'L' or 'XL', not the string \"M\" (did you mean 'N'?)"
      ),
      (
        "{ classes = 5, size = 64, down_sampler = 'max_pool' }",
        "option 'down_sampler' must be 'convolution' or 'maxpool', not the string \"max_pool\" (did you mean 'maxpool'?)"
      ),
      ("{ classes = 5, size = 64, activation = 'geluu' }", nil),
      ("{ classes = 0, size = 64 }", "option 'classes' is 0, must be from 1 to 16777216"),
      ("{ classes = 2.5, size = 64 }", "option 'classes' must be an integer, not 2.5"),
      (
        "{ classes = 5, size = { 64, 64, 3 } }", "option 'size' must be an integer or a list of 2 integers, not a table"
      ),
      (
        "{ classes = 5, size = 64, blocks = { 3, 3, 9 } }",
        "option 'blocks' must be an integer or a list of 4 integers, not a table"
      ),
      ("{ classes = 5, size = 64, bias = 1 }", "option 'bias' must be true or false, not 1"),
      ("{ classes = 5, size = 64, layer_scale = true }", "option 'layer_scale' must be a number or false, not true"),
      ("{ classes = 5, size = 64, noise = -1 }", "option 'noise' is -1, must be 0 or more"),
      ("{ classes = 5, size = 64, l2 = 0/0 }", nil),
      ("{ 5, size = 64 }", "entry 1 has no name, as in name = value"),
      ("()", "takes one table of options, as in convnext.herbariograph { ... }, not nothing"),
      ("{ classes = 5, size = 3 }", "option 'size' is 3, must be from 4 to 16384"),
      (
        "{ classes = 5, size = 16, padding = 'valid' }",
        "a picture of 16x16 is too small: with padding = \"valid\" it must be 32x32 or more"
      ),
      (
        "{ classes = 5, size = 64, squeeze_excite = 'both', ratio = 500 }",
        "option 'ratio' is 500, but the second stage has only 192 channels"
      ),
      (
        "{ classes = 5, size = 64, filters = 4096 }",
        "option 'filters' is 4096 and 'expansion' 4: the last stage would be 131072 channels wide, of 65536 at most"
      ),
    ] as [(String, String?)])
  func refused(arguments: String, message: String?) throws {
    let found = try failure("\nconvnext.herbariograph \(arguments)")
    #expect(found.hasPrefix("recipe.lua:3: convnext.herbariograph: "), "\(found)")
    if let message { #expect(found == "recipe.lua:3: convnext.herbariograph: \(message)") }
  }

  @Test("the smallest pictures go through")
  func smallest() throws {
    #expect(
      try lines(
        """
        local m = convnext.herbariograph { preset = "N", classes = 2, size = 4 }
        local o = convnext.original { preset = "N", classes = 2, size = 32 }
        print(table.concat(m:layer("convNeXt3_block2_smooth_conv2D").shape, "x"), o:layer("output_gap").shape[1])
        """) == ["1x1x192\t192"])
  }

  @Test("the example of docs/convnext.md passes check")
  func page() throws {
    let url = URL(fileURLWithPath: ConvNeXtTests.libraries).deletingLastPathComponent()
      .appendingPathComponent("docs/convnext.md")
    let page = try String(contentsOf: url, encoding: .utf8)
    let example = try #require(page.components(separatedBy: "```lua\n").dropFirst().first)
      .components(separatedBy: "```")[0]
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["oak": 10, "ash": 10])
    let console = Console()
    try workshop.run(example, console: console) {
      $0.settings = ["data": workshop.path("data"), "epochs": "2"]
      $0.libraryFolders = [ConvNeXtTests.libraries]
    }
    // 955,385 with 17 classes; each class has 192 weights and a bias.
    #expect(console.lines.contains { $0.hasPrefix("952,490 trainable parameters") }, "\(console.lines)")
  }
}
