import Foundation
import PluginHost
import Recipes
import TestSupport
import Testing

/// `wb.plugin`.
@Suite struct PluginTests {
  private let workshop: Workshop
  private let path = BuiltPlugin.path("test_layers")

  init() throws {
    workshop = try Workshop()
    // As --plugin does.
    try PluginHost.shared.load(file: path)
  }

  @Test("a plugin is asked for by its id: it tells of itself, and its layers are functions of wb and of its own")
  func use() throws {
    try workshop.writeEmptyClasses(["a": 12, "b": 12])
    let console = Console()
    let outcome = try workshop.run(
      """
      local wb = require "workbench"
      local layers = wb.plugin "test_layers"
      print(layers, layers.id, layers.version, layers.help, layers == wb.plugin "test_layers")
      local data = wb.data.folder { path = "\(workshop.path("data"))", size = 8, split = { train = 0.5, validation = 0.25, test = 0.25 } }
      local model = wb.sequential {
        wb.input { 8, 8, 3 }, wb.test_affine { initial = 2, name = "first" }, wb.flatten(), layers.test_copy(),
        wb.linear { units = 2 },
      }
      print(model:layer("first").options.initial, model:layer("test_copy_1").type)
      wb.train { model = model, data = data, epochs = 1 }
      """, console: console)
    #expect(
      console.lines.first == "plugin test_layers 1.2.3\ttest_layers\t1.2.3\tlayers for the tests of the host\ttrue")
    #expect(console.lines.dropFirst().first == "2.0\ttest_copy")
    #expect(console.lines.contains { $0.hasPrefix("first") && $0.contains("test_affine") })
    #expect(outcome.networks.map(\.network.origins.count) == [1])
  }

  @Test(
    "mistakes are told with file and line",
    arguments: [
      ("wb.test_affine {}", "there is no wb.test_affine"),
      (
        "local p = wb.plugin 'test_layers' p.test_affine { initail = 3 }",
        "test_affine: unknown option 'initail' (did you mean 'initial'?)"
      ),
      (
        "wb.plugin 'test_layers' wb.test_affine { initial = 11 }",
        "test_affine: option 'initial' is 11, but must be from -10 to 10"
      ),
      (
        "local p = wb.plugin 'test_layers' print(p.test_afine)",
        "a plugin has no 'test_afine' (did you mean 'test_affine'?)"
      ),
      ("wb.plugin(3)", "plugin: the argument must be a plugin's id, as in wb.plugin \"gem_pooling\", not 3"),
      ("wb.plugin 'No Plugin'", "plugin: 'No Plugin' cannot be the name of a plugin"),
      ("wb.plugin '/tmp/x.so'", "plugin: '/tmp/x.so': a plugin is native code"),
      ("wb.plugin '../x/y'", "plugin: '../x/y': a plugin is native code"),
    ])
  func mistakes(line: String, message: String) throws {
    let failure = workshop.failure("local wb = require 'workbench' " + line)
    #expect(failure.message.hasPrefix("recipe.lua:1: " + message), "\(failure.message)")
    #expect(failure.exitCode == 2)
  }

  @Test("a plugin that is nowhere is named with the folders that were searched")
  func missing() throws {
    let message = workshop.failure("require('workbench').plugin 'gone_fishing'").message
    #expect(
      message.hasPrefix("recipe.lua:1: plugin: there is no plugin 'gone_fishing'; looked for gone_fishing.so and"))
    for folder in PluginHost.shared.folders { #expect(message.contains("\n  \(folder)"), "\(message)") }
  }

  @Test("a path is taken when the command line has given it, and with --trust")
  func paths() throws {
    let console = Console()
    try workshop.run("print(require('workbench').plugin('\(path)').id)", console: console)
    #expect(console.lines == ["test_layers"])
    let copy = workshop.path("trusted_path.so")
    try FileManager.default.copyItem(atPath: BuiltPlugin.path("test_faults"), toPath: copy)
    let text = "print(require('workbench').plugin('\(copy)').id)"
    #expect(workshop.failure(text).message.contains("only with --trust"))
    try workshop.run(text, console: console) { $0.trust = true }
    #expect(console.lines == ["test_layers", "trusted_path"])
  }

  @Test("training what stands before a layer without a backward pass is refused when the recipe is checked")
  func inferenceOnly() throws {
    try workshop.writeEmptyClasses(["a": 12, "b": 12])
    let failure = workshop.failure(
      """
      local wb = require "workbench"
      wb.plugin "test_layers"
      local data = wb.data.folder { path = "\(workshop.path("data"))", size = 8, split = { train = 0.5, validation = 0.25, test = 0.25 } }
      local model = wb.sequential {
        wb.input { 8, 8, 3 }, wb.flatten(), wb.linear { units = 2 }, wb.test_threshold { level = 0 },
      }
      wb.train { model = model, data = data, epochs = 1 }
      """)
    #expect(
      failure.message
        == "recipe.lua:7: layer test_threshold_1 (test_threshold): it has no backward pass, so that nothing before it "
        + "can learn, but linear_1 does")
    #expect(failure.exitCode == 2)
  }
}
