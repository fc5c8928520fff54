import Foundation
import ModelFiles
import Recipes
import Tensors
import Testing

/// `wb.initialize`, and `recipes/herbariograph/create.lua`, which is made of it.
@Suite struct InitializeTests {
  /// Runs create.lua and gives what it printed.
  private func create(
    _ workshop: Workshop, _ settings: [String: String], seed: Int? = nil, mode: RecipeConfiguration.Mode = .run,
    output: String = "made"
  ) throws -> Console {
    var configuration = RecipeConfiguration(path: SurfaceTests.shipped("herbariograph/create"))
    configuration.libraryFolders = [
      URL(fileURLWithPath: SurfaceTests.shipped("quickstart")).deletingLastPathComponent().path
    ]
    configuration.settings = settings
    configuration.mode = mode
    configuration.seed = seed
    configuration.output = workshop.path(output)
    let console = Console()
    try RecipeRunner(configuration, console: console, shouldStop: { false }).run()
    return console
  }

  private func load(_ path: String) throws -> Model { try Model.load(from: path, pool: WorkerPool(workerCount: 1)) }

  @Test("create.lua writes a model that can be loaded, whose numbers follow from the seed")
  func createModel() throws {
    let workshop = try Workshop()
    let settings = ["preset": "N", "classes": "13", "size": "32"]
    let console = try create(workshop, settings)
    #expect(console.lines == ["ConvNeXt-N: 954613 parameters, 954613 trainable"])
    let model = try load(workshop.path("made/ConvNeXt-N.safetensors"))
    #expect(model.name == "ConvNeXt-N")
    #expect(model.parameters.entries.reduce(0) { $0 + $1.tensor.count } == 954_613)
    #expect(!model.hasClassNames && model.classes.count == 13 && model.classes[12] == "12")
    #expect(model.preprocessing == .tensorflow(height: 32, width: 32))
    #expect(model.provenance["recipe"] == "create.lua" && model.provenance["parameter.preset"] == "N")

    func kernel(_ folder: String) throws -> [Float] {
      let entries = try load(workshop.path("\(folder)/ConvNeXt-N.safetensors")).parameters.entries
      return try #require(entries.first { $0.name == "convNeXt3_block2_5x5_dconv2D.kernel" }).tensor.values
    }
    _ = try create(workshop, settings, output: "again")
    _ = try create(workshop, settings, seed: 2, output: "other")
    #expect(try kernel("made") == kernel("again"))
    #expect(try kernel("made") != kernel("other"))
  }

  @Test("every parameter of create.lua reaches the network; check writes nothing")
  func createOptions() throws {
    let workshop = try Workshop()
    let small = ["blocks": "1,1,1,1", "filters": "8", "expansion": "2", "classes": "5", "size": "32"]
    func count(_ settings: [String: String]) throws -> Int {
      let console = try create(workshop, small.merging(settings) { $1 }, mode: .check)
      let line = try #require(console.lines.first { $0.hasPrefix("ConvNeXt-") })
      return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    }
    let plain = try count([:])
    #expect(try count(["layer_scale": "1"]) == plain + 8 + 16 + 32 + 64)
    #expect(try count(["polish": "10"]) == plain + 64 * 10 + 10 * 5 - 64 * 5)
    #expect(try count(["kernel": "3"]) == plain - 16 * (8 + 16 + 32 + 64))
    #expect(try count(["squeeze_excite": "spatial"]) == plain + 16 + 32 + 64)
    #expect(try count(["noise": "0.1", "stochastic_depth": "0.2", "activation": "relu", "random_crop": "16"]) == plain)
    #expect(try count(["down_sampler": "maxpool"]) == plain - 3 * (8 * 16 + 16 * 32 + 32 * 64))
    #expect(try count(["convolution": "regular"]) > plain)
    #expect(try count(["network": "original"]) > plain)
    #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder).isEmpty)
  }

  @Test(
    "a wrong parameter of create.lua is named",
    arguments: [
      (["preset": "M"], "option 'preset' must be 'N' or 'T' or 'S' or 'B' or 'L' or 'XL', not the string \"M\""),
      (["network": "mine"], "network must be herbariograph or original, not 'mine'"),
      (["squeeze_excite": "chanels"], "(did you mean 'channels'?)"),
      (["filter": "8"], "--set filter: the recipe has no parameter 'filter' (did you mean 'filters'?)"),
    ])
  func createRefuses(settings: [String: String], message: String) throws {
    let workshop = try Workshop()
    #expect {
      try create(workshop, settings, mode: .check)
    } throws: { error in
      "\(error)".contains(message)
    }
  }

  @Test("training goes on from a created file, and gives its classes the data's names")
  func trainingGoesOn() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 12)
    _ = try create(
      workshop, ["blocks": "1,1,1,1", "filters": "8", "expansion": "2", "classes": "2", "size": "16"])
    let recipe = """
      local wb = require "workbench"
      local data = wb.data.folder { path = wb.param("data", ""), size = 16, range = { 0, 255 }, decoder = "tensorflow",
        dct_scaling = false, resize = "bilinear", rounded = false, duplicates = false,
        split = { train = 0.5, validation = 0.25, test = 0.25 } }
      local start = wb.load(wb.param("start", ""))
      print(start.classes[1])
      local run = wb.train { model = start, data = data, epochs = 12, batch = 4,
        optimizer = wb.optimizer.adamw { learning_rate = 0.01 } }
      print(run.best.classes[1], run.best.classes[2], run.best.name)
      wb.result("accuracy", wb.evaluate { model = run.best, data = data }.accuracy)
      """
    for mode in [RecipeConfiguration.Mode.check, .run] {
      let console = Console()
      try workshop.run(recipe, mode: mode, console: console) {
        $0.settings = ["data": workshop.path("data"), "start": workshop.path("made/ConvNeXt-T.safetensors")]
      }
      #expect(console.lines.first == "0")
      #expect(console.lines.contains("bright\tdark\tConvNeXt-T"))
      if mode == .run {
        #expect(console.lines.contains { $0 == "accuracy 1.0000" }, "\(console.lines)")
      }
    }
  }

  @Test(
    "what initialize cannot do is refused with its facts",
    arguments: [
      ("model = net, classes = { 'a', 'b' }", "'classes' has 2 names, but the network gives 3 numbers"),
      ("model = net, classes = { 'a', 'b', 'a' }", "'classes' has 'a' more than once"),
      ("model = wb.initialize { model = net }", "'model' has its numbers already"),
      ("model = gray", "the network's input is 8x8x1; pictures have three channels"),
      ("model = net, size = 8", "unknown option 'size'"),
      ("model = net, range = { 0 }", "range"),
    ])
  func refused(arguments: String, message: String) throws {
    let failure = try Workshop().failure(
      """
      local wb = require "workbench"
      local function make(channels)
        return wb.sequential { wb.input { 8, 8, channels }, wb.flatten(), wb.linear { units = 3 } }
      end
      local net, gray = make(3), make(1)
      wb.initialize { \(arguments) }
      """)
    #expect(failure.message.hasPrefix("recipe.lua:6: initialize: "), "\(failure.message)")
    #expect(failure.message.contains(message), "\(failure.message)")
    #expect(failure.exitCode == 2)
  }
}
