import Foundation
import Inference
import Networks
import Tensors
import TestSupport
import Testing

/// Interruptions: the bytes of the table are those of an uninterrupted run, wherever the interruption was.
@Suite("Resuming a prediction")
struct ResumeTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool(workerCount: 2)
  private let whole: Data

  private static let pictures = 11

  /// Eleven pictures, one of them broken, with names that must be escaped.
  init() throws {
    folder = try TemporaryFolder()
    for number in 0..<ResumeTests.pictures {
      let name = number == 4 ? "in/4 tab\t, newline\n.png" : "in/\(number).png"
      try TinyModel.write((UInt8(number * 20), 255 - UInt8(number * 20), 100), to: folder.file(name))
    }
    try Data("broken".utf8).write(to: URL(fileURLWithPath: folder.file("in/7.png")))
    var request = PredictionRequest(paths: [folder.file("in")], output: folder.file("whole.tsv"))
    request.batchSize = 2
    try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("whole.tsv")))
  }

  private var request: PredictionRequest {
    var request = PredictionRequest(paths: [folder.file("in")], output: folder.file("out.tsv"))
    request.batchSize = 2
    return request
  }

  private var partial: String { folder.file("out.tsv.partial") }
  private var output: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: folder.file("out.tsv"))) } }

  private func run(_ request: PredictionRequest, stopAfter batches: Int = .max) throws -> PredictionSummary {
    var steps = 0
    return try Predictor(model: try TinyModel.make(), pool: pool).run(
      request,
      shouldStop: {
        steps += 1
        return steps > batches
      })
  }

  private func resume() throws -> PredictionSummary {
    var request = self.request
    request.resume = true
    return try run(request)
  }

  @Test("stopped after any batch, it goes on to the same bytes and the same counts", arguments: 0...5)
  func stopped(batches: Int) throws {
    #expect(throws: InferenceError.stopped(output: request.output, done: batches * 2, total: 11)) {
      try run(request, stopAfter: batches)
    }
    #expect(!FileManager.default.fileExists(atPath: request.output))
    let summary = try resume()
    #expect(try output == whole)
    #expect(summary.total == 11 && summary.failed == 1 && summary.ok == 10)
    #expect(!FileManager.default.fileExists(atPath: partial))
    #expect(!FileManager.default.fileExists(atPath: request.output + ".listing"))
  }

  @Test("whatever bytes a crash has left, in the middle of a row or of a character, it goes on to the same bytes")
  func anyLength() throws {
    for length in stride(from: 0, through: whole.count, by: 7) {
      _ = try? run(request, stopAfter: 0)
      try whole.prefix(length).write(to: URL(fileURLWithPath: partial))
      #expect(try resume().total == 11)
      #expect(try output == whole, "\(length) bytes")
      try FileManager.default.removeItem(atPath: request.output)
    }
  }

  @Test("zeros that a power cut has left in the middle are not taken for rows")
  func zeros() throws {
    for range in [40..<60, 200..<300, whole.count - 20..<whole.count] {
      _ = try? run(request, stopAfter: 0)
      var damaged = whole
      damaged.replaceSubrange(range, with: Data(repeating: 0, count: range.count))
      try damaged.write(to: URL(fileURLWithPath: partial))
      _ = try resume()
      #expect(try output == whole, "\(range)")
      try FileManager.default.removeItem(atPath: request.output)
    }
  }

  @Test("the listing is that of the beginning, whatever has become of the folder")
  func frozen() throws {
    _ = try? run(request, stopAfter: 2)
    try TinyModel.write((0, 0, 0), to: folder.file("in/0 new.png"))
    let summary = try resume()
    #expect(summary.total == 11)
    #expect(try output == whole)
  }

  @Test("a file that was removed between listing and reading has its row, with the reason")
  func removed() throws {
    _ = try? run(request, stopAfter: 2)
    try FileManager.default.removeItem(atPath: folder.file("in/9.png"))
    let summary = try resume()
    #expect(summary.counts == ["ok": 9, "not_an_image": 1, "unreadable": 1])
    let lines = String(decoding: try output, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 12)
    #expect(
      lines[11].hasPrefix("\(folder.file("in/9.png"))\tunreadable\t")
        && lines[11].hasSuffix("\tcannot be read: No such file or directory"), "\(lines[11])")
  }

  @Test("another request is refused, with what has changed; without resume it begins anew")
  func otherRequest() throws {
    _ = try? run(request, stopAfter: 2)
    let before = try Data(contentsOf: URL(fileURLWithPath: partial))
    var other = request
    other.resume = true
    other.top = 2
    #expect(throws: InferenceError.otherRequest(output: request.output, what: "--top", was: "3", now: "2")) {
      try run(other)
    }
    other.top = 3
    other.shard = Shard(number: 1, count: 2)
    #expect(throws: InferenceError.otherRequest(output: request.output, what: "--shard", was: "none", now: "1/2")) {
      try run(other)
    }
    other.shard = nil
    #expect(throws: InferenceError.self) {
      try Predictor(model: try TinyModel.make(classes: ["r", "g", "b"]), pool: pool).run(other)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: partial)) == before)
    other.resume = false
    other.top = 1
    #expect(try run(other).total == 11)
  }

  @Test("a request that is wrong leaves what an interrupted prediction has done, and resume goes on with it")
  func wrongRequest() throws {
    _ = try? run(request, stopAfter: 2)
    let rows = try Data(contentsOf: URL(fileURLWithPath: partial))
    let listing = try Data(contentsOf: URL(fileURLWithPath: request.output + ".listing"))
    try Data("\n".utf8).write(to: URL(fileURLWithPath: folder.file("empty.txt")))
    var (mistyped, empty, large) = (request, request, request)
    mistyped.paths = [folder.file("in"), folder.file("imn")]
    empty.list = folder.file("empty.txt")
    large.batchSize = 1 << 40
    #expect(throws: InferenceError.notFound(path: folder.file("imn"))) { try run(mistyped) }
    #expect(throws: InferenceError.emptyList(path: folder.file("empty.txt"))) { try run(empty) }
    #expect(throws: NetworkError.self) { try run(large) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: partial)) == rows)
    #expect(try Data(contentsOf: URL(fileURLWithPath: request.output + ".listing")) == listing)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("")).allSatisfy { !$0.hasSuffix(".tmp") })
    #expect(try resume().total == 11)
    #expect(try output == whole)
    // Where nothing was begun, nothing is left.
    mistyped.output = folder.file("new.tsv")
    #expect(throws: InferenceError.self) { try run(mistyped) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("")).allSatisfy { !$0.contains("new.tsv") })
  }

  @Test("two paths are not one path with a blank in it")
  func blanks() throws {
    var request = self.request
    request.paths = ["in/0.png", "in/1.png"].map(folder.file)
    _ = try? run(request, stopAfter: 0)
    request.resume = true
    let two = request.paths
    request.paths = [two.joined(separator: " ")]
    #expect(
      throws: InferenceError.otherRequest(
        output: request.output, what: "the paths", was: two.joined(separator: "\t"), now: request.paths[0])
    ) { try run(request) }
    request.paths = two
    #expect(try run(request).total == 2)
  }

  @Test("a table that would replace what it is made from is refused")
  func ownInput() throws {
    let picture = folder.file("in/1.png")
    let list = folder.file("list.txt")
    try Data("\(picture)\n\(folder.file("in/./2.png"))\n".utf8).write(to: URL(fileURLWithPath: list))
    let before = try Data(contentsOf: URL(fileURLWithPath: picture))
    func expect(_ output: String, _ named: String, paths: [String], list: String? = nil, others: [String] = []) {
      var request = PredictionRequest(paths: paths, list: list, output: output)
      request.otherInputs = others
      #expect(throws: InferenceError.outputIsInput(path: named)) { try run(request) }
    }
    expect(picture, picture, paths: [picture])
    expect(folder.file("in/../in/1.png"), picture, paths: [picture])
    expect(list, list, paths: [], list: list)
    expect(picture, picture, paths: [], list: list)
    expect(folder.file("in/2.png"), folder.file("in/./2.png"), paths: [], list: list)
    expect(list, list, paths: [picture], others: [picture, list])
    #expect(throws: InferenceError.outputIsInput(path: list)) { try ShardMerger.merge([picture, list], output: list) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: picture)) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("in")).count == ResumeTests.pictures)
  }

  @Test("a finished table is left as it is, and one of another request is refused")
  func finished() throws {
    _ = try run(request)
    let date = try FileManager.default.attributesOfItem(atPath: request.output)[.modificationDate] as? Date
    let summary = try resume()
    #expect(summary.wasComplete)
    #expect(summary.total == 11 && summary.failed == 1)
    #expect(try FileManager.default.attributesOfItem(atPath: request.output)[.modificationDate] as? Date == date)
    var other = request
    other.resume = true
    other.top = 1
    #expect(throws: InferenceError.otherTable(output: request.output)) { try run(other) }
  }

  @Test("with nothing to go on with, resume begins")
  func nothing() throws {
    #expect(try resume().total == 11)
    #expect(try output == whole)
  }

  @Test("a damaged listing is refused by name")
  func damagedListing() throws {
    _ = try? run(request, stopAfter: 2)
    let listing = request.output + ".listing"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: listing))
    for damaged in [Data(), Data("nonsense\n".utf8), bytes.prefix(bytes.count - 5), bytes.prefix(bytes.count / 2)] {
      try damaged.write(to: URL(fileURLWithPath: listing))
      #expect(throws: InferenceError.damagedListing(path: listing)) { try resume() }
    }
  }

  @Test("two at once do not write the same table")
  func locked() throws {
    var nested: (any Error)?
    _ = try Predictor(model: try TinyModel.make(), pool: pool).run(
      request, progress: { _ in if nested == nil { do { _ = try run(request) } catch { nested = error } } })
    #expect(nested as? InferenceError == .inUse(output: request.output))
    #expect(try output == whole)
  }
}
