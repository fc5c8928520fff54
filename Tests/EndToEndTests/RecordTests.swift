import Foundation
import Records
import Testing

/// `evaluate` on TFRecord files.
@Suite(.serialized) struct RecordTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 10)
    try place.writeRecipe()
    let result = try place.workbench("run", "tiny.lua", "--output", "out", "--quiet")
    #expect(result.status == 0, "\(result.errors)")
    let writer = try RecordWriter(path: place.path("a.tfr"))
    for number in 0..<10 {
      for (label, name) in Workplace.classes.enumerated() {
        let picture = try place.bytes("pictures/\(name)/" + String(format: "%02d.jpg", number))
        try writer.append(["jpeg": .data(picture), "kind": .integer(label + 5), "name": .text(name)])
      }
    }
    try writer.finish()
    try place.write("map.tsv", "old\tnew\n5\t0\n6\t1\n")
    try place.write("classes.tsv", "index\tclass\n1\tunstained\n0\tstained\n")
  }

  private func figures(_ arguments: String...) throws -> [String: Double] {
    let result = try Program.run(
      ["evaluate", "out/model.safetensors", "--json", "--quiet", "--output", "evaluation"] + arguments, in: place.folder
    )
    #expect(result.status == 0, "\(result.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any] ?? [:]
    return object.compactMapValues { $0 as? Double }
  }

  @Test("records and files of the same pictures give the same figures, by number or by name")
  func figures() throws {
    let files = try figures("--data", "pictures")
    #expect(files["pictures"] == 20)
    for arguments in [
      ["--label-key", "kind", "--remap", "map.tsv", "--classes", "classes.tsv"],
      ["--label-key", "kind", "--remap", "map.tsv"],
      ["--label-key", "name"],
    ] {
      let records = try Program.run(
        ["evaluate", "out/model.safetensors", "--json", "--data", "a.tfr", "--output", "evaluation"] + arguments,
        in: place.folder)
      #expect(records.status == 0, "\(records.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(records.output.utf8)) as? [String: Any] ?? [:]
      for name in ["pictures", "accuracy", "macro_f1", "aucpr"] {
        #expect(try #require(object[name] as? Double) == files[name], "\(name)")
      }
      // The mean is of the same numbers in another order.
      #expect(abs((object["loss"] as? Double ?? 0) - (files["loss"] ?? 1)) < 1e-9)
    }
    #expect(try place.text("evaluation/predictions.tsv").contains("\na.tfr#19\tok\t"))
  }

  @Test("a model that was trained on numbers is matched to named data place by place, and says so")
  func withoutNames() throws {
    let writer = try RecordWriter(path: place.path("numbers.tfr"))
    for number in 0..<10 {
      for label in 0...1 {
        let name = "pictures/\(Workplace.classes[label])/" + String(format: "%02d.jpg", number)
        try writer.append(["image": .data(try place.bytes(name)), "label": .integer(label)])
      }
    }
    try writer.finish()
    try place.write(
      "numbers.lua",
      """
      local wb = require "workbench"
      local data = wb.data.tfrecord { path = "numbers.tfr", size = 16, split = { train = 0.8, validation = 0.2 } }
      local network = wb.sequential { wb.input { 16, 16, 3 }, wb.flatten(), wb.linear { units = #data.classes } }
      wb.train { model = network, data = data, batch = 4, epochs = 2 }
      """)
    let run = try place.workbench("run", "numbers.lua", "--output", "numbers", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    let command = ["evaluate", "numbers/model.safetensors", "--output", "evaluation", "--data"]
    let byNumber = try Program.run(command + ["numbers.tfr"], in: place.folder)
    let byPlace = try Program.run(command + ["pictures"], in: place.folder)
    #expect(byPlace.errors.contains("the model's classes have no names: those of the data are taken, in their order"))
    #expect(byPlace.output.contains("stained") && !byNumber.output.contains("stained"))
    #expect(byNumber.output.split(separator: "\n").prefix(2) == byPlace.output.split(separator: "\n").prefix(2))
    try place.drawPictures("more/a")
    let tooMany = try Program.run(command + ["more"], in: place.folder)
    #expect(tooMany.status == 2)
    let sentence = "more: the data have 1 classes, and the model 2 that have no names; give it names with --labels"
    #expect(tooMany.errors.contains(sentence), "\(tooMany.errors)")
  }

  @Test("the loss is smoothed by a tenth unless the command says otherwise")
  func smoothing() throws {
    let smoothed = try figures("--data", "pictures")["loss"] ?? 0
    let plain = try figures("--data", "pictures", "--label-smoothing", "0")["loss"] ?? 0
    #expect(try figures("--data", "pictures", "--label-smoothing", "0.1")["loss"] == smoothed)
    #expect(smoothed != plain)
    #expect(try place.workbench("evaluate", "m", "--data", "x", "--label-smoothing", "2").status == 2)
  }

  @Test("what is wrong with records, labels or options ends the command with 2 and a sentence")
  func mistakes() throws {
    for (arguments, sentence) in [
      (["--data", "a.tfr"], "which feature of the first record is the class? It has 'jpeg' (bytes), 'kind' (int64)"),
      (
        ["--data", "a.tfr", "--label-key", "kind"],
        "a.tfr: record 0 at byte 0: the label 5 is outside the table of 2 classes"
      ),
      (
        ["--data", "a.tfr", "--label-key", "kind", "--classes", "classes.tsv"], "the label 5 is outside the table of 2"
      ),
      (["--data", "a.tfr", "--label-key", "kinds"], "no feature 'kinds'; it has 'jpeg', 'kind', 'name'"),
      (["--data", "pictures", "--label-key", "kind"], "--label-key: only for TFRecord files, and pictures is none"),
      (["--data", "absent.tfr"], "absent.tfr: no such file or folder"),
      (["--data", "a.tfr", "--damaged", "perhaps"], "--damaged perhaps: must be skip or fail"),
    ] {
      let result = try Program.run(["evaluate", "out/model.safetensors"] + arguments, in: place.folder)
      #expect(result.status == 2, "\(arguments) \(result.errors)")
      #expect(result.errors.contains(sentence), "\(result.errors)")
    }
  }

  @Test("damaged records are skipped and named, or fatal; more than the limit end the command with 1")
  func damaged() throws {
    let offset = try RecordFile(path: place.path("a.tfr")).place(of: 3).offset
    var bytes = try place.bytes("a.tfr")
    bytes[offset + 40] ^= 1
    try place.write("bad.tfr", bytes)
    let base = [
      "evaluate", "out/model.safetensors", "--data", "bad.tfr", "--label-key", "name", "--output", "evaluation",
    ]
    let skipped = try Program.run(base, in: place.folder)
    #expect(skipped.status == 0, "\(skipped.errors)")
    #expect(skipped.output.contains("pictures 19") && skipped.output.contains("1 picture could not be read"))
    #expect(
      try place.text("evaluation/failed.tsv").contains(
        "bad.tfr#3\t\tdamaged_record\trecord 3 at byte \(offset): its data"))
    let fatal = try Program.run(base + ["--damaged", "fail"], in: place.folder)
    #expect(fatal.status == 2)
    #expect(fatal.errors.contains("bad.tfr: record 3 at byte \(offset): its data has not the checksum"))
    let limited = try Program.run(base + ["--failure-limit", "0.01"], in: place.folder)
    #expect(limited.status == 1)
    #expect(limited.errors.contains("bad.tfr#3: record 3 at byte \(offset)"))
  }
}
