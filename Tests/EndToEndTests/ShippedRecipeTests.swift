import Foundation
import Testing

/// The recipes of this repository, on what the plugins beside the program draw: no data, no download.
@Suite(.serialized) struct ShippedRecipeTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// `recipes/<name>.lua`.
  private func recipe(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("recipes/\(name).lua").path
  }

  private func run(_ name: String, _ output: String, _ settings: [String], threads: Int = 2) throws -> Program.Result {
    let sets = settings.flatMap { ["--set", $0] }
    return try Program.run(
      ["run", recipe(name), "--output", output, "--threads", "\(threads)", "--quiet"] + sets, in: place.folder)
  }

  @Test("stained.lua without data learns from drawn sheets, to the same bits on one thread and on two")
  func stained() throws {
    let settings = ["size=64", "sheets=48", "epochs=2"]
    for threads in [1, 2] {
      let result = try run("stained", "out\(threads)", settings, threads: threads)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("test accuracy "))
    }
    #expect(try place.bytes("out1/model.safetensors") == place.bytes("out2/model.safetensors"))
    #expect(try place.bytes("out1/predictions.tsv") == place.bytes("out2/predictions.tsv"))
    let rows = try place.table("out1/predictions.tsv").dropFirst()
    #expect(!rows.isEmpty && rows.allSatisfy { $0[0].hasPrefix("sheet 000") && $0[1] == "ok" }, "\(rows)")
    #expect(try place.text("out1/report.html").contains("unstained"))
  }

  @Test("what stained.lua learnt without data tells the classes of files")
  func predict() throws {
    let result = try run("stained", "out", ["size=64", "sheets=48", "epochs=1"])
    #expect(result.status == 0, "\(result.errors)")
    try place.drawPictures(count: 3)
    let prediction = try place.workbench("predict", "out/model.safetensors", "pictures", "--output", "p.tsv")
    #expect(prediction.status == 0, "\(prediction.errors)")
    let rows = try place.table("p.tsv").dropFirst()
    #expect(rows.count == 6 && rows.allSatisfy { Workplace.classes.contains($0[2]) })
  }

  @Test(
    "the other recipes need no data either",
    arguments: [("families", "clubmoss"), ("quickstart", "stained"), ("gem", "gem_pooling"), ("fractals", "fractal")])
  func check(name: String, word: String) throws {
    let before = place.listing()
    let result = try place.workbench("check", recipe(name))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains(word), "\(result.output)")
    #expect(place.listing() == before)
  }

  @Test("gem.lua trains, its model says which plugin it needs, and predicts")
  func gem() throws {
    let result = try run("gem", "out", ["size=32", "sheets=80", "epochs=1"])
    #expect(result.status == 0, "\(result.errors)")
    let description = try place.workbench("describe", "out/model.safetensors")
    #expect(description.status == 0, "\(description.errors)")
    #expect(description.output.contains("output_gem") && description.output.contains("gem_pooling"))
    try place.drawPictures(count: 2)
    let prediction = try place.workbench("predict", "out/model.safetensors", "pictures", "--output", "p.tsv")
    #expect(prediction.status == 0, "\(prediction.errors)")
    #expect(try place.table("p.tsv").count == 5)
  }

  @Test("fractals.lua pre-trains on views, and is asked about other views")
  func fractals() throws {
    let result = try run("fractals", "out", ["size=32", "categories=4", "epochs=2"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("test accuracy "))
    #expect(place.exists("out/model.safetensors"))
  }
}
