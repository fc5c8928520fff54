import Foundation
import Images
import ModelFiles
import Recipes
import Records
import TestSupport
import Testing

/// Recipes whose pictures are records.
@Suite(.serialized) struct RecordDataTests {
  private static let rest = """
      size = 16, augment = { wb.augment.flip_horizontal(), wb.augment.mixup() } }
    local network = wb.sequential { wb.input { 16, 16, 3 }, wb.conv2d { filters = 4, kernel = 3 }, wb.batch_norm(), wb.relu(),
      wb.global_average_pool(), wb.linear { units = #data.classes } }
    local run = wb.train { model = network, data = data, batch = 4, epochs = 4,
      optimizer = wb.optimizer.adam { learning_rate = 0.01 } }
    local evaluation = wb.evaluate { model = run.best, data = data, label_smoothing = 0.1 }
    evaluation:save()
    wb.result("test loss", evaluation.loss)
    """

  private func records(_ workshop: Workshop) -> String {
    """
    local wb = require "workbench"
    local folder = "\(workshop.folder)/"
    local data = wb.data.tfrecord { train = { folder .. "train-0.tfr", folder .. "train-1.tfr" },
      validation = folder .. "validation.tfr", test = folder .. "test.tfr", classes = { "bright", "dark" },

    """ + Self.rest
  }

  private func manifest(_ workshop: Workshop) -> String {
    """
    local wb = require "workbench"
    local data = wb.data.manifest { path = "\(workshop.path("labels.tsv"))",

    """ + Self.rest
  }

  /// The same pictures as records and, sorted alike, as files.
  private func workshop() throws -> Workshop {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    var lines = ["path\tclass\tsplit"]
    let parts = [
      ("train-0", "train", 0..<5), ("train-1", "train", 5..<9), ("validation", "validation", 9..<12),
      ("test", "test", 12..<15),
    ]
    for (part, (file, split, numbers)) in parts.enumerated() {
      let writer = try RecordWriter(path: workshop.path(file + ".tfr"))
      for number in numbers {
        for (label, name) in ["bright", "dark"].enumerated() {
          let picture = try Data(contentsOf: URL(fileURLWithPath: workshop.path("data/\(name)/\(number).png")))
          let copy = "files/\(part)-\(String(format: "%02d", number))-\(label).png"
          try FileManager.default.createDirectory(atPath: workshop.path("files"), withIntermediateDirectories: true)
          try picture.write(to: URL(fileURLWithPath: workshop.path(copy)))
          lines.append("\(copy)\t\(name)\t\(split)")
          try writer.append(["image": .data(picture), "category": .integer(label)])
        }
      }
      try writer.finish()
    }
    try workshop.write("labels.tsv", lines.joined(separator: "\n") + "\n")
    return workshop
  }

  private func model(_ workshop: Workshop, _ run: String = "run") throws -> Model {
    try Model.load(from: workshop.path(run + "/model.safetensors"))
  }

  @Test("training on records gives the very numbers of training on the same pictures in files")
  func sameAsFiles() throws {
    let workshop = try workshop()
    let console = Console()
    try workshop.run(records(workshop), mode: .run, console: console)
    let fromFiles = Console()
    try workshop.run(manifest(workshop), mode: .run, console: fromFiles) { $0.output = workshop.path("files-run") }
    let (a, b) = (try model(workshop), try model(workshop, "files-run"))
    for (left, right) in zip(a.parameters.entries, b.parameters.entries) {
      expectSameBits(left.tensor.values, right.tensor.values)
    }
    #expect(a.classes == b.classes && a.hasClassNames)
    #expect(console.lines.last == fromFiles.lines.last)
    let names = try String(contentsOfFile: workshop.path("run/predictions.tsv"), encoding: .utf8)
    #expect(names.contains("\ntest.tfr#0\tok\t"))
  }

  @Test("an interrupted training on records is continued, and ends with the same bits")
  func resume() throws {
    let workshop = try workshop()
    try workshop.run(records(workshop), mode: .run)
    let whole = try Data(contentsOf: URL(fileURLWithPath: workshop.path("run/model.safetensors")))
    let (stop, console) = (StopSwitch(), Console())
    console.onEpoch = { if console.epochs.count == 2 { stop.set() } }
    #expect(throws: RecipeError.self) {
      try workshop.run(records(workshop), mode: .run, console: console, stop: stop) {
        $0.output = workshop.path("other")
      }
    }
    try workshop.run(records(workshop), mode: .run) {
      $0.output = workshop.path("other")
      $0.resume = true
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: workshop.path("other/model.safetensors"))) == whole)
  }

  @Test("damaged records are counted, named and listed in failed.tsv, or end the recipe")
  func damaged() throws {
    let workshop = try workshop()
    let url = URL(fileURLWithPath: workshop.path("test.tfr"))
    let offset = try RecordFile(path: url.path).place(of: 2).offset
    var bytes = try Data(contentsOf: url)
    bytes[offset + 50] ^= 8
    try bytes.write(to: url)
    let console = Console()
    try workshop.run(records(workshop), mode: .run, console: console)
    #expect(
      console.notes.contains(
        workshop.path("test.tfr")
          + ": 1 of 6 records is damaged, left out, such as record 2 at byte \(offset): its data has "
          + "not the checksum that stands behind it"))
    let failed = try String(contentsOfFile: workshop.path("run/failed.tsv"), encoding: .utf8)
    #expect(
      failed.contains("test.tfr#2\ttest\tdamaged_record\trecord 2 at byte \(offset): its data has not the checksum"))
    let failure = workshop.failure(records(workshop).replacing("classes =", with: "damaged = 'fail', classes ="))
    #expect(failure.exitCode == 2)
    #expect(failure.message.contains("record 2 at byte \(offset): its data has not the checksum"))
  }

  @Test("check prints the counts by class")
  func check() throws {
    let workshop = try workshop()
    let console = Console()
    try workshop.run(records(workshop), console: console)
    let text = console.lines.joined(separator: "\n")
    for line in [
      "Class   Train  Validation  Test", "bright      9           3     3", "total      18           6     6",
    ] {
      #expect(text.contains(line), "\(text)")
    }
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    let options: String
    let message: String

    var testDescription: String { options }
  }

  @Test(
    "what is wrong with the options is said",
    arguments: [
      Mistake(options: "validation = 'test.tfr'", message: "'path' or 'train' is required"),
      Mistake(options: "path = 'a.tfr', train = 'b.tfr'", message: "'path' and 'train' cannot both be given"),
      Mistake(options: "train = 'a.tfr', split = { train = 1 }", message: "'split' divides the records of 'path'"),
      Mistake(options: "train = 'absent.tfr'", message: "absent.tfr: no such file or folder"),
      Mistake(options: "train = '/etc/passwd'", message: "is outside the recipe's folder"),
      Mistake(options: "train = 'DIR/train-0.tfr', remap = '/etc/passwd'", message: "is outside the recipe's folder"),
      Mistake(options: "path = 'DIR/test.tfr'", message: "the data have no splits"),
      Mistake(
        options: "train = 'DIR/train-0.tfr', classes = { 'x' }",
        message: "the label 1 is outside the table of 1 classes"),
      Mistake(options: "train = 'DIR/labels.tsv'", message: "labels.tsv: no TFRecord file"),
      Mistake(options: "train = 'DIR/test.tfr', damaged = 'maybe'", message: "must be 'skip' or 'fail'"),
    ])
  func mistakes(mistake: Mistake) throws {
    let workshop = try workshop()
    let options = mistake.options.replacing("= 'DIR", with: "= '\(workshop.folder)")
    let failure = workshop.failure("local wb = require 'workbench'\nwb.data.tfrecord { size = 8, \(options) }")
    #expect(failure.exitCode == 2)
    #expect(failure.message.contains("recipe.lua:2: data.tfrecord: "), "\(failure.message)")
    #expect(failure.message.contains(mistake.message), "\(failure.message)")
  }
}
