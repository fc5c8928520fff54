import Foundation
import Images
import Inference
import ModelFiles
import Tensors
import TestSupport
import Testing

@Suite("Predictor")
struct PredictorTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool(workerCount: 2)

  /// Red, green and blue pictures with broken files between them.
  init() throws {
    folder = try TemporaryFolder()
    try TinyModel.write((255, 0, 0), to: folder.file("in/a.png"))
    try Data().write(to: URL(fileURLWithPath: folder.file("in/b.png")))
    try TinyModel.write((0, 255, 0), to: folder.file("in/c/x.png"))
    try Data("not a picture at all".utf8).write(to: URL(fileURLWithPath: folder.file("in/c/y.jpg")))
    try TinyModel.write((0, 0, 255), to: folder.file("in/d.PNG"))
    try TinyModel.write((0, 0, 255), to: folder.file("in/.hidden.png"))
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("in/a.png")))
    try whole.prefix(whole.count - 20).write(to: URL(fileURLWithPath: folder.file("in/e.png")))
  }

  private func table(
    _ files: [InputFile], top: Int = 3, reject: Double? = nil, batch: Int = 16
  ) throws -> (rows: [[String]], summary: PredictionSummary) {
    var settings = PredictionSettings()
    settings.top = top
    settings.rejectBelow = reject
    settings.batchSize = batch
    let output = folder.file("out.tsv")
    let summary = try Predictor(model: try TinyModel.make(), settings: settings, pool: pool).run(files, output: output)
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last == "")
    return (
      lines.dropLast().map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }, summary
    )
  }

  private func collect(_ names: String..., list: String? = nil) throws -> [InputFile] {
    try InputFiles.collect(paths: names.map { folder.file($0) }, list: list)
  }

  @Test("a folder gives one row for each file below it, sorted, hidden ones left out, broken ones with their reason")
  func folderRows() throws {
    let (rows, summary) = try table(try collect("in"))
    #expect(
      rows[0] == [
        "file", "status", "class", "probability", "class_2", "probability_2", "class_3", "probability_3", "message",
      ])
    #expect(
      rows.dropFirst().map { $0[0] }
        == ["a.png", "b.png", "c/x.png", "c/y.jpg", "d.PNG", "e.png"].map { folder.file("in/\($0)") })
    #expect(rows.dropFirst().map { $0[1] } == ["ok", "empty", "ok", "not_an_image", "ok", "truncated"])
    #expect(rows.dropFirst().map { $0[2] } == ["red", "", "green", "", "blue", ""])
    #expect(rows.allSatisfy { $0.count == 9 })
    // exp(4) / (exp(4) + 2)
    #expect(rows[1][3] == "0.964663")
    #expect(rows[2][8] == "the file is empty")
    #expect(summary.total == 6 && summary.failed == 3 && summary.unknown == 0)
  }

  @Test("rows stand in the order of the arguments, for any batch size", arguments: [1, 2, 3, 16])
  func order(batch: Int) throws {
    let files = try collect("in/d.PNG", "in/b.png", "in/a.png", "in/c/y.jpg", "in/b.png", "in/c/x.png", "in/a.png")
    let (rows, _) = try table(files, batch: batch)
    #expect(rows.dropFirst().map { $0[0] } == files.map { String(decoding: $0.bytes, as: UTF8.self) })
    #expect(rows.dropFirst().map { $0[2] } == ["blue", "", "red", "", "", "green", "red"])
    let reference = try table(files, batch: 7)
    #expect(rows == reference.rows)
  }

  @Test("only broken files still give a row each", arguments: [1, 2, 5])
  func onlyBroken(batch: Int) throws {
    let (rows, summary) = try table(try collect("in/b.png", "in/c/y.jpg", "in/b.png", "in/e.png"), batch: batch)
    #expect(rows.dropFirst().map { $0[1] } == ["empty", "not_an_image", "empty", "truncated"])
    #expect(summary.failed == 4)
  }

  @Test("below the rejection threshold a row is 'unknown' and keeps its classes")
  func rejection() throws {
    try TinyModel.write((200, 210, 190), to: folder.file("grey.png"))
    let (rows, summary) = try table(try collect("in/a.png", "grey.png"), reject: 0.9)
    #expect(rows.dropFirst().map { $0[1] } == ["ok", "unknown"])
    #expect(rows[2][2] == "green")
    #expect(summary.unknown == 1)
  }

  @Test("--top decides how many classes a row names, at most all")
  func top() throws {
    #expect(try table(try collect("in/a.png"), top: 1).rows[1].count == 5)
    #expect(try table(try collect("in/a.png"), top: 1).rows[1][2] == "red")
    #expect(try table(try collect("in/a.png"), top: 99).rows[1].count == 9)
  }

  @Test("a file name that is not UTF-8 is read, and written with its bytes escaped")
  func foreignName() throws {
    let bytes = Array(folder.file("in/").utf8) + [0xe9, 0x2e, 0x70, 0x6e, 0x67]
    let source = try Data(contentsOf: URL(fileURLWithPath: folder.file("in/a.png")))
    let descriptor = open((bytes + [0]).map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: source)
    let (rows, _) = try table(try collect("in"), batch: 2)
    #expect(rows.count == 8)
    #expect(rows[7][0] == folder.file("in/") + #"\xE9.png"#)
    #expect(rows[7][1...3] == rows[1][1...3])
  }

  @Test("a list gives rows in its order; what is missing gets a row that says so")
  func list() throws {
    let lines = [folder.file("in/d.PNG"), folder.file("in/gone.png"), folder.file("in/a.png")]
    try Data((lines.joined(separator: "\r\n") + "\r\n").utf8).write(to: URL(fileURLWithPath: folder.file("list.txt")))
    let (rows, _) = try table(try collect(list: folder.file("list.txt")))
    #expect(rows.dropFirst().map { $0[0] } == lines)
    #expect(rows.dropFirst().map { $0[1] } == ["ok", "unreadable", "ok"])
  }

  @Test("a wrong path, an empty folder and an empty list are refused by name")
  func refused() throws {
    #expect(throws: InferenceError.notFound(path: folder.file("nowhere"))) { try collect("nowhere") }
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    #expect(throws: InferenceError.noFiles(paths: [folder.file("empty")])) { try collect("empty") }
    FileManager.default.createFile(atPath: folder.file("list.txt"), contents: Data("\n\n".utf8))
    #expect(throws: InferenceError.emptyList(path: folder.file("list.txt"))) {
      try collect(list: folder.file("list.txt"))
    }
    #expect(throws: InferenceError.notFound(path: folder.file("no list"))) { try collect(list: folder.file("no list")) }
  }

  @Test("a link to the folder above does not lead round and round")
  func loop() throws {
    symlink(folder.file("in"), folder.file("in/c/up"))
    #expect(try collect("in").count == 6)
  }

  @Test("a table that cannot be written is an error, and leaves nothing behind")
  func unwritable() throws {
    let predictor = Predictor(model: try TinyModel.make(), pool: pool)
    let files = try collect("in")
    #expect(throws: ModelFileError.self) { try predictor.run(files, output: folder.file("no/folder/out.tsv")) }
    #expect(throws: InferenceError.interrupted(done: 0, total: 6)) {
      try predictor.run(files, output: folder.file("stopped.tsv"), shouldStop: { true })
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("stopped.tsv")))
  }
}
