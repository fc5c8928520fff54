import Foundation
import Recipes
import TestSupport
import Testing

/// `recipes/lib/vit.lua`, and `load_weights`.
@Suite("Vision Transformers") struct VisionTransformerTests {
  private static let prelude = """
    local wb = require 'workbench'; local vit = require 'lib.vit'; local convnext = require 'lib.convnext'

    """
  private static let libraries = URL(fileURLWithPath: SurfaceTests.shipped("quickstart")).deletingLastPathComponent()
    .path

  private func lines(_ text: String) throws -> [String] {
    let console = Console()
    try Workshop().run(Self.prelude + text, console: console) { $0.libraryFolders = [Self.libraries] }
    return console.lines
  }

  private func failure(_ text: String) throws -> String {
    let message = try Workshop().failure(Self.prelude + text) { $0.libraryFolders = [Self.libraries] }.message
    return message.split(separator: "\n").first.map(String.init) ?? ""
  }

  @Test(
    "parameter counts of the published networks",
    arguments: [
      // timm's vit_tiny_patch16_224, ..., deit_tiny_distilled_patch16_224, deit_base_distilled_patch16_224.
      ("original { preset = 'Ti', classes = 1000, size = 224 }", 5_717_416),
      ("deit { preset = 'S', classes = 1000, size = 224 }", 22_050_664),
      ("deit { preset = 'B', classes = 1000, size = 224 }", 86_567_656),
      ("original { preset = 'L', classes = 1000, size = 224 }", 304_326_632),
      ("deit { preset = 'Ti', classes = 1000, size = 224, distilled = true }", 5_910_800),
      ("deit { preset = 'B', classes = 1000, size = 224, distilled = true }", 87_338_192),
    ])
  func parameterCounts(call: String, count: Int) throws {
    #expect(try lines("print(vit.\(call).parameters)") == ["\(count)"])
  }

  private static let tiny = "preset = 'Ti', width = 12, heads = 2, depth = 1, patch = 8, classes = 5, size = { 16, 24 }"

  @Test("layers have the names of timm's modules, whatever is added")
  func names() throws {
    let text = try lines(
      "print(vit.deit { \(Self.tiny), distilled = true, layer_scale = 0.1, dropout = 0.1, stochastic_depth = 0 }:describe())"
    ).joined(separator: "\n")
    let found = text.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    for name in [
      "normalize", "patch_embed.proj", "dist_token", "cls_token", "pos_embed", "blocks.0.norm1", "blocks.0.attn",
      "blocks.0.ls1", "blocks.0.norm2", "blocks.0.mlp.fc1", "blocks.0.mlp.fc2", "blocks.0.ls2", "norm", "head",
      "head_dist", "mean",
    ] { #expect(found.contains(name), "\(name) in \(found)") }
    #expect(try lines("print(vit.deit { \(Self.tiny) }:layer('pos_embed').options.grid[2])") == ["3"])
  }

  @Test("what does not go together is refused, with the line")
  func refused() throws {
    #expect(
      try failure("vit.deit { preset = 'Ti', classes = 5, size = 100 }")
        == "recipe.lua:2: vit.deit: option 'size' is 100x100, which cannot be divided into patches of 16x16")
    #expect(
      try failure("vit.original { preset = 'Ti', classes = 5, size = 32, heads = 5 }")
        == "recipe.lua:2: vit.original: option 'width' is 192, which cannot be divided by the 5 of 'heads'")
    #expect(
      try failure("vit.deit { preset = 'Ti', classes = 5, size = 32, channels = 4 }")
        == "recipe.lua:2: vit.deit: option 'normalize' is 'imagenet', which is for three channels; for 4 it must be 'none'"
    )
    #expect(try failure("vit.deit { preset = 'T', classes = 5, size = 32 }").contains("option 'preset' must be"))
    #expect(
      try failure("convnext.original { classes = 5, size = 32, rescale = 'imagnet' }")
        == "recipe.lua:2: convnext.original: option 'rescale' must be true or false or 'imagenet', not the string "
        + "\"imagnet\" (did you mean 'imagenet'?)")
  }

  @Test("a small one learns from nothing, is saved and loaded, and gives the same answers then")
  func training() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let recipe =
      Self.prelude + """
        local data = wb.data.folder { path = wb.param("data", ""), size = 96, range = { 0, 255 }, duplicates = false,
          split = { train = 0.6, validation = 0.2, test = 0.2 } }
        local network = vit.deit { width = 64, depth = 4, heads = 4, patch = 16, expansion = 2, dropout = 0.1,
          classes = #data.classes, size = 96 }
        print(network.name, network.parameters)
        local run = wb.train { model = network, data = data, epochs = 6, batch = 6,
          optimizer = wb.optimizer.adamw { learning_rate = 0.001 } }
        run.best:save "teacher.safetensors"
        wb.result("accuracy", wb.evaluate { model = run.best, data = data }.accuracy)
        """
    for mode in [RecipeConfiguration.Mode.check, .run] {
      let console = Console()
      try workshop.run(recipe, mode: mode, console: console) {
        $0.libraryFolders = [Self.libraries]
        $0.settings = ["data": workshop.path("data")]
      }
      // Patches and tokens 769 * 64 + 64 + 37 * 64; a block 4 * 64 * 64 + 4 * 64 + 2 * 128 * 64 + 192 + 4 * 64.
      #expect(console.lines.first == "DeiT\t\(51_648 + 4 * 33_472 + 128 + 130)")
      if mode == .run { #expect(console.lines.last == "accuracy 1.0000", "\(console.lines)") }
    }
    let rows = try ["run/teacher.safetensors", "run/model.safetensors"].enumerated().map { number, file in
      let console = Console()
      try workshop.run(
        """
        local wb = require "workbench"
        local p = wb.predict { model = wb.load("\(workshop.path(file))"), files = "\(workshop.path("data"))",
                               output = "out.tsv" }
        print(p.total, p.failed)
        """, mode: .run, console: console
      ) { $0.output = workshop.path("predicted\(number)") }
      #expect(console.lines == ["30\t0"])
      return try String(contentsOfFile: workshop.path("predicted\(number)/out.tsv"), encoding: .utf8)
    }
    #expect(rows[0] == rows[1] && rows[0].contains("bright"))
  }

  @Test("numbers are read into a network and reported, and the model that it is then is saved")
  func weights() throws {
    let workshop = try Workshop()
    try VisionTransformerTests.torchTensors.write(to: URL(fileURLWithPath: workshop.path("tiny.safetensors")))
    let console = Console()
    try workshop.run(
      Self.prelude + """
        local network = vit.deit { \(Self.tiny), depth = 0, normalize = 'none' }
        local model = network:load_weights { path = '\(workshop.path("tiny.safetensors"))', range = { 0, 255 },
                                             classes = { 'a', 'b', 'c', 'd', 'e' } }
        print(#model.weights.loaded, #model.weights.kept, #model.weights.unused, model.weights.fitted[1])
        print(model.classes[5], network.weights)
        model:save 'made.safetensors'
        print(wb.load('\(workshop.path("run"))/made.safetensors').classes[1])
        """, mode: .run, console: console
    ) { $0.libraryFolders = [Self.libraries] }
    #expect(console.lines.prefix(2) == ["8\t0\t0\tpos_embed.positions 3x3 to 2x3", "e\tnil"])
    #expect(console.lines.last == "a")
    #expect(console.notes.contains { $0.hasSuffix("tiny.safetensors: 8 of 8 parameters loaded") })
  }

  @Test("in check mode names and shapes are compared; messages name the recipe's line")
  func mistakes() throws {
    let workshop = try Workshop()
    let path = workshop.path("tiny.safetensors")
    try VisionTransformerTests.torchTensors.write(to: URL(fileURLWithPath: path))
    func message(_ text: String, checking: Bool = true) throws -> String {
      let failure = try workshop.failure(Self.prelude + text) {
        $0.libraryFolders = [Self.libraries]
        if checking { $0.mode = .check }
      }
      return failure.message.split(separator: "\n").first.map(String.init) ?? ""
    }
    let other = Self.tiny.replacingOccurrences(of: "classes = 5", with: "classes = 6")
    #expect(
      try message("vit.deit { \(other), depth = 0, normalize = 'none' }:load_weights { path = '\(path)' }")
        == "recipe.lua:2: load_weights: \(path): it does not fit the network: head.kernel wants 'head.weight' of [6, 12], "
        + "but it holds [5, 12]; head.bias wants 'head.bias' of [6], but it holds [5] (name layers to leave alone in "
        + "'except', or set strict = false)")
    #expect(
      try message("vit.deit { \(Self.tiny), depth = 0 }:load_weights { path = '\(path)', excpet = {} }")
        == "recipe.lua:2: load_weights: unknown option 'excpet' (did you mean 'except'?)")
    #expect(
      try message("vit.deit { \(Self.tiny), depth = 0 }:load_weights { path = '\(workshop.path("no.pth"))' }")
        == "recipe.lua:2: load_weights: \(workshop.path("no.pth")): cannot be read: No such file or directory")
  }

  /// The tensors of a DeiT without blocks, 12 channels, 3 x 3 patches of 8 x 8 pixels, as a safetensors file.
  private static var torchTensors: Data {
    let shapes: [(String, [Int])] = [
      ("cls_token", [1, 1, 12]), ("head.bias", [5]), ("head.weight", [5, 12]), ("norm.bias", [12]),
      ("norm.weight", [12]), ("patch_embed.proj.bias", [12]), ("patch_embed.proj.weight", [12, 3, 8, 8]),
      ("pos_embed", [1, 10, 12]),
    ]
    var place = 0
    let entries = shapes.map { name, shape -> String in
      let start = place
      place += 4 * shape.reduce(1, *)
      return "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(start),\(place)]}"
    }
    let header = Data("{\(entries.joined(separator: ","))}".utf8)
    var result = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    result += header
    result += randomValues(place / 4, seed: 1).withUnsafeBytes { Data($0) }
    return result
  }
}
