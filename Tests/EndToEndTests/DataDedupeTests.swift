import Foundation
import Images
import Records
import Testing

@Suite(.serialized) struct DataDedupeTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 6)
    try place.write("pictures/unstained/copy.jpg", Workplace.jpeg(stained: true, number: 2))
    try place.write("pictures/unstained/broken.jpg", "no picture")
  }

  @Test("data inspect counts, and names what is damaged and what is there twice")
  func inspect() throws {
    let result = try place.workbench("data", "inspect", "pictures")
    #expect(result.status == 0, "\(result.errors)")
    let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.contains(["stained", "6"]) && rows.contains(["unstained", "7"]) && rows.contains(["all", "13"]))
    #expect(result.output.contains("pictures/unstained/broken.jpg: not a picture in a known format"))
    #expect(result.output.contains("pictures/stained/02.jpg (stained) = pictures/unstained/copy.jpg (unstained)"))
    #expect(try place.workbench("data", "inspect", "pictures", "--strict").status == 1)
    let json = try place.workbench("data", "inspect", "pictures", "--json")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let parts = try #require(object["parts"] as? [[String: Any]])
    #expect(parts[0]["pictures"] as? Int == 13 && parts[0]["damaged"] as? Int == 1)
    #expect((object["copies"] as? [[Any]])?.count == 1)
  }

  @Test("data inspect locates a damaged record, and compares with a table")
  func inspectRecords() throws {
    #expect(try place.workbench("data", "pack", "pictures", "--output", "p", "--size", "16", "--quiet").status == 0)
    var content = try place.bytes("p-train.tfr")
    let second = try RecordFile(path: place.path("p-train.tfr")).place(of: 1).offset
    content[second + 40] ^= 1
    try place.write("p-train.tfr", content)
    try place.write("p-classes.tsv", "index\tclass\n0\tstained\n")
    let result = try place.workbench(
      "data", "inspect", "p-train.tfr", "p-validation.tfr", "--classes", "p-classes.tsv")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("p-train.tfr#1: record 1 at byte \(second): its data has not the checksum"))
    #expect(result.output.contains("the class '1' is not in the table"))
    for (arguments, message) in [
      (["none"], "none: no such file or folder"), (["p-train.tfr", "--classes", "none"], "none"),
      (["pictures", "--class-column", "x"], "--class-column: only for manifests"), ([], "Missing expected argument"),
    ] {
      let result = try Program.run(["data", "inspect"] + arguments, in: place.folder)
      #expect(result.status == 2 && result.output.isEmpty && result.errors.contains(message), "\(result.errors)")
    }
  }

  @Test("data dedupe reports the groups and writes a manifest that can be packed")
  func dedupe() throws {
    let before = try FileManager.default.subpathsOfDirectory(atPath: place.path("pictures")).sorted()
    let result = try place.workbench("data", "dedupe", "pictures", "--output", "d")
    #expect(result.status == 0, "\(result.errors)")
    let rows = try place.table("d-duplicates.tsv")
    #expect(
      rows[0] == [
        "group", "kept", "file", "class", "split", "distance", "hash", "width", "height", "bytes", "conflict",
      ])
    let twin = try #require(rows.first { $0[2] == "unstained/copy.jpg" })
    let kept = try #require(rows.first { $0[0] == twin[0] && $0[1] == "yes" })
    #expect(twin[6] == kept[6] && twin[10] == "yes" && twin[6].count == 16)
    #expect(result.output.contains("of different classes"))
    #expect(try place.table("d-failed.tsv").count == 2)
    let leftOut = rows.dropFirst().count { $0[1] == "no" }
    #expect(try place.table("d-kept.tsv").count == 1 + 13 - leftOut)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: place.path("pictures")).sorted() == before)
    #expect(try place.workbench("data", "pack", "d-kept.tsv", "--output", "p", "--size", "16").status == 0)
    let again = try place.workbench("data", "dedupe", "d-kept.tsv", "--output", "e")
    #expect(again.output.contains("0 duplicates in 0 groups"), "\(again.output)")
  }

  @Test("--strict ends with 1 when a picture could not be read, after the files were written")
  func strict() throws {
    let result = try place.workbench("data", "dedupe", "pictures", "--output", "d", "--strict")
    #expect(result.status == 1 && result.errors.contains("1 picture could not be read (--strict)"), "\(result.errors)")
    #expect(place.exists("d-kept.tsv"))
  }

  @Test("data pack names the splits that got no picture")
  func emptySplits() throws {
    let result = try place.workbench("data", "pack", "pictures", "--output", "p", "--size", "16", "--split", "100,1,1")
    #expect(result.status == 0 && !place.exists("p-test.tfr"))
    #expect(result.errors.contains("no picture went to the test split, which gets no file"), "\(result.errors)")
  }

  @Test("--move-to moves the duplicates away")
  func move() throws {
    let result = try place.workbench("data", "dedupe", "pictures", "--output", "d", "--move-to", "away")
    #expect(result.status == 0, "\(result.errors)")
    let left = try place.table("d-duplicates.tsv").filter { $0[1] == "no" }.map { $0[2] }
    #expect(!left.isEmpty && left.allSatisfy { place.exists("away/\($0)") && !place.exists("pictures/\($0)") })
  }

  @Test("records are copied without their duplicates")
  func records() throws {
    #expect(
      try place.workbench("data", "pack", "pictures", "--output", "p", "--size", "40", "--split", "1,1", "--quiet")
        .status
        == 0)
    let result = try place.workbench("data", "dedupe", "p-train.tfr", "p-validation.tfr", "--output", "d")
    #expect(result.status == 0, "\(result.errors)")
    let leftOut = try place.table("d-duplicates.tsv").count { $0[1] == "no" }
    let counts = try ["train", "validation"].map { try RecordFile(path: place.path("d-p-\($0).tfr")).count }
    #expect(leftOut > 0 && counts.reduce(0, +) == 13 - leftOut)
  }

  @Test("requests that cannot be met leave everything as it is")
  func mistakes() throws {
    try place.write("d-kept.tsv", "mine")
    try place.write("a.tfr", "no records at all")
    try FileManager.default.createDirectory(at: place.url("pictures/away"), withIntermediateDirectories: true)
    for (arguments, message) in [
      (["pictures", "--output", "d"], "d-kept.tsv: is there already; --force replaces it"),
      (["pictures", "--output", "e", "--distance", "16"], "--distance 16: must be from 0 to 15"),
      (["pictures", "--output", "e", "--keep", "best"], "--keep best: must be largest or first"),
      (["pictures", "d-kept.tsv", "--output", "e"], "give one folder or manifest, or TFRecord files"),
      (["a.tfr", "--output", "e"], "a.tfr: no TFRecord file"),
      (["a.tfr", "--output", "e", "--move-to", "x"], "--move-to: records cannot be moved"),
      (["pictures", "--output", "e", "--move-to", "pictures/away"], "lies in pictures, where it would be taken"),
      (["none", "--output", "e"], "none: no such file or folder"),
    ] {
      let before = place.listing()
      let result = try Program.run(["data", "dedupe"] + arguments, in: place.folder)
      #expect(result.status == 2 && result.output.isEmpty, "\(arguments) \(result.status)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(place.listing() == before)
    }
  }
}
