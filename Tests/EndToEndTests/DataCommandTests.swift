import Foundation
import Images
import Testing

@Suite(.serialized) struct DataCommandTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 6)
    try place.write("pictures/red/broken.jpg", "no picture")
  }

  @Test("data corrupt writes a copy of each picture, a table, and how many got which fault")
  func corrupt() throws {
    let result = try place.workbench("data", "corrupt", "pictures", "--output", "bad", "--threads", "2")
    #expect(result.status == 0, "\(result.errors)")
    let counts = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(counts.compactMap { Int($0[1]) }.reduce(0, +) == 12 && counts.count == 6)
    #expect(result.errors.contains("left out: pictures/red/broken.jpg"))
    let table = try place.table("bad/corruptions.tsv")
    #expect(table.count == 13 && table[0] == ["file", "corruption"])
    for row in table.dropFirst() {
      let copy = try PictureDecoder.decode(place.bytes("bad/" + row[0]))
      #expect(copy.width == 40 && copy.height == 40)
    }
    #expect(try place.workbench("data", "corrupt", "pictures", "--output", "one", "--threads", "1").status == 0)
    for row in table.dropFirst() { #expect(try place.bytes("one/" + row[0]) == place.bytes("bad/" + row[0])) }
  }

  @Test("names with tabs and line breaks are escaped; two pictures never become one file")
  func names() throws {
    let bytes = try Workplace.jpeg(stained: true, number: 1)
    for name in ["x.png", "x.png.jpg", "tab\there.jpg", "new\nline.jpg"] { try place.write("odd/a/\(name)", bytes) }
    try place.write("odd/a/bad\tname.jpg", "no picture")
    let result = try place.workbench("data", "corrupt", "odd", "--output", "bad")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("left out: odd/a/bad\\tname.jpg: "))
    #expect(
      try place.table("bad/corruptions.tsv").map { $0[0] } == [
        "file", "a/new\\nline.jpg", "a/tab\\there.jpg", "a/x.png-2.jpg", "a/x.png.jpg",
      ])
    #expect(place.exists("bad/a/x.png-2.jpg") && place.exists("bad/a/x.png.jpg") && place.exists("bad/a/tab\there.jpg"))
  }

  @Test("a copy that cannot be written ends the work, and nothing is left of it")
  func unwritable() throws {
    // With the ending of a JPEG the name is longer than names can be.
    try place.write(
      "pictures/red/" + String(repeating: "n", count: 251) + ".png", Workplace.jpeg(stained: true, number: 1))
    let result = try place.workbench("data", "corrupt", "pictures", "--output", "bad")
    #expect(result.status == 1 && result.errors.contains("cannot be written"), "\(result.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("bad")).isEmpty)
  }

  @Test("requests that cannot be met leave everything as it is")
  func mistakes() throws {
    try place.write("full/x.txt", "mine")
    for (arguments, message) in [
      (["pictures", "--output", "full"], "full: must be a new or an empty folder, but there is 'x.txt'"),
      (["pictures", "--output", "pictures"], "pictures: must be a new or an empty folder"),
      (["nothing", "--output", "bad"], "nothing: no such file or folder"),
      (["full", "--output", "bad"], "full"),
      (["pictures", "--output", "bad", "--kinds", "blur,dust"], "--kinds blur,dust: must be some of overflow,blur"),
      (["pictures", "--output", "bad", "--quality", "0"], "--quality 0: must be from 1 to 100"),
    ] {
      let before = place.listing()
      let result = try Program.run(["data", "corrupt"] + arguments, in: place.folder)
      #expect(result.status == 2 && result.output.isEmpty, "\(arguments)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(place.listing() == before)
    }
  }
}
