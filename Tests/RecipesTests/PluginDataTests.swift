import Foundation
import ModelFiles
import PluginHost
import Recipes
import TestSupport
import Testing

/// Recipes whose pictures a plugin gives: Tests/Plugins/test_pictures.
@Suite(.serialized) struct PluginDataTests {
  private func recipe(_ options: String, epochs: Int = 3) -> String {
    """
    local wb = require "workbench"
    wb.plugin "test_pictures"
    local data = wb.data.test_pictures { size = 16, \(options) }
    local network = wb.sequential { wb.input { 16, 16, 3 }, wb.conv2d { filters = 4, kernel = 3 }, wb.relu(),
      wb.global_average_pool(), wb.linear { units = #data.classes } }
    local run = wb.train { model = network, data = data, batch = 5, epochs = \(epochs),
      optimizer = wb.optimizer.adam { learning_rate = 0.02 } }
    local evaluation = wb.evaluate { model = run.best, data = data }
    evaluation:save()
    wb.result("accuracy", evaluation.accuracy)
    """
  }

  private static let split = "split = { train = 0.6, validation = 0.2, test = 0.2 }"

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
  private func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  private let library: PluginLibrary

  init() throws { library = try PluginHost.shared.load(file: BuiltPlugin.path("test_pictures")) }

  @Test("a recipe trains on a plugin's pictures and evaluates; tables and report name its samples")
  func trains() throws {
    let (workshop, console) = (try Workshop(), Console())
    try workshop.run(
      recipe("named = true, augment = { wb.augment.flip_horizontal() }, " + Self.split, epochs: 12), mode: .run,
      console: console)
    #expect(console.lines.last == "accuracy 1.0000")
    let predictions = try text(workshop.path("run/predictions.tsv"))
    #expect(predictions.split(separator: "\n").count == 13 && predictions.contains("\nsheet "))
    let report = try text(workshop.path("run/report.html"))
    #expect(report.contains("of the plugin test_pictures 1.0.0"))
    let model = try Model.load(from: workshop.path("run/model.safetensors"))
    #expect(model.classes == ["dark", "bright"])
    #expect(model.provenance["data_source"]?.hasPrefix("test_pictures{\"count\":60,") == true)
  }

  @Test("an interrupted training on pictures that vary by epoch is continued, and ends with the same bits")
  func resume() throws {
    let workshop = try Workshop()
    let recipe = recipe("varies = require('choice').varies, failing = { 1, 2 }, " + Self.split)
    try workshop.write("choice.lua", "return { varies = true }")
    try workshop.run(recipe, mode: .run)
    let whole = try bytes(workshop.path("run/model.safetensors"))
    let (stop, console) = (StopSwitch(), Console())
    console.onEpoch = { if console.epochs.count == 1 { stop.set() } }
    #expect(throws: RecipeError.self) {
      try workshop.run(recipe, mode: .run, console: console, stop: stop) {
        $0.output = workshop.path("other")
      }
    }
    // The recipe is the same, its pictures are not.
    try workshop.write("choice.lua", "return { varies = false }")
    let changed = workshop.failure(recipe, mode: .run) {
      $0.output = workshop.path("other")
      $0.resume = true
    }
    #expect(changed.message.contains("the data of"), "\(changed.message)")
    try workshop.write("choice.lua", "return { varies = true }")
    try workshop.run(recipe, mode: .run) {
      $0.output = workshop.path("other")
      $0.resume = true
      $0.threads = 1
    }
    #expect(try bytes(workshop.path("other/model.safetensors")) == whole)
  }

  @Test("samples that fail are listed with the plugin's reason, and stop a run only beyond the limit")
  func failing() throws {
    let (workshop, console) = (try Workshop(), Console())
    try workshop.run(
      recipe("failing = { 3, 4 }, thread_safe = false, " + Self.split), mode: .run, console: console)
    let failed = try text(workshop.path("run/failed.tsv"))
    for number in [3, 4] {
      #expect(failed.contains("test_pictures#\(number)\t"), "\(failed)")
      #expect(failed.contains("\tcorrupt\tthe plugin test_pictures says: moths ate it"), "\(failed)")
    }
    let all = (0..<60).map(String.init).joined(separator: ", ")
    let failure = try Workshop().failure(
      recipe("failing = { \(all) }, " + Self.split), mode: .run)
    #expect(failure.exitCode == 1)
    #expect(failure.message.contains("test_pictures#"), "\(failure.message)")
    #expect(failure.message.contains("moths ate it"), "\(failure.message)")
  }

  @Test("a plugin's own splits are used, and groups are never divided")
  func splits() throws {
    let (workshop, console) = (try Workshop(), Console())
    try workshop.run(recipe("parts = 'own'"), console: console)
    #expect(console.lines.joined(separator: "\n").contains("total      36          12    12"), "\(console.lines)")
    try workshop.run(recipe("group_size = 10, " + Self.split), console: console)
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    let options: String
    let message: String

    var testDescription: String { options }
  }

  @Test(
    "what is wrong with the options is said",
    arguments: [
      Mistake(options: "size = 8", message: "the data have no splits"),
      Mistake(options: "parts = 'own'", message: "option 'size' is required"),
      Mistake(options: "size = 8, cuont = 3", message: "unknown option 'cuont' (did you mean 'count'?)"),
      Mistake(options: "size = 8, count = -3", message: "option 'count' is -3, but must be from 0 to 1000000"),
      Mistake(options: "size = 8, format = 'gif'", message: "option 'format' must be 'rgb' or 'bmp'"),
      Mistake(options: "size = 8, fault = 'open'", message: "data.test_pictures: this source does not open"),
      Mistake(options: "size = 8, path = 'absent'", message: "data.test_pictures: the file of 'path' is not there"),
      Mistake(options: "size = 8, fault = 'same_class'", message: "data.test_pictures: two classes are called 'dark'"),
      Mistake(options: "size = 8, split = { train = 0.5 }", message: "must add up to 1"),
    ])
  func mistakes(mistake: Mistake) throws {
    let failure = try Workshop().failure(
      "local wb = require 'workbench'\nwb.plugin 'test_pictures'\nwb.data.test_pictures { \(mistake.options) }")
    #expect(failure.exitCode == 2)
    #expect(failure.message.contains("recipe.lua:3: data.test_pictures: "), "\(failure.message)")
    #expect(failure.message.contains(mistake.message), "\(failure.message)")
  }

  @Test("a source that wants data which are not there is planned with two made-up classes")
  func plan() throws {
    let outcome = try Workshop().run(recipe("path = 'absent'"), mode: .plan)
    #expect(outcome.networks.count == 1)
  }

  @Test("the option names that sources may not have are those of all data")
  func reservedOptions() throws {
    let source = try #require(library.sources.first)
    let common = RecipeSurface.schema(of: source).options.map(\.name).dropFirst(source.schema.options.count)
    #expect(Set(common) == Set(PluginSourceType.reservedOptions))
  }
}
