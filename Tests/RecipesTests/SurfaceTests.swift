import Foundation
import Recipes
import Testing

/// The parts of the surface that need no training.
@Suite struct SurfaceTests {
  /// The recipe of this repository.
  static func shipped(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("recipes/\(name).lua").path
  }

  private func check(_ name: String, _ workshop: Workshop, _ settings: [String: String] = [:]) throws -> Console {
    try workshop.writeEmptyClasses(["stained": 10, "unstained": 10])
    var configuration = RecipeConfiguration(path: Self.shipped(name))
    configuration.mode = .check
    configuration.channelFirst = true
    configuration.settings = ["data": workshop.path("data")].merging(settings) { $1 }
    let console = Console()
    try RecipeRunner(configuration, console: console, shouldStop: { false }).run()
    return console
  }

  @Test("stained.lua is Table 1 of the paper")
  func table1() throws {
    let workshop = try Workshop()
    let lines = try check("stained", workshop).lines
    #expect(lines.contains("4,150,830 trainable parameters, 320 others (running statistics)"))
    let shapes = lines.filter { $0.contains("x") && $0.contains("_") }.compactMap { line in
      line.split(separator: " ").first { $0.contains("x") && $0.allSatisfy { $0.isNumber || $0 == "x" } }
    }
    #expect(
      shapes == [
        "16x252x252", "16x252x252", "16x252x252", "16x126x126", "32x122x122", "32x122x122", "32x122x122", "32x61x61",
        "64x57x57", "64x57x57", "64x57x57", "64x28x28", "48x26x26", "48x26x26", "48x26x26", "48x13x13",
      ])
    #expect(lines.contains { $0.hasPrefix("flatten_1") && $0.contains(" 8112 ") })
  }

  @Test("families.lua is Table 2 of the paper")
  func table2() throws {
    let workshop = try Workshop()
    let lines = try check("families", workshop).lines
    #expect(lines.contains("74,432,402 trainable parameters, 100 others (running statistics)"))
    #expect(lines.contains { $0.hasPrefix("flatten_1") && $0.contains(" 148840 ") })
  }

  @Test("check says memory, operations, time, disk and classes, and writes nothing")
  func check() throws {
    let workshop = try Workshop()
    let console = try check("quickstart", workshop, ["size": "64", "epochs": "3"])
    for word in ["memory ", "operations ", "time ", "disk ", "Class ", "stained", "total"] {
      #expect(console.lines.contains { $0.hasPrefix(word) }, "\(word)")
    }
    #expect(console.lines.contains { $0.contains("for 3 epochs") })
    #expect(!console.lines.contains { $0.hasPrefix("test accuracy") })
    #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder) == ["data"])
  }

  @Test("--set gives a parameter its value, as the default's type")
  func settings() throws {
    let workshop = try Workshop()
    let console = Console()
    let outcome = try workshop.run(
      """
      local wb = require "workbench"
      print(wb.param("n", 3), wb.param("x", 0.5), wb.param("s", "a"), wb.param("b", false), wb.param("l", { 1, 2 })[2],
            wb.param("none"), wb.param("n", 3))
      """, console: console
    ) { $0.settings = ["n": "7", "x": "1e-3", "s": "a=b", "b": "yes", "l": "4, 5"] }
    #expect(console.lines == ["7\t0.001\ta=b\ttrue\t5\tnil\t7"])
    #expect(outcome.parameters.map(\.name) == ["n", "x", "s", "b", "l", "none"])
    #expect(outcome.parameters.map(\.value) == ["7", "0.001", "a=b", "true", "4,5", ""])
  }

  @Test(
    "a --set that does not fit is a wrong request",
    arguments: [
      ("n", "seven", "recipe.lua:2: --set n=seven: must be an integer"),
      ("n", "1.5", "recipe.lua:2: --set n=1.5: must be an integer"),
      ("n", "", "recipe.lua:2: --set n=: must be an integer"),
      ("rate", "nan", "recipe.lua:2: --set rate=nan: must be a number"),
      ("epoch", "3", "--set epoch: the recipe has no parameter 'epoch' (did you mean 'epochs'?)"),
      ("zzz", "3", "--set zzz: the recipe has no parameter 'zzz' (it has epochs, n, rate)"),
    ])
  func badSettings(name: String, value: String, message: String) throws {
    let workshop = try Workshop()
    let failure = workshop.failure(
      "local wb = require 'workbench'\nlocal n, r, e = wb.param('n', 3), wb.param('rate', 0.1), wb.param('epochs', 2)"
    ) { $0.settings = [name: value] }
    #expect(failure.message == message)
    #expect(failure.exitCode == 2)
  }

  @Test("an unknown --set is found before training, but one that a later line declares is not unknown")
  func lateParameters() throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 10, "b": 10])
    let recipe = """
      local wb = require "workbench"
      local data = wb.data.folder { path = wb.param("data", "x"), size = 8, split = { train = 0.7, validation = 0.2, test = 0.1 } }
      wb.train { data = data, model = wb.sequential {
        wb.input { 8, 8, 3 }, wb.flatten(), wb.linear { units = #data.classes } } }
      print(wb.param("late", 3))
      """
    let console = Console()
    try workshop.run(recipe, console: console) { $0.settings = ["data": workshop.path("data"), "late": "4"] }
    #expect(console.lines.last == "4")
    let failure = workshop.failure(recipe) { $0.settings = ["data": workshop.path("data"), "lat": "4"] }
    #expect(failure.message == "--set lat: the recipe has no parameter 'lat' (it has data)")
  }

  @Test("nodes can be added and multiplied, and know their shapes")
  func nodes() throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      local x = wb.input { 8, 6, 3 }
      local y = wb.conv2d { filters = 4, kernel = 3, padding = "same", name = "first" } (x)
      print(y, y.channels, y.height, y.width, table.concat(y.shape, ","), y.name, y.type)
      local z = (y + y) * wb.sigmoid()(y)
      local a = wb.add() { y, z }
      local b = wb.add()(y, z)
      local block = wb.sequential { wb.relu(), wb.global_average_pool() }
      local m = wb.model { input = x, output = wb.linear { units = 2 } (block(a)), name = "graph" }
      print(m, m.parameters, m:layer("first").options.filters, m:layer("linear_1").shape[1])
      print(pcall(function() return wb.global_average_pool()(x).height end))
      """, console: console)
    #expect(
      console.lines == [
        "first (8x6x4)\t4\t8\t6\t8,6,4\tfirst\tconv2d", "graph: 8x6x3 to 2 classes\t122\t4\t2",
        "false\trecipe.lua:11: global_average_pool_2: a node of shape 3 has no height",
      ])
  }

  @Test("data know their classes and counts before a picture is opened")
  func data() throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["oak": 20, "ash": 10])
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      local data = wb.data.folder { path = wb.param("data", ""), size = { 8, 6 },
        split = { train = 0.7, validation = 0.2, test = 0.1 } }
      print(#data.classes, data.classes[1], data.counts.oak, data.count, data.train.total, data.validation.oak,
            data.test.total, data.height, data.width)
      """, console: console
    ) { $0.settings = ["data": workshop.path("data")] }
    #expect(console.lines == ["2\tash\t20\t30\t21\t4\t3\t8\t6"])
  }

  @Test(
    "what does not fit together is found before training",
    arguments: [
      (
        "wb.linear { units = 3 }", "size = 8", "",
        "the network gives 3 numbers, but the data has 2 classes (wb.linear { units = #data.classes } follows the data)"
      ),
      (
        "wb.linear { units = 2 }", "size = 9", "",
        "the network's input is 8x8x3, but the pictures are 9x9x3 ('size' of the data)"
      ),
      (
        "wb.linear { units = 2 }", "size = 8", "class_weights = { 1, 2, 3 }",
        "'class_weights' has 3 numbers, but the data has 2 classes"
      ),
    ])
  func fit(layer: String, size: String, option: String, reason: String) throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 10, "b": 10])
    let failure = workshop.failure(
      """
      local wb = require "workbench"
      local data = wb.data.folder { path = wb.param("data", ""), \(size), split = { train = 0.7, validation = 0.2, test = 0.1 } }
      local model = wb.sequential { wb.input { 8, 8, 3 }, wb.flatten(), \(layer) }
      wb.train { model = model, data = data, \(option) }
      """
    ) { $0.settings = ["data": workshop.path("data")] }
    #expect(failure.message == "recipe.lua:4: train: " + reason)
    #expect(failure.exitCode == 2)
  }

  @Test(
    "bad data are a wrong request",
    arguments: [
      ([:], "no such file or folder"), (["only": 5], "at least two classes are needed"), (["a": 0], "no such file"),
    ] as [([String: Int], String)])
  func badData(classes: [String: Int], reason: String) throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(classes)
    let failure = workshop.failure(
      "local wb = require 'workbench'\nwb.data.folder { path = wb.param('data', ''), size = 8, split = { train = 1 } }"
    ) { $0.settings = ["data": workshop.path("data")] }
    #expect(failure.message.contains(reason))
    #expect(failure.exitCode == 2)
  }
}
