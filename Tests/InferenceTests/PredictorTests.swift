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

  private func request(_ names: String..., list: String? = nil) -> PredictionRequest {
    PredictionRequest(paths: names.map { folder.file($0) }, list: list, output: folder.file("out.tsv"))
  }

  private func table(
    _ request: PredictionRequest, top: Int = 3, reject: Double? = nil, batch: Int = 16
  ) throws -> (rows: [[String]], summary: PredictionSummary) {
    var request = request
    request.top = top
    request.rejectBelow = reject
    request.batchSize = batch
    let summary = try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    let lines = try String(contentsOfFile: request.output, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last == "")
    #expect(!FileManager.default.fileExists(atPath: request.output + ".partial"))
    #expect(!FileManager.default.fileExists(atPath: request.output + ".listing"))
    return (
      lines.dropLast().map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }, summary
    )
  }

  @Test("a folder gives one row for each file below it, sorted, hidden ones left out, broken ones with their reason")
  func folderRows() throws {
    let (rows, summary) = try table(request("in"))
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
    let files = request("in/d.PNG", "in/b.png", "in/a.png", "in/c/y.jpg", "in/b.png", "in/c/x.png", "in/a.png")
    let (rows, _) = try table(files, batch: batch)
    #expect(rows.dropFirst().map { $0[0] } == files.paths)
    #expect(rows.dropFirst().map { $0[2] } == ["blue", "", "red", "", "", "green", "red"])
    let reference = try table(files, batch: 7)
    #expect(rows == reference.rows)
  }

  @Test("only broken files still give a row each", arguments: [1, 2, 5])
  func onlyBroken(batch: Int) throws {
    let (rows, summary) = try table(request("in/b.png", "in/c/y.jpg", "in/b.png", "in/e.png"), batch: batch)
    #expect(rows.dropFirst().map { $0[1] } == ["empty", "not_an_image", "empty", "truncated"])
    #expect(summary.failed == 4)
  }

  @Test("below the rejection threshold a row is 'unknown' and keeps its classes")
  func rejection() throws {
    try TinyModel.write((200, 210, 190), to: folder.file("grey.png"))
    let (rows, summary) = try table(request("in/a.png", "grey.png"), reject: 0.9)
    #expect(rows.dropFirst().map { $0[1] } == ["ok", "unknown"])
    #expect(rows[2][2] == "green")
    #expect(summary.unknown == 1)
  }

  @Test("--top decides how many classes a row names, at most all")
  func top() throws {
    #expect(try table(request("in/a.png"), top: 1).rows[1].count == 5)
    #expect(try table(request("in/a.png"), top: 1).rows[1][2] == "red")
    #expect(try table(request("in/a.png"), top: 99).rows[1].count == 9)
  }

  @Test("a file name that is not UTF-8 is read, and written with its bytes escaped")
  func foreignName() throws {
    let bytes = Array(folder.file("in/").utf8) + [0xe9, 0x2e, 0x70, 0x6e, 0x67]
    let source = try Data(contentsOf: URL(fileURLWithPath: folder.file("in/a.png")))
    let descriptor = open((bytes + [0]).map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: source)
    let (rows, _) = try table(request("in"), batch: 2)
    #expect(rows.count == 8)
    #expect(rows[7][0] == folder.file("in/") + #"\xE9.png"#)
    #expect(rows[7][1...3] == rows[1][1...3])
  }

  @Test("a list gives rows in its order; what is missing gets a row that says so")
  func list() throws {
    let lines = [folder.file("in/d.PNG"), folder.file("in/gone.png"), folder.file("in/a.png")]
    try Data((lines.joined(separator: "\r\n") + "\r\n").utf8).write(to: URL(fileURLWithPath: folder.file("list.txt")))
    let (rows, _) = try table(request(list: folder.file("list.txt")))
    #expect(rows.dropFirst().map { $0[0] } == lines)
    #expect(rows.dropFirst().map { $0[1] } == ["ok", "unreadable", "ok"])
  }

  @Test("a wrong path, an empty folder and an empty list are refused by name, and leave nothing behind")
  func refused() throws {
    func failure(_ request: PredictionRequest) throws {
      try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    }
    #expect(throws: InferenceError.notFound(path: folder.file("nowhere"))) { try failure(request("nowhere")) }
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    #expect(throws: InferenceError.noFiles(paths: [folder.file("empty")])) { try failure(request("empty")) }
    FileManager.default.createFile(atPath: folder.file("list.txt"), contents: Data("\n\n".utf8))
    #expect(throws: InferenceError.emptyList(path: folder.file("list.txt"))) {
      try failure(request(list: folder.file("list.txt")))
    }
    #expect(throws: InferenceError.notFound(path: folder.file("no list"))) {
      try failure(request(list: folder.file("no list")))
    }
    let long = folder.file("long.txt")
    try Data(repeating: 0x61, count: 3 << 20).write(to: URL(fileURLWithPath: long))
    #expect(throws: InferenceError.longLine(path: long, line: 1, limit: 1 << 20)) { try failure(request(list: long)) }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.file(""))
    #expect(!left.contains { $0.hasPrefix("out.tsv") || $0.hasSuffix(".tmp") }, "\(left)")
  }

  @Test("where the network's numbers are not finite the row is not 'ok'", arguments: [Float.nan, .infinity])
  func notFinite(weight: Float) throws {
    try TinyModel.write((255, 0, 0), to: folder.file("a.png"))
    let predictor = Predictor(model: try TinyModel.make(weight: weight), pool: pool)
    var request = PredictionRequest(paths: [folder.file("a.png")], output: folder.file("out.tsv"))
    let summary = try predictor.run(request)
    #expect(summary.counts == ["not_finite": 1] && summary.failed == 1)
    let row = try String(contentsOfFile: request.output, encoding: .utf8).split(separator: "\n")[1]
    #expect(
      row == "\(folder.file("a.png"))\tnot_finite\t\t\t\t\t\t\tthe network gives numbers that are not finite; "
        + "its model is damaged")
    request.format = .herbariograph
    #expect(try predictor.run(request).counts == ["not_finite": 1])
    #expect(try String(contentsOfFile: request.output, encoding: .utf8).hasSuffix("a.png\t\n"))
  }

  @Test("a link to the folder above does not lead round and round")
  func loop() throws {
    symlink(folder.file("in"), folder.file("in/c/up"))
    #expect(try table(request("in")).summary.total == 6)
  }

  @Test("the table itself is not among the files of its folder")
  func ownOutput() throws {
    var here = request("in")
    here.output = folder.file("in/z.tsv")
    #expect(try table(here).summary.total == 6)
    #expect(try table(here).summary.total == 6)
  }

  @Test("a table that cannot be written is an error, and leaves nothing behind")
  func unwritable() throws {
    var nowhere = request("in")
    nowhere.output = folder.file("no/folder/out.tsv")
    #expect(throws: InferenceError.self) { try Predictor(model: try TinyModel.make(), pool: pool).run(nowhere) }
    #expect(!FileManager.default.fileExists(atPath: folder.file("no")))
  }

  @Test("only the statuses that occur are counted, the most frequent failure first")
  func counts() throws {
    let (_, summary) = try table(request("in", "in/b.png"))
    #expect(summary.ranked.map(\.status) == ["ok", "empty", "not_an_image", "truncated"])
    #expect(summary.ranked.map(\.count) == [3, 2, 1, 1])
  }
}
