import Foundation
import Testing

/// What the program does with a model: describe, evaluate, predict, convert, bench; and with files that are none.
@Suite(.serialized) struct ModelFileTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 10)
    try place.writeRecipe()
    let result = try place.workbench("run", "tiny.lua", "--output", "out", "--quiet")
    #expect(result.status == 0, "\(result.errors)")
    try place.write("m.safetensors", place.bytes("out/model.safetensors"))
  }

  private func expectFailure(
    _ result: Program.Result, status: Int32 = 2, _ fragments: String..., location: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == status, "\(result.errors)", sourceLocation: location)
    for fragment in fragments {
      #expect(result.errors.contains(fragment), "\(result.errors)", sourceLocation: location)
    }
  }

  @Test("describe prints layers, classes and where the model comes from")
  func describe() throws {
    let result = try place.workbench("describe", "m.safetensors")
    #expect(result.status == 0)
    for text in ["conv2d_1", "trainable parameters", "stained, unstained", "tiny.lua", "seed"] {
      #expect(result.output.contains(text), "\(text)")
    }
    let json = try place.workbench("describe", "m.safetensors", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["classes"] as? [String] == ["stained", "unstained"])
  }

  @Test("evaluate prints accuracy, classes, confusion and rejection, and saves them with a report")
  func evaluate() throws {
    let result = try place.workbench("evaluate", "m.safetensors", "--data", "pictures", "--output", "evaluation")
    #expect(result.status == 0, "\(result.errors)")
    for text in ["all accuracy ", "Precision", "True class", "Least certain set aside"] {
      #expect(result.output.contains(text), "\(text)")
    }
    for name in ["report.html", "predictions.tsv", "confusion.tsv", "classes.tsv", "rejection.tsv"] {
      #expect(place.exists("evaluation/\(name)"), "\(name)")
    }
    #expect(try place.table("evaluation/predictions.tsv").count == 21)
    let json = try place.workbench(
      "evaluate", "m.safetensors", "--data", "pictures", "--output", "evaluation", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["pictures"] as? Int == 20)
  }

  @Test("a split that the data do not have, and classes that the model does not know")
  func evaluateBadly() throws {
    expectFailure(
      try place.workbench("evaluate", "m.safetensors", "--data", "pictures", "--split", "test"), "--split test",
      "no splits")
    expectFailure(
      try place.workbench("evaluate", "m.safetensors", "--data", "pictures", "--split", "tset"), "--split tset")
    try place.write("pictures/green/1.jpg", Workplace.jpeg(stained: false, number: 1))
    expectFailure(
      try place.workbench("evaluate", "m.safetensors", "--data", "pictures", "--output", "evaluation"), "does not know",
      "'green'")
  }

  @Test("predict gives each input a row, in their order, broken ones with the reason")
  func predict() throws {
    try place.write("new/b.jpg", Workplace.jpeg(stained: false, number: 50))
    try place.write("new/a.jpg", Workplace.jpeg(stained: true, number: 51))
    try place.write("new/c.jpg", Data())
    try place.write("new/d.jpg", "no picture")
    try place.write("new/e.jpg", Workplace.jpeg(stained: false, number: 52).prefix(400))
    try place.write("new/tab\there.jpg", Workplace.jpeg(stained: false, number: 53))
    let result = try place.workbench(
      "predict", "m.safetensors", "new/b.jpg", "new/missing.jpg", "--output", "none.tsv")
    expectFailure(result, "new/missing.jpg", "no such file")
    #expect(!place.exists("none.tsv"))

    try place.write("list.txt", "new/b.jpg\nnew/missing.jpg\n")
    let good = try place.workbench(
      "predict", "m.safetensors", "new/b.jpg", "new", "--list", "list.txt", "--output", "p.tsv", "--top", "1")
    #expect(good.status == 0, "\(good.errors)")
    #expect(good.errors.contains("9 files"))
    let rows = try place.table("p.tsv")
    #expect(rows[0] == ["file", "status", "class", "probability", "message"])
    #expect(
      rows.dropFirst().map { $0[0] } == [
        "new/b.jpg", "new/a.jpg", "new/b.jpg", "new/c.jpg", "new/d.jpg", "new/e.jpg", "new/tab\\there.jpg", "new/b.jpg",
        "new/missing.jpg",
      ])
    #expect(
      rows.dropFirst().map { $0[1] } == [
        "ok", "ok", "ok", "empty", "not_an_image", "truncated", "ok", "ok", "unreadable",
      ])
    for row in rows.dropFirst() {
      #expect(row.count == 5)
      #expect((row[1] == "ok") == (row[4].isEmpty && !row[2].isEmpty && !row[3].isEmpty), "\(row)")
    }
    #expect(rows[1][2...3] == rows[3][2...3], "the same picture gets the same answer")
  }

  @Test("--strict makes failed files an error; --reject makes uncertain ones unknown")
  func strict() throws {
    try place.write("new/a.jpg", Workplace.jpeg(stained: true, number: 51))
    try place.write("new/c.jpg", Data())
    expectFailure(
      try place.workbench("predict", "m.safetensors", "new", "--output", "p.tsv", "--strict"), status: 1,
      "1 of 2 files could not be read")
    #expect(place.exists("p.tsv"))
    let result = try place.workbench("predict", "m.safetensors", "new/a.jpg", "--output", "p.tsv", "--reject", "1")
    #expect(result.status == 0)
    let row = try place.table("p.tsv")[1]
    #expect(row[1] == "unknown" || row[3] == "1.000000")
    #expect(!row[2].isEmpty)
  }

  @Test("convert gives classes other names, and keeps the numbers")
  func convert() throws {
    try place.write("labels.txt", "ocean\nfire\n")
    let result = try place.workbench(
      "convert", "m.safetensors", "n.safetensors", "--labels", "labels.txt", "--name", "renamed")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try place.workbench("describe", "n.safetensors").output.contains("ocean, fire"))
    for (model, output) in [("m", "m.tsv"), ("n", "n.tsv")] {
      #expect(try place.workbench("predict", "\(model).safetensors", "pictures", "--output", output).status == 0)
    }
    #expect(try place.table("m.tsv").map { $0[3] } == place.table("n.tsv").map { $0[3] })
    try place.write("labels.txt", "ocean\n")
    expectFailure(
      try place.workbench("convert", "m.safetensors", "n.safetensors", "--labels", "labels.txt"),
      "holds 1 name, but the model has 2 classes")
    expectFailure(try place.workbench("convert", "m.safetensors", "n.onnx"), "'.onnx' is unknown")
  }

  @Test("a model file that is cut short, has a flipped byte, or is something else")
  func damaged() throws {
    let whole = try place.bytes("m.safetensors")
    try place.write("cut.safetensors", whole.prefix(whole.count - 100))
    try place.write("start.safetensors", whole.prefix(40))
    for position in [whole.count - 50, 200] {
      var flipped = whole
      flipped[position] ^= 0x10
      try place.write("flipped-\(position).safetensors", flipped)
    }
    try place.write("text.safetensors", "this is not a model")
    for name in ["cut", "start", "flipped-\(whole.count - 50)", "flipped-200", "text"] {
      let result = try place.workbench("predict", "\(name).safetensors", "pictures", "--output", "p.tsv")
      expectFailure(result, "\(name).safetensors", location: #_sourceLocation)
      #expect(!place.exists("p.tsv"), "\(name)")
    }
  }

  @Test("a model of another network does not fit a recipe")
  func otherNetwork() throws {
    try place.write(
      "go-on.lua",
      """
      local wb = require "workbench"
      local data = wb.data.folder { path = "pictures", size = 48, split = { train = 0.8, validation = 0.2 } }
      wb.train { model = wb.load "m.safetensors", data = data, epochs = 1 }
      """)
    expectFailure(try place.workbench("run", "go-on.lua"), "go-on.lua:3", "32x32x3", "48x48x3")
  }

  @Test("bench measures a model, and a recipe whose data are not there")
  func bench() throws {
    for arguments in [
      ["m.safetensors"], ["m.safetensors", "--train"], ["tiny.lua", "--set", "data=nowhere"],
    ] {
      let result = try Program.run(["bench"] + arguments + ["--batch", "4", "--json"], in: place.folder)
      #expect(result.status == 0, "\(result.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      #expect((object?["images_per_second"] as? Double ?? 0) > 0)
      #expect((object?["peak_bytes"] as? Int ?? 0) > 1_000_000)
    }
  }
}
