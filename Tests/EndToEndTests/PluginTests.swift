import Foundation
import TestSupport
import Testing

/// The program with the plugin `test_layers`.
@Suite(.serialized) struct PluginTests {
  private let place: Workplace
  private let plugin = BuiltPlugin.path("test_layers")

  init() throws {
    place = try Workplace()
    try place.write("plugins/test_layers.so", try Data(contentsOf: URL(fileURLWithPath: plugin)))
    try place.drawPictures()
  }

  private func writeRecipe(layers: String = "wb.test_affine { initial = 0.5 }, wb.test_running()") throws {
    try place.writeRecipe(
      layers: "wb.conv2d { filters = 4, kernel = 3 }, \(layers), wb.relu(), wb.max_pool { window = 2 }, wb.flatten(), "
        + "wb.test_noise(), wb.linear { units = #data.classes }",
      training: "optimizer = wb.optimizer.adamw(),")
    try place.write("tiny.lua", "local plugged = require('workbench').plugin 'test_layers'\n" + place.text("tiny.lua"))
  }

  /// With the plugin's folder in `WORKBENCH_PLUGIN_PATH`.
  private func workbench(_ arguments: String...) throws -> Program.Result {
    try Program.run(
      arguments, in: place.folder, environment: ["WORKBENCH_PLUGIN_PATH": "/nowhere:\(place.path("plugins"))"])
  }

  @Test("check, run, describe, evaluate, predict, bench and convert work with a plugin's layers")
  func everything() throws {
    try writeRecipe()
    let check = try workbench("check", "tiny.lua")
    #expect(check.status == 0 && check.output.contains("test_affine_1"), "\(check.errors)")
    let run = try workbench("run", "tiny.lua", "--output", "out")
    #expect(run.status == 0, "\(run.errors)")
    let record = try place.text("out/run.json")
    #expect(record.contains("\"plugin\" : \"test_layers\"") && record.contains("\"version\" : \"1.2.3\""), "\(record)")

    let model = "out/model.safetensors"
    let description = try workbench("describe", model)
    #expect(description.status == 0 && description.output.contains("Plugins: test_layers 1.2.3\n"))
    #expect(description.output.contains("test_running_1"))
    let evaluation = try workbench("evaluate", model, "--data", "pictures", "--output", "e")
    #expect(evaluation.status == 0, "\(evaluation.errors)")
    let prediction = try workbench("predict", model, "pictures", "--output", "p.tsv")
    #expect(prediction.status == 0, "\(prediction.errors)")
    #expect(try place.table("p.tsv").count == 31)
    let bench = try workbench("bench", "tiny.lua", "--train", "--batch", "2", "--json")
    #expect(bench.status == 0 && bench.output.contains("images_per_second"), "\(bench.errors)")
    let keras = try workbench("convert", model, "model.keras")
    #expect(keras.status == 2 || keras.status == 1)
    #expect(keras.errors.contains("test_affine"), "\(keras.errors)")
    #expect(!place.exists("model.keras"))
  }

  @Test("a plugin that ends the program is no success")
  func leaving() throws {
    try writeRecipe(layers: "wb.test_failing { where = 'exit' }")
    let run = try workbench("run", "tiny.lua", "--output", "out")
    #expect(run.status == 1 && run.errors.contains("a plugin called exit"), "\(run.status): \(run.errors)")
  }

  @Test("the same bits come out of one and of two threads")
  func threads() throws {
    try writeRecipe()
    for threads in ["1", "2"] {
      let run = try workbench("run", "tiny.lua", "--output", threads, "--threads", threads)
      #expect(run.status == 0, "\(run.errors)")
    }
    #expect(try place.bytes("1/stage-1/best.safetensors") == place.bytes("2/stage-1/best.safetensors"))
  }

  @Test("--plugin takes a file or a folder, for every command; without it the model says what is missing")
  func given() throws {
    try writeRecipe()
    let run = try place.workbench("run", "tiny.lua", "--output", "out", "--plugin", "plugins/test_layers.so")
    #expect(run.status == 0, "\(run.errors)")
    // Where the program's own folder holds the plugin too, a copy elsewhere does not.
    let program = place.path("bin/workbench")
    try FileManager.default.createDirectory(atPath: place.path("bin"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Program.path, toPath: program)
    func alone(_ arguments: String...) throws -> Program.Result {
      try Program.run(arguments, in: place.folder, environment: ["HOME": place.path("home")], program: program)
    }
    let missing = try alone("describe", "out/model.safetensors")
    #expect(missing.status == 2)
    #expect(
      missing.errors.hasPrefix(
        "workbench: out/model.safetensors: its layer test_affine_1 (test_affine) needs the plugin 'test_layers' "
          + "(version 1.2.3): there is no plugin 'test_layers'; looked for"), "\(missing.errors)")
    for folder in ["home/.local/share/workbench/plugins", "bin"] {
      #expect(missing.errors.contains("\n  \(place.path(folder))"), "\(missing.errors)")
    }
    for path in ["plugins", "plugins/test_layers.so"] {
      let found = try alone("describe", "out/model.safetensors", "--plugin", path)
      #expect(found.status == 0, "\(found.errors)")
    }
    try FileManager.default.createDirectory(
      atPath: place.path("home/.local/share/workbench"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: place.path("plugins"), toPath: place.path("home/.local/share/workbench/plugins"))
    #expect(try alone("describe", "out/model.safetensors").status == 0)
  }

  @Test("a plugin that cannot be loaded ends the command before it does anything", arguments: ["gone.so", "tiny.lua"])
  func wrongPath(path: String) throws {
    try writeRecipe()
    let result = try place.workbench("run", "tiny.lua", "--output", "out", "--plugin", path)
    #expect(result.status == 2 && result.errors.hasPrefix("workbench: "), "\(result.errors)")
    #expect(!place.exists("out"))
  }

  @Test(
    "a call that fails ends the run with layer, plugin and sentence", arguments: ["forward", "backward", "prepare"])
  func failing(call: String) throws {
    try writeRecipe(layers: "wb.test_failing { where = '\(call)' }")
    let result = try workbench("run", "tiny.lua", "--output", "out")
    #expect(result.status == 1)
    #expect(
      result.errors.contains("layer test_failing_1 (test_failing): \(call) of the plugin 'test_layers' failed: "),
      "\(result.errors)")
  }

  @Test("an interrupted run goes on with the plugin, to the same bits, and not with another version")
  func resume() throws {
    try writeRecipe()
    #expect(try workbench("run", "tiny.lua", "--output", "whole", "--set", "epochs=40").status == 0)
    let running = try Program.start(
      ["run", "tiny.lua", "--output", "parts", "--set", "epochs=40"], in: place.folder,
      environment: ["WORKBENCH_PLUGIN_PATH": place.path("plugins")])
    let log = place.path("parts/stage-1/log.tsv")
    #expect(
      running.wait {
        (FileManager.default.contents(atPath: log) ?? Data()).filter { $0 == UInt8(ascii: "\n") }.count > 3
      })
    running.send(SIGINT)
    #expect(running.finish().status == 130)
    // As if the run had begun with another version.
    let record = try place.text("parts/run.json")
    try place.write("parts/run.json", record.replacing("\"version\" : \"1.2.3\"", with: "\"version\" : \"1.2.4\""))
    let refused = try workbench("run", "tiny.lua", "--output", "parts", "--set", "epochs=40", "--resume")
    #expect(refused.status == 2, "\(refused.errors)")
    #expect(refused.errors.contains("began with version 1.2.4 of the plugin 'test_layers'"), "\(refused.errors)")
    try place.write("parts/run.json", record)
    let resumed = try workbench("run", "tiny.lua", "--output", "parts", "--set", "epochs=40", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try place.bytes("parts/stage-1/best.safetensors") == place.bytes("whole/stage-1/best.safetensors"))
  }

  @Test("what a plugin tells the host is shown on standard error, as one line")
  func talking() throws {
    let source = URL(fileURLWithPath: BuiltPlugin.path("test_faults"))
    try place.write("talks.so", try Data(contentsOf: source))
    let result = try place.workbench("plugins", "list", "--plugin", "talks.so")
    #expect(result.status == 0 && result.errors.hasPrefix("hello from a plugin\n"), "\(result.errors)")
    #expect(result.output.contains("talks 0.1.0  has a fault\n"))
  }

  @Test("plugins list shows id, version, file, parts and options, and why other files are none")
  func list() throws {
    try place.write("plugins/broken.so", "not a library")
    let text = try workbench("plugins", "list")
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("test_layers 1.2.3  layers for the tests of the host\n"))
    #expect(text.output.contains("file     \(place.path("plugins/test_layers.so"))\n"))
    #expect(text.output.contains("layer    test_affine  a factor and an offset a channel\n"), "\(text.output)")
    #expect(text.output.contains("initial: a number, -10 to 10, default 1.5  the factors at the start\n"))
    #expect(text.output.contains("override relu_97  relu of 97 numbers (of relu)\n"))
    #expect(text.output.contains("rejected: \(place.path("plugins/broken.so")): cannot be loaded: "))
    let json = try workbench("plugins", "list", "--json")
    struct Listing: Decodable {
      struct Plugin: Decodable {
        let id: String
        let version: String
        let kinds: [String]
      }

      let plugins: [Plugin]
      let rejected: [String]
    }
    let listing = try JSONDecoder().decode(Listing.self, from: Data(json.output.utf8))
    let own = try #require(listing.plugins.first { $0.id == "test_layers" })
    #expect(own.version == "1.2.3" && own.kinds == ["layer", "override"])
    #expect(listing.rejected.contains { $0.contains("broken.so") })
  }
}
