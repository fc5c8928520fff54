import Datasets
import Foundation
import Images
import Records
import Tensors
import Testing

@Suite("inspection of data")
struct DataInspectionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func inspect(_ paths: [String], table: [String]? = nil) throws -> DataInspection {
    try DataInspection(
      paths.map { DatasetSource(path: folder.path($0)) }, table: table, pool: WorkerPool(workerCount: 2))
  }

  private func records(_ name: String, labels: [Int], side: Int = 8) throws {
    let writer = try RecordWriter(path: folder.path(name))
    for (number, label) in labels.enumerated() {
      let picture = Picture(width: side, height: side, colour: (UInt8(number * 9 + name.utf8.count), UInt8(side), 7))
      try writer.append(["image": .data(try PictureEncoder.png(picture)), "category": .integer(label)])
    }
    try writer.finish()
  }

  @Test("counts, sizes, formats, damage and equal files of a folder")
  func aFolder() throws {
    for side in [10, 30, 20] { try folder.draw("data/oak/\(side).png", number: side, side: side) }
    try folder.write("data/ash/1.jpg", PictureEncoder.jpeg(Picture(width: 50, height: 40, colour: (9, 9, 9))))
    try folder.write("data/ash/copy.png", Data(contentsOf: URL(fileURLWithPath: folder.path("data/oak/20.png"))))
    let whole = try PictureEncoder.jpeg(Picture(width: 90, height: 90, colour: (9, 90, 9)))
    try folder.write("data/ash/cut.jpg", whole.prefix(whole.count / 2))
    let found = try inspect(["data"])
    #expect(found.classes == ["ash", "oak"])
    let part = try #require(found.parts.first)
    #expect(found.parts.count == 1 && part.name == "all")
    #expect(part.counts == [2, 3] && part.damaged == 1)
    #expect([part.widths?.least, part.widths?.median, part.widths?.most] == [10, 20, 50])
    #expect(part.heights?.most == 40)
    #expect(part.formats.map(\.name) == ["JPEG", "PNG"] && part.formats.map(\.pictures) == [1, 4])
    #expect(found.damaged.map(\.path) == [folder.path("data/ash/cut.jpg")])
    #expect(found.damaged[0].reason == "the JPEG data ends too early")
    #expect(found.copies.count == 1 && found.copies[0].hasConflict && !found.copies[0].crossesParts)
    #expect(found.copies[0].files.map(\.label) == ["ash", "oak"])
    #expect(found.mismatches.isEmpty)
  }

  @Test("the turned size of a JPEG counts, in full although it is decoded smaller")
  func sizes() throws {
    var jpeg = try PictureEncoder.jpeg(Picture(width: 400, height: 300, colour: (9, 9, 9)))
    let exif: [UInt8] =
      [0xff, 0xe1, 0, 34] + Array("Exif".utf8) + [0, 0] + Array("MM".utf8)
      + [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
    jpeg.insert(contentsOf: exif, at: 2)
    try folder.write("data/a/1.jpg", jpeg)
    let part = try #require(inspect(["data"]).parts.first)
    #expect(part.widths?.most == 300 && part.heights?.most == 400)
  }

  @Test("records beside a table: labels outside it, classes without pictures, parts without classes")
  func table() throws {
    try records("train.tfr", labels: [0, 1, 1, 4])
    try records("test.tfr", labels: [0, 0])
    let found = try inspect(["train.tfr", "test.tfr"], table: ["ash", "oak", "yew"])
    #expect(found.classes == ["ash", "oak", "yew", "4"] && found.tableCount == 3)
    #expect(found.parts.map(\.counts) == [[1, 2, 0, 1], [2, 0, 0, 0]])
    let name = folder.path("train.tfr")
    #expect(
      found.mismatches == [
        "the class '4' is not in the table: 1 in \(name)", "no picture at all of 'yew'",
        "\(folder.path("test.tfr")) has no picture of 'oak', '4'",
      ])
    #expect(try inspect(["train.tfr"]).classes == ["0", "1", "4"])
  }

  @Test("damaged records are named by their byte; a file that is damaged from its start is a part without pictures")
  func damagedRecords() throws {
    try records("a.tfr", labels: [0, 1, 0])
    var content = try Data(contentsOf: URL(fileURLWithPath: folder.path("a.tfr")))
    content[content.count - 10] ^= 1
    try folder.write("b.tfr", content)
    content[3] ^= 1
    try folder.write("c.tfr", content)
    try folder.write("empty.tfr", "")
    let found = try inspect(["a.tfr", "b.tfr", "c.tfr", "empty.tfr"])
    #expect(found.parts.map(\.pictures) == [3, 2, 0, 0])
    #expect(found.parts.map(\.damaged) == [0, 1, 1, 0])
    #expect(found.damaged.map(\.path) == [folder.path("b.tfr") + "#2", folder.path("c.tfr")])
    #expect(found.damaged[0].reason.contains("at byte"))
    #expect(found.damaged[1].reason.contains("no TFRecord file"))
    #expect(found.copies.count == 2 && found.copies.allSatisfy(\.crossesParts))
  }

  @Test("splits are parts, and names that look the same are pointed out")
  func splits() throws {
    for name in ["train/Red oak", "train/red_oak", "test/Red oak"] {
      try folder.draw("data/\(name)/\(name.utf8.count).png", number: name.utf8.count)
    }
    let found = try inspect(["data"])
    #expect(found.parts.map(\.name) == ["train", "test"])
    #expect(
      found.mismatches == [
        "test has no picture of 'red_oak'", "the classes 'Red oak', 'red_oak' have nearly the same name",
      ])
  }

  @Test("what is no data at all is an error")
  func errors() throws {
    #expect(throws: DatasetError.notFound(path: folder.path("none"))) { try inspect(["none"]) }
    #expect(throws: DatasetError.notFound(path: folder.path("none.tfr"))) { try inspect(["none.tfr"]) }
    try folder.write("empty/x/readme.txt", "")
    #expect(throws: DatasetError.noPictures(path: folder.path("empty"), otherFiles: 1)) { try inspect(["empty"]) }
    try records("a.tfr", labels: [0])
    #expect(throws: DataPreparationError.interrupted) {
      _ = try DataInspection(
        [DatasetSource(path: folder.path("a.tfr"))], pool: WorkerPool(workerCount: 1), shouldStop: { true })
    }
  }
}
