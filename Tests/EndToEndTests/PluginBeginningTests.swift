import Foundation
import Images
import Testing

/// The way of docs/plugins.md: `plugins new`, `make`, `plugins check`, and a network that is trained with it.
@Suite("Plugins that workbench plugins new has begun") struct PluginBeginningTests {
  private func make(_ name: String, kind: String, in place: Workplace) throws {
    let new = try place.workbench("plugins", "new", name, "--kind", kind)
    #expect(new.status == 0, "\(new.errors)")
    #expect(new.output.contains("cd \(name)\n  make\n"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["make", "-s", "-C", place.path(name)]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func run(_ name: String, _ settings: String..., in place: Workplace) throws -> Program.Result {
    try Program.run(
      ["run", "\(name)/recipe.lua", "--plugin", "\(name)/\(name).so", "--output", "run", "--set", "epochs=1"]
        + settings.flatMap { ["--set", $0] }, in: place.folder)
  }

  @Test("pass every check", arguments: ["layer", "source", "codec"])
  func checks(kind: String) throws {
    let place = try Workplace()
    try make("moss_7", kind: kind, in: place)
    let result = try place.workbench("plugins", "check", "moss_7/moss_7.so")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("a layer is trained, saved, missed and used again")
  func layer() throws {
    let place = try Workplace()
    try place.drawPictures("data", count: 12)
    try make("soft_limit", kind: "layer", in: place)
    let trained = try run("soft_limit", "data=data", "size=24", in: place)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.hasPrefix("test accuracy "))

    let without = try place.workbench("describe", "run/model.safetensors")
    #expect(without.status == 2)
    for word in ["soft_limit", "0.1.0"] { #expect(without.errors.contains(word), "\(without.errors)") }
    let description = try place.workbench(
      "describe", "run/model.safetensors", "--plugin", "soft_limit/soft_limit.so")
    #expect(description.status == 0, "\(description.errors)")
    #expect(description.output.contains("soft_limit_2"))
    let prediction = try place.workbench(
      "predict", "run/model.safetensors", "data", "--output", "answers.tsv", "--plugin", "soft_limit/soft_limit.so")
    #expect(prediction.status == 0, "\(prediction.errors)")
    #expect(try place.table("answers.tsv").count == 25)
  }

  @Test("a source is a data set")
  func source() throws {
    let place = try Workplace()
    try make("leaves", kind: "source", in: place)
    let result = try run("leaves", "count=60", "size=24", in: place)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("test accuracy "))
    #expect(try place.table("run/predictions.tsv").count == 7)
  }

  @Test("a codec reads pictures in folders")
  func codec() throws {
    let place = try Workplace()
    for name in Workplace.classes {
      for number in 0..<12 {
        try place.write(
          "data/\(name)/\(number).ff", farbfeld(Workplace.picture(stained: name == "stained", number: number)))
      }
    }
    try make("farbfeld", kind: "codec", in: place)
    let result = try run("farbfeld", "data=data", "size=24", in: place)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("test accuracy "))
    #expect(!result.errors.contains("could not be read"))
  }

  private func farbfeld(_ picture: Picture) -> Data {
    var bytes = Array("farbfeld".utf8)
    for extent in [picture.width, picture.height] {
      bytes += (0..<4).reversed().map { UInt8(extent >> (8 * $0) & 255) }
    }
    for pixel in stride(from: 0, to: picture.pixels.count, by: 3) {
      // A byte twice is the same share of 65535 as it was of 255.
      bytes += picture.pixels[pixel..<pixel + 3].flatMap { [$0, $0] } + [255, 255]
    }
    return Data(bytes)
  }

  @Test(
    "what cannot be written is refused, and nothing is left",
    arguments: [
      ("Moss", "cannot be the name of a plugin: letters a to z"), ("relu", "recipes have a wb.relu"),
      ("folder", "recipes have a wb.folder or wb.data.folder already"), ("data", "recipes have a wb.data"),
      ("end", "a word of the recipes' language"), ("here", "./here: exists already; nothing was changed"),
    ])
  func refusals(name: String, reason: String) throws {
    let place = try Workplace()
    try place.write("here/mine.txt", "mine")
    let result = try place.workbench("plugins", "new", name, "--kind", "layer")
    #expect(result.status == 2)
    #expect(result.errors.contains(reason), "\(result.errors)")
    #expect(place.listing() == ["here", "here/mine.txt"])
  }

  @Test("stubs writes the annotations and, where there are none, the settings")
  func stubs() throws {
    let place = try Workplace()
    let first = try place.workbench("stubs", "--output", "recipes")
    #expect(first.status == 0, "\(first.errors)")
    #expect(
      place.listing() == ["recipes", "recipes/.luarc.json", "recipes/.workbench", "recipes/.workbench/workbench.lua"])
    #expect(try place.text("recipes/.workbench/workbench.lua").contains("\nfunction wb.conv2d(options) end\n"))
    let settings = try JSONSerialization.jsonObject(with: place.bytes("recipes/.luarc.json")) as? [String: Any]
    #expect((settings?["workspace.library"] as? [String])?.first == ".workbench")

    // What plugins of the tests say while they are loaded stands before it.
    let second = try place.workbench("stubs", "--output", "recipes").errors
    #expect(second.hasSuffix("wrote recipes/.workbench/workbench.lua\n") && !second.contains(".luarc.json"))
    try place.write("recipes/.luarc.json", "{}")
    let kept = try place.workbench("stubs", "--output", "recipes")
    #expect(kept.status == 0 && kept.errors.contains("kept recipes/.luarc.json"))
    #expect(try place.text("recipes/.luarc.json") == "{}")
    let refused = try place.workbench("stubs", "--output", "recipes/.luarc.json/x")
    #expect(refused.status == 2 && refused.errors.contains("cannot be written: Not a directory"), "\(refused.errors)")
  }
}
