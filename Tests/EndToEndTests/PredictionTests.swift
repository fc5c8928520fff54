import Foundation
import Images
import Testing

/// `workbench predict` and `merge` as a person or a batch system runs them.
@Suite(.serialized)
final class PredictionTests {
  private let place: Workplace
  private static let count = 400

  /// The bytes of a model that was trained once for all tests.
  private static let model = Result {
    let place = try Workplace()
    try place.drawPictures(count: 8)
    try place.writeRecipe()
    let trained = try place.workbench("run", "tiny.lua", "--set", "epochs=1", "--output", "out", "--quiet")
    try #require(trained.status == 0, "\(trained.errors)")
    return try place.bytes("out/model.safetensors")
  }

  /// The model, and 400 pictures of which some are broken.
  init() throws {
    place = try Workplace()
    try place.write("out/model.safetensors", PredictionTests.model.get())
    for number in 0..<PredictionTests.count {
      let data = number % 50 == 7 ? Data("broken".utf8) : try Workplace.jpeg(stained: number % 3 != 0, number: number)
      try place.write("in/" + String(format: "%d/%03d.jpg", number % 4, number), data)
    }
  }

  private func predict(_ output: String, _ arguments: String..., environment: [String: String] = [:]) throws
    -> Program.Result
  {
    try Program.run(
      ["predict", "out/model.safetensors", "--output", output] + arguments, in: place.folder, environment: environment)
  }

  /// Starts a prediction of all pictures, many times over, and waits until the table has grown to some size.
  private func interrupted(_ output: String, bytes: Int, signal: Int32) throws -> Program.Result {
    let list = try place.text("list.txt")
    try place.write("long.txt", String(repeating: list, count: 25))
    let running = try Program.start(
      ["predict", "out/model.safetensors", "--output", output, "--list", "long.txt", "--threads", "1"],
      in: place.folder)
    let partial = place.path(output + ".partial")
    let isThere = running.wait {
      ((try? FileManager.default.attributesOfItem(atPath: partial)[.size]) as? Int ?? 0) >= bytes
    }
    #expect(isThere, "it was over before it could be interrupted")
    running.send(signal)
    return running.finish()
  }

  private func writeList() throws {
    let names = place.listing().filter { $0.hasPrefix("in/") && $0.hasSuffix(".jpg") }
    try place.write("list.txt", names.joined(separator: "\n") + "\n")
  }

  @Test("after kill -9 anywhere, --resume ends with the bytes of an uninterrupted run")
  func killed() throws {
    try writeList()
    var isWhole = false
    for bytes in [0, 1, 40_000, 200_000] {
      #expect(try interrupted("killed.tsv", bytes: bytes, signal: SIGKILL).status == 128 + SIGKILL)
      #expect(!place.exists("killed.tsv"))
      if !isWhole {
        #expect(try predict("whole.tsv", "--list", "long.txt").status == 0)
        isWhole = true
      }
      let result = try predict("killed.tsv", "--list", "long.txt", "--resume")
      #expect(result.status == 0, "\(result.errors)")
      if bytes == 200_000 { #expect(result.errors.contains("goes on after"), "\(result.errors)") }
      #expect(try place.bytes("killed.tsv") == place.bytes("whole.tsv"), "killed at \(bytes) bytes")
      try FileManager.default.removeItem(at: place.url("killed.tsv"))
    }
    #expect(!place.listing().contains { $0.hasSuffix(".partial") || $0.hasSuffix(".listing") || $0.hasSuffix(".tmp") })
  }

  @Test("SIGINT and SIGTERM keep the rows, say how to go on, and exit with 130 and 143", arguments: [SIGINT, SIGTERM])
  func signalled(signal: Int32) throws {
    try writeList()
    let result = try interrupted("stopped.tsv", bytes: 20_000, signal: signal)
    #expect(result.status == 128 + signal)
    #expect(result.errors.contains("stopped after") && result.errors.contains("--resume"), "\(result.errors)")
    #expect(try predict("stopped.tsv", "--list", "long.txt", "--resume").status == 0)
    #expect(try predict("whole.tsv", "--list", "long.txt").status == 0)
    #expect(try place.bytes("stopped.tsv") == place.bytes("whole.tsv"))
  }

  @Test("a changed request is refused by --resume, with what has changed")
  func changed() throws {
    try writeList()
    _ = try interrupted("out.tsv", bytes: 20_000, signal: SIGKILL)
    let result = try predict("out.tsv", "--list", "long.txt", "--resume", "--top", "1")
    #expect(result.status == 2)
    #expect(result.errors.contains("it was begun with --top 3, not 1"), "\(result.errors)")
    let anew = try predict("out.tsv", "--list", "long.txt", "--top", "1")
    #expect(anew.status == 0)
    #expect(anew.errors.contains("begins anew"))
  }

  @Test("the tasks of a SLURM array, merged, give the table of one run; --shard none takes no notice of the array")
  func array() throws {
    #expect(try predict("whole.tsv", "in").status == 0)
    func task(_ number: Int) -> [String: String] {
      [
        "SLURM_ARRAY_TASK_ID": "\(number)", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "0",
        "SLURM_ARRAY_TASK_MAX": "2",
      ]
    }
    for number in 0..<3 {
      let result = try predict("part-\(number).tsv", "in", environment: task(number))
      #expect(result.status == 0)
      #expect(result.errors.contains("shard \(number + 1)/3, of SLURM_ARRAY_TASK_ID \(number)"), "\(result.errors)")
      #expect(try place.table("part-\(number).tsv")[0][0] == "index")
    }
    let merged = try place.workbench("merge", "part-2.tsv", "part-0.tsv", "part-1.tsv", "--output", "merged.tsv")
    #expect(merged.status == 0, "\(merged.errors)")
    #expect(try place.bytes("merged.tsv") == place.bytes("whole.tsv"))
    #expect(try predict("none.tsv", "in", "--shard", "none", environment: task(1)).status == 0)
    #expect(try place.bytes("none.tsv") == place.bytes("whole.tsv"))

    let missing = try place.workbench("merge", "part-2.tsv", "part-0.tsv", "--output", "merged.tsv")
    #expect(missing.status == 2)
    #expect(missing.errors.contains("shard 2/3 of 3 is missing"), "\(missing.errors)")
    let broken = try predict("x.tsv", "in", environment: ["SGE_TASK_ID": "3"])
    #expect(broken.status == 2)
    #expect(broken.errors.contains("--shard I/N"), "\(broken.errors)")
  }

  @Test("--format herbariograph gives model, file below the folder, and prediction; nothing for a broken file")
  func herbariograph() throws {
    let folder = place.path("in") + "/"
    #expect(try predict("all.tsv", folder, "--format", "herbariograph").status == 0)
    let rows = try place.table("all.tsv")
    #expect(rows[0] == ["MODEL", "FILE", "PREDICTION"])
    #expect(rows.count == PredictionTests.count + 1)
    #expect(rows.dropFirst().allSatisfy { $0.count == 3 && $0[1].hasPrefix("in/") })
    let broken = rows.filter { $0[1].hasSuffix("/057.jpg") }
    #expect(broken.map { $0[2] } == [""])
    let (classes, table) = (try predict("table.tsv", "in"), try place.table("table.tsv"))
    #expect(classes.status == 0)
    #expect(table.dropFirst().map { [$0[0], $0[2]] } == rows.dropFirst().map { [$0[1], $0[2]] })
    #expect(try predict("sure.tsv", "in", "--format", "herbariograph", "--reject", "1").status == 0)
    #expect(
      try Set(place.table("sure.tsv").dropFirst().map { $0[2] }).isSubset(of: ["", "unknown", "unstained", "stained"]))
    #expect(try place.table("sure.tsv").contains { $0[2] == "unknown" })
  }

  @Test("the summary counts every status, and --strict makes an unreadable picture a failure")
  func summary() throws {
    let result = try predict("out.tsv", "in", "--strict")
    #expect(result.status == 1)
    #expect(result.errors.contains("400 files: 392 ok, 8 not_an_image"), "\(result.errors)")
    #expect(try place.table("out.tsv").count == 401)
  }

  @Test("a list may hold any name that a file can have")
  func oddNames() throws {
    let names = ["tab\there.jpg", "back\\slash.jpg", "new\nline.jpg", "ümläut ☘.jpg", " space .jpg", "#1.jpg", "-.jpg"]
    let picture = try Workplace.jpeg(stained: false, number: 1)
    for name in names { try place.write("odd/" + name, picture) }
    let foreign = Array((place.path("odd") + "/").utf8) + [0xe9, 0x2e, 0x6a, 0x70, 0x67, 0]
    let descriptor = open(foreign.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: picture)
    #expect(try predict("folder.tsv", "odd").status == 0)
    let rows = try place.table("folder.tsv")
    #expect(rows.count == names.count + 2)
    #expect(rows.dropFirst().allSatisfy { $0[1] == "ok" }, "\(rows)")
    // The table's first column, taken as a list, names the same files.
    try place.write("list.txt", rows.dropFirst().map { $0[0] }.joined(separator: "\n") + "\n")
    #expect(try predict("list.tsv", "--list", "list.txt").status == 0)
    #expect(try place.bytes("list.tsv") == place.bytes("folder.tsv"))
  }

  @Test("labels that do not fit are refused by file and number, before anything is written")
  func labels() throws {
    for (text, message) in [
      ("one\n", "holds 1 name, but the model has 2 classes"), ("a\nb\nc\n", "holds 3 names"), ("a\na\n", "twice"),
    ] {
      try place.write("labels.txt", text)
      let result = try predict("out.tsv", "in", "--labels", "labels.txt")
      #expect(result.status == 2)
      #expect(result.errors.contains("labels.txt") && result.errors.contains(message), "\(result.errors)")
    }
    try place.write("labels.txt", "azul\nrojo\n")
    #expect(try predict("out.tsv", "in", "--labels", "labels.txt").status == 0)
    #expect(try Set(place.table("out.tsv").dropFirst().map { $0[2] }).isSubset(of: ["azul", "rojo", ""]))
    #expect(!place.listing().contains { $0.hasSuffix(".partial") || $0.hasSuffix(".listing") })
  }

  @Test("requests that cannot be are refused")
  func refused() throws {
    for arguments in [
      ["--shard", "9/8"], ["--shard", "x"], ["--format", "csv"], ["--top", "0"], ["--reject", "2"],
    ] {
      let result = try Program.run(
        ["predict", "out/model.safetensors", "in", "--output", "x.tsv"] + arguments, in: place.folder)
      #expect(result.status == 2)
      #expect(result.errors.contains("\(arguments[0]) \(arguments[1])"), "\(result.errors)")
    }
  }

  @Test(
    "on a disk that is full at row 1,000 the rows are kept, and with more room --resume goes on",
    .enabled(if: SmallDisk.canBeMade, "a small file system cannot be mounted"))
  func fullDisk() throws {
    try writeList()
    try place.write("long.txt", String(repeating: try place.text("list.txt"), count: 6))
    #expect(try predict("whole.tsv", "--list", "long.txt").status == 0)
    let whole = try place.bytes("whole.tsv")
    // Room for the listing of 2,400 files and for some 1,000 rows.
    let listing = try place.bytes("long.txt").count + 2400 * 6
    let disk = try #require(SmallDisk(kilobytes: (listing + whole.count * 1000 / 2400) / 1024 + 12))
    let target = disk.path + "/out.tsv"
    let full = try predict(target, "--list", "long.txt")
    #expect(full.status == 1, "\(full.errors)")
    #expect(full.errors.contains("the disk is full") && full.errors.contains("--resume"), "\(full.errors)")
    let kept = try #require(full.errors.firstMatch(of: /([0-9]+) of 2400 rows are kept/)?.1)
    #expect((500..<1500).contains(Int(kept) ?? 0), "\(kept)")
    #expect(!FileManager.default.fileExists(atPath: target))
    #expect(try predict(target, "--list", "long.txt", "--resume").status == 1)
    disk.resize(kilobytes: 4096)
    let result = try predict(target, "--list", "long.txt", "--resume")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == whole)
  }
}
