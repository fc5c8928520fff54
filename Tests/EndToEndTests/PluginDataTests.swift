import Foundation
import Images
import TestSupport
import Testing

/// The built program with Tests/Plugins/test_pictures: a source and a picture format.
@Suite(.serialized) struct PluginDataTests {
  private let place: Workplace
  private let plugin = BuiltPlugin.path("test_pictures")

  init() throws {
    place = try Workplace()
    // Each batch takes some milliseconds longer than it must, so that a signal meets the run in mid-epoch.
    try place.write(
      "drawn.lua",
      """
      local wb = require "workbench"
      wb.plugin "test_pictures"
      local data = wb.data.test_pictures {
        size = 16, varies = true, failing = { 7 }, split = { train = 0.6, validation = 0.2, test = 0.2 },
      }
      local network = wb.sequential { wb.input { 16, 16, 3 }, wb.conv2d { filters = 4, kernel = 3 }, wb.batch_norm(),
        wb.relu(), wb.global_average_pool(), wb.linear { units = #data.classes } }
      local run = wb.train { model = network, data = data, batch = 4, epochs = 4, checkpoint_batches = 2,
        on_batch = function() local x = 0 for i = 1, 1000000 do x = x + i end end }
      wb.evaluate { model = run.best, data = data }:save()

      """)
  }

  private func run(_ arguments: String...) throws -> Program.Result {
    try Program.run(arguments + ["--plugin", plugin], in: place.folder)
  }

  @Test("a run on a plugin's pictures that is killed in mid-epoch is resumed, and ends with the same bits")
  func resume() throws {
    let whole = try run("run", "drawn.lua", "--output", "whole")
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try place.text("whole/failed.tsv").contains("test_pictures#7\t"))
    #expect(try place.text("whole/report.html").contains("of the plugin test_pictures 1.0.0"))

    let running = try Program.start(
      ["run", "drawn.lua", "--output", "killed", "--plugin", plugin], in: place.folder)
    #expect(running.wait { ((try? place.table("killed/stage-1/log.tsv")) ?? []).count >= 2 })
    usleep(20_000)
    running.send(SIGKILL)
    #expect(running.finish().status == 128 + SIGKILL)
    let resumed = try run("run", "drawn.lua", "--output", "killed", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    for name in ["model.safetensors", "predictions.tsv"] {
      #expect(try place.bytes("killed/\(name)") == place.bytes("whole/\(name)"), "\(name)")
    }
  }

  @Test("files of a plugin's format are predicted like others, and are no pictures without it")
  func predict() throws {
    try place.drawPictures(count: 10)
    try place.writeRecipe()
    let trained = try place.workbench("run", "tiny.lua", "--output", "out", "--quiet")
    #expect(trained.status == 0, "\(trained.errors)")
    // The same pixels in a file of a built-in format and in one of the plugin's.
    let picture = Picture(width: 40, height: 32, pixels: (0..<40 * 32 * 3).map { UInt8(truncatingIfNeeded: $0 / 15) })
    try place.write("new/1.png", try PictureEncoder.png(picture))
    var testfeld = Data("testfeld".utf8) + [1, 0, 0, 0, 40, 0, 0, 0, 32]
    for pixel in 0..<40 * 32 { testfeld += picture.pixels[3 * pixel..<3 * pixel + 3] + [255] }
    try place.write("new/2.tff", testfeld)
    let predicted = try run("predict", "out/model.safetensors", "new", "--output", "with.tsv")
    #expect(predicted.status == 0, "\(predicted.errors)")
    let rows = try place.table("with.tsv")
    #expect(rows.count == 3)
    #expect(rows[1].dropFirst() == rows[2].dropFirst() && rows[2][1] == "ok")
    _ = try place.workbench("predict", "out/model.safetensors", "new", "--output", "without.tsv")
    #expect(try place.table("without.tsv").last?[1] == "not_an_image")
  }
}
