import Foundation
import Images
import Records
import Testing

@Suite(.serialized) struct DataPackTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 12)
    try place.write("pictures/stained/broken.jpg", "no picture")
  }

  private func pack(_ arguments: String...) throws -> Program.Result {
    try Program.run(["data", "pack", "pictures", "--size", "24"] + arguments, in: place.folder)
  }

  @Test("data pack writes three files and two tables, and prints what is in them")
  func pack() throws {
    let result = try pack("--output", "p", "--split", "8,2,2", "--threads", "2")
    #expect(result.status == 0, "\(result.errors)")
    let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows[0] == ["Class", "train", "validation", "test", "all"])
    #expect(rows.contains(["unstained", "8", "2", "2", "12"]))
    #expect(result.errors.contains("1 picture could not be read and was left out:"))
    #expect(try place.text("p-classes.tsv") == "index\tclass\n0\tstained\n1\tunstained\n")
    let failed = try place.table("p-failed.tsv")
    #expect(failed[0] == ["file", "split", "status", "message"])
    #expect(failed[1][0] == "stained/broken.jpg" && failed[1][2] == "not_an_image")
    let file = try RecordFile(path: place.path("p-validation.tfr"))
    #expect(file.count == 4)
    #expect(try PictureDecoder.decode(file.picture(at: 0)).width == 24)
    #expect(try pack("--output", "q", "--split", "8,2,2", "--threads", "1").status == 0)
    for split in ["train", "validation", "test"] {
      #expect(try place.bytes("p-\(split).tfr") == place.bytes("q-\(split).tfr"))
    }
    #expect(try pack("--output", "r", "--strict").status == 1)
  }

  @Test("a recipe trains on what was packed, with its class names")
  func training() throws {
    #expect(try pack("--output", "p", "--split", "6,3,3").status == 0)
    try place.write(
      "packed.lua",
      """
      local wb = require "workbench"
      local data = wb.data.tfrecord {
        train = "p-train.tfr", validation = "p-validation.tfr", test = "p-test.tfr", classes = "p-classes.tsv", size = 24,
      }
      local network = wb.sequential { wb.input { 24, 24, 3 }, wb.flatten(), wb.linear { units = #data.classes } }
      local run = wb.train { model = network, data = data, batch = 4, epochs = 1 }
      print(table.concat(data.classes, " "))
      """)
    let result = try place.workbench("run", "packed.lua", "--output", "out")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("stained unstained"))
  }

  @Test("requests that cannot be met leave everything as it is")
  func mistakes() throws {
    try place.write("p-train.tfr", "mine")
    try place.write("labels.txt", "stained\n")
    try place.write("empty/readme.txt", "")
    for (arguments, message) in [
      (["pictures", "--output", "p"], "p-train.tfr: is there already; --force replaces it"),
      (["pictures", "--output", "none/p"], "none: no such folder"),
      (["pictures", "--output", ""], "--output : must be what the names of files begin with"),
      (["nothing", "--output", "q"], "nothing: no such file or folder"),
      (["empty", "--output", "q"], "empty: no pictures found"),
      (["pictures", "--output", "q", "--split", "0.7,0.1"], "--split 0.7,0.1: must be shares"),
      (["pictures", "--output", "q", "--quality", "101"], "--quality 101: must be from 1 to 100"),
      (["pictures", "--output", "q", "--size", "x"], "--size x: must be a number of pixels"),
      (["pictures", "--output", "q", "--resize", "squash"], "--resize squash: must be stretch, pad or crop"),
      (["pictures", "--output", "q", "--minimum", "99"], "no class has 99 pictures; the largest, 'stained', has 13"),
      (["pictures", "--output", "q", "--labels", "labels.txt"], "labels.txt does not have the class 'unstained'"),
      (["pictures", "--output", "q", "--class-column", "kind"], "--class-column: only for manifests"),
    ] {
      let before = place.listing()
      let result = try Program.run(["data", "pack"] + arguments, in: place.folder)
      #expect(result.status == 2 && result.output.isEmpty, "\(arguments) \(result.status)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(place.listing() == before)
    }
    #expect(try place.text("p-train.tfr") == "mine")
  }

  @Test("--force replaces an earlier packing, files that the new one does not have included")
  func force() throws {
    #expect(try pack("--output", "p").status == 0)
    #expect(place.exists("p-test.tfr") && place.exists("p-failed.tsv"))
    try FileManager.default.removeItem(at: place.url("pictures/stained/broken.jpg"))
    #expect(try pack("--output", "p", "--split", "1,1", "--force").status == 0)
    #expect(!place.exists("p-test.tfr") && !place.exists("p-failed.tsv"))
  }

  @Test("splits of a manifest are kept, and drawn anew only when that is asked for")
  func manifest() throws {
    var lines = "path\tkind\tsplit\n"
    for number in 0..<12 {
      for kind in Workplace.classes {
        let split = number < 6 ? "train" : "test"
        lines += "\(kind)/" + String(format: "%02d.jpg", number) + "\t\(kind)\t\(split)\n"
      }
    }
    try place.write("pictures/list.tsv", lines)
    func run(_ arguments: String...) throws -> Program.Result {
      try Program.run(
        ["data", "pack", "pictures/list.tsv", "--class-column", "kind", "--size", "16"] + arguments, in: place.folder)
    }
    #expect(try run("--output", "p").status == 0)
    #expect(!place.exists("p-validation.tfr"))
    #expect(try RecordFile(path: place.path("p-test.tfr")).count == 12)
    let refused = try run("--output", "q", "--split", "10,1,1")
    #expect(refused.status == 2 && refused.errors.contains("--resplit"), "\(refused.errors)")
    #expect(try run("--output", "q", "--split", "10,1,1", "--resplit").status == 0)
    #expect(try RecordFile(path: place.path("q-test.tfr")).count == 2)
  }

  @Test("Ctrl-C leaves the files of an earlier packing, and no others")
  func interrupted() throws {
    // Large enough that a signal meets the work.
    let noise = Picture(
      width: 1500, height: 1500,
      pixels: (0..<1500 * 1500 * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
    let jpeg = try PictureEncoder.jpeg(noise, quality: 95)
    for number in 0..<300 { try place.write("many/\(number % 2)/\(number).jpg", jpeg) }
    for name in ["p-train.tfr", "p-classes.tsv"] { try place.write(name, "old") }
    let before = place.listing()
    let running = try Program.start(["data", "pack", "many", "--output", "p", "--force"], in: place.folder)
    #expect(running.wait { place.listing().contains { $0.hasSuffix(".tmp") } })
    usleep(50_000)
    running.send(SIGINT)
    let result = running.finish()
    #expect(result.status == 130, "\(result.errors)")
    #expect(place.listing() == before)
    #expect(try place.text("p-train.tfr") == "old" && place.text("p-classes.tsv") == "old")
  }

  @Test(
    "a full disk ends the packing with 1, and leaves the files of an earlier one",
    .enabled(if: SmallDisk.canBeMade, "only root may mount a small disk"))
  func fullDisk() throws {
    let disk = try #require(SmallDisk(kilobytes: 60))
    let output = disk.path + "/p"
    #expect(try pack("--output", output, "--quality", "10").status == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: output + "-train.tfr"))
    let result = try Program.run(
      ["data", "pack", "pictures", "--output", output, "--size", "200", "--force"], in: place.folder)
    #expect(result.status == 1 && result.errors.contains("the disk is full"), "\(result.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: output + "-train.tfr")) == before)
    let files = try FileManager.default.contentsOfDirectory(atPath: disk.path)
    #expect(!files.contains { $0.hasSuffix(".tmp") }, "\(files)")
  }
}
