import Foundation
import Testing

@Suite(.serialized) struct RunTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures()
    try place.writeRecipe()
  }

  @Test("a run leaves a model, a log, predictions, tables and a report, and prints the test accuracy")
  func run() throws {
    let result = try place.workbench("run", "tiny.lua", "--output", "out")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("test accuracy "))
    for name in [
      "model.safetensors", "report.html", "predictions.tsv", "confusion.tsv", "classes.tsv", "rejection.tsv",
      "run.json",
      "tiny.lua", "stage-1/log.tsv",
    ] {
      #expect(place.exists("out/\(name)"), "\(name)")
    }
    #expect(try place.table("out/stage-1/log.tsv").count == 4, "a header and three epochs")
    let predictions = try place.table("out/predictions.tsv")
    #expect(predictions.count == 7, "a header and a fifth of thirty pictures")
    #expect(predictions[0].prefix(4) == ["file", "status", "class", "probability"])
    #expect(try place.text("out/report.html").contains("Rejection plot"))
    #expect(!place.listing().contains { $0.hasSuffix(".tmp") || $0.contains(".tmp-") })
  }

  @Test("an output folder's name can be one letter long")
  func shortName() throws {
    let result = try place.workbench("run", "tiny.lua", "--set", "epochs=1", "--output", "r")
    #expect(result.status == 0, "\(result.errors)")
    let evaluation = try place.workbench("evaluate", "r/model.safetensors", "--data", "pictures", "--output", "e")
    #expect(evaluation.status == 0, "\(evaluation.errors)")
    #expect(place.exists("e/report.html"))
    for name in ["p", "-"] {
      let prediction = try place.workbench("predict", "r/model.safetensors", "pictures", "--output=\(name)")
      #expect(prediction.status == 0, "\(prediction.errors)")
      #expect(place.exists(name))
    }
    #expect(try place.workbench("predict", "r/model.safetensors", "pictures", "--output", ".").status == 2)
  }

  @Test("without --output the folder is runs/<recipe>-<date-time>")
  func defaultFolder() throws {
    let result = try place.workbench("run", "tiny.lua", "--set", "epochs=1", "--quiet")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty)
    let runs = try FileManager.default.contentsOfDirectory(atPath: place.path("runs"))
    #expect(runs.count == 1)
    #expect(runs[0].wholeMatch(of: /tiny-\d{8}-\d{6}/) != nil)
  }

  @Test("the same bits come out of one and of two threads, and other bits out of another seed")
  func threads() throws {
    for (name, threads, seed) in [("one", "1", "1"), ("two", "2", "1"), ("other", "2", "2")] {
      let result = try place.workbench(
        "run", "tiny.lua", "--output", name, "--threads", threads, "--seed", seed, "--quiet")
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try place.bytes("one/model.safetensors") == place.bytes("two/model.safetensors"))
    #expect(try place.bytes("one/predictions.tsv") == place.bytes("two/predictions.tsv"))
    #expect(try place.bytes("one/model.safetensors") != place.bytes("other/model.safetensors"))
  }

  @Test("check prints the layer table, and writes nothing")
  func check() throws {
    let before = place.listing()
    let result = try place.workbench("check", "tiny.lua")
    #expect(result.status == 0, "\(result.errors)")
    for text in [
      "Layer", "Type", "Shape", "Parameters", "conv2d_1", "30x30x4", "trainable parameters", "stained", "unstained",
    ] {
      #expect(result.output.contains(text), "\(text)")
    }
    #expect(place.listing() == before)
    #expect(try place.workbench("check", "tiny.lua", "--channel-first").output.contains("4x30x30"))
  }

  @Test("broken pictures are left out of a run, counted and named")
  func brokenPictures() throws {
    try place.write("pictures/unstained/empty.jpg", Data())
    try place.write("pictures/unstained/text.jpg", "no picture")
    try place.write("pictures/stained/cut.jpg", try Workplace.jpeg(stained: true, number: 99).prefix(300))
    try place.writeRecipe(training: "failure_limit = 1")
    let text = try place.text("tiny.lua").replacingOccurrences(
      of: "split = \"test\" }", with: "split = \"test\", failure_limit = 1 }")
    try place.write("tiny.lua", text)
    let result = try place.workbench("run", "tiny.lua", "--output", "out")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("could not be read and w"))
    let failed = try place.table("out/failed.tsv")
    #expect(failed[0] == ["file", "split", "status", "message"])
    #expect(Set(failed.dropFirst().map { $0[0] }) == ["unstained/empty.jpg", "unstained/text.jpg", "stained/cut.jpg"])
    #expect(failed.dropFirst().allSatisfy { ["train", "validation", "test"].contains($0[1]) && !$0[3].isEmpty })
    let report = try place.text("out/report.html")
    for row in failed.dropFirst() {
      #expect(result.errors.contains("  \(row[0]): \(row[3])"), "\(result.errors)")
      #expect(report.contains(row[0]))
    }
  }

  @Test("evaluate says how many pictures it could not read, and which")
  func brokenTestPictures() throws {
    let run = try place.workbench("run", "tiny.lua", "--set", "epochs=1", "--output", "out")
    #expect(run.status == 0, "\(run.errors)")
    try place.write("pictures/unstained/text.jpg", "no picture")
    let result = try place.workbench("evaluate", "out/model.safetensors", "--data", "pictures", "--output", "e")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("1 picture could not be read, and is not part of these figures"))
    #expect(result.errors.contains("1 picture could not be read and was left out:\n  unstained/text.jpg: "))
    #expect(try place.table("e/failed.tsv").map { $0[0] } == ["file", "unstained/text.jpg"])
  }

  @Test("too many broken pictures stop a run, with the reason")
  func tooManyBroken() throws {
    for number in 0..<40 { try place.write("pictures/unstained/bad\(number).jpg", "no picture") }
    let result = try place.workbench("run", "tiny.lua", "--output", "out")
    #expect(result.status == 1)
    #expect(result.errors.contains("cannot be read, more than the allowed share"))
    #expect(result.errors.contains("bad"))
  }
}
