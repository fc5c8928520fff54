import Foundation
import Images
import Inference
import Records
import Tensors
import TestSupport
import Testing

@Suite("Predicting records")
struct RecordPredictionTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool(workerCount: 2)

  init() throws { folder = try TemporaryFolder() }

  private static func picture(_ colour: (red: UInt8, green: UInt8, blue: UInt8)) throws -> Data {
    try PictureEncoder.png(Picture(width: 12, height: 9, colour: colour))
  }

  /// Red, broken, green, blue.
  private func write(_ name: String, key: String = "image") throws {
    let parent = URL(fileURLWithPath: folder.file(name)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    let writer = try RecordWriter(path: folder.file(name))
    for data in [
      try Self.picture((255, 0, 0)), Data("broken".utf8), try Self.picture((0, 255, 0)), try Self.picture((0, 0, 255)),
    ] {
      try writer.append([key: .data(data), "category": .integer(1)])
    }
    try writer.finish()
  }

  private func rows(_ paths: [String], shard: Shard? = nil, name: String = "out.tsv") throws -> [[String]] {
    var request = PredictionRequest(paths: paths, output: folder.file(name))
    request.shard = shard
    request.batchSize = 3
    try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    return try String(contentsOfFile: request.output, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test("each record is a row, named by file and number, among other files in their order")
  func records() throws {
    try write("in/b.tfr")
    try TinyModel.write((255, 0, 0), to: folder.file("in/a.png"))
    try TinyModel.write((0, 0, 255), to: folder.file("in/c.png"))
    let table = try rows([folder.file("in")]).dropFirst()
    #expect(
      table.map { $0[0] }
        == ["a.png", "b.tfr#0", "b.tfr#1", "b.tfr#2", "b.tfr#3", "c.png"].map { folder.file("in/\($0)") })
    #expect(table.map { $0[1] } == ["ok", "ok", "not_an_image", "ok", "ok", "ok"])
    #expect(table.map { $0[2] } == ["red", "red", "", "green", "blue", "blue"])
  }

  @Test("shards of records, joined, are the table of one run")
  func shards() throws {
    for number in 0..<5 { try write("in/\(number).tfrecord-0000\(number)-of-00005") }
    _ = try rows([folder.file("in")], name: "whole.tsv")
    for number in 1...3 {
      _ = try rows([folder.file("in")], shard: Shard(number: number, count: 3), name: "s\(number)")
    }
    try ShardMerger.merge((1...3).map { folder.file("s\($0)") }, output: folder.file("merged.tsv"))
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: folder.file("merged.tsv")))
        == Data(contentsOf: URL(fileURLWithPath: folder.file("whole.tsv"))))
  }

  @Test("a damaged record has its row with the byte where it begins; what is behind a damaged length has one")
  func damaged() throws {
    try write("d.tfr")
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("d.tfr")))
    let file = try RecordFile(path: folder.file("d.tfr"))
    let (second, third) = (file.place(of: 2).offset, file.place(of: 3).offset)
    var bytes = whole
    bytes[second + 40] ^= 1
    bytes[third + 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: folder.file("d.tfr")))
    let table = try rows([folder.file("d.tfr")]).dropFirst()
    #expect(table.map { $0[1] } == ["ok", "not_an_image", "damaged_record", "damaged_record"])
    let messages = table.map { $0[8] }
    #expect(messages[2].contains("record 2 at byte \(second)"), "\(messages)")
    #expect(messages[3].contains("record 3 at byte \(third)"), "\(messages)")
  }

  private func gzipped(_ data: Data) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-c"]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: data)
    try input.fileHandleForWriting.close()
    let result = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return result
  }

  @Test("records damaged at their beginning, compressed, or none are a row that says so; a picture called so is one")
  func hidden() throws {
    try write("in/a.tfr")
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("in/a.tfr")))
    var damaged = whole
    damaged[0] ^= 1
    for (name, data) in [
      ("a.tfr", damaged), ("b.tfrecord-00000-of-00001", try gzipped(whole)), ("c.tfrecords", Data()),
      ("d.tfr", try Self.picture((0, 0, 255))), ("e.jpg", try gzipped(whole)),
    ] { try data.write(to: URL(fileURLWithPath: folder.file("in/\(name)"))) }
    let table = try rows([folder.file("in")]).dropFirst()
    #expect(
      table.map { $0[0] }
        == ["a.tfr", "b.tfrecord-00000-of-00001", "c.tfrecords", "d.tfr", "e.jpg"].map { folder.file("in/\($0)") })
    #expect(table.map { $0[1] } == ["damaged_record", "damaged_record", "empty", "ok", "not_an_image"])
    let messages = table.map { $0[8] }
    #expect(messages[0] == "no TFRecord file: its first 12 bytes are not a length and the checksum of one")
    #expect(messages[1].hasPrefix("the file is compressed with gzip as a whole"), "\(messages)")
    #expect(messages[2] == "the file is empty")
    // One file alone is not passed over in silence, either.
    #expect(try rows([folder.file("in/c.tfrecords")]).count == 2)
  }

  @Test("a zero byte in a list's name opens no other file, and is escaped")
  func zeroByte() throws {
    try write("a.tfr")
    try TinyModel.write((255, 0, 0), to: folder.file("a.png"))
    let names = ["a.png\0zz", #"a.png\x00"#, "a.png\0.tfr", #"a.tfr\x00"#, "a.png"].map(folder.file)
    try Data((names.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: folder.file("list.txt")))
    var request = PredictionRequest(paths: [], list: folder.file("list.txt"), output: folder.file("out.tsv"))
    request.batchSize = 2
    let predictor = Predictor(model: try TinyModel.make(), pool: pool)
    #expect(try predictor.run(request).counts == ["unreadable": 4, "ok": 1])
    let whole = try Data(contentsOf: URL(fileURLWithPath: request.output))
    let table = String(decoding: whole, as: UTF8.self).split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(
      table.dropFirst().map { String($0[0]) }
        == [#"a.png\x00zz"#, #"a.png\x00"#, #"a.png\x00.tfr"#, #"a.tfr\x00"#, "a.png"].map(folder.file))
    #expect(table[1].last == "cannot be read: a name cannot hold a zero byte")
    // Such rows are whole, for one that goes on behind them.
    var steps = 0
    request.output = folder.file("resumed.tsv")
    _ = try? predictor.run(
      request,
      shouldStop: {
        steps += 1; return steps > 2
      })
    request.resume = true
    var notes: [String] = []
    try predictor.run(request, note: { notes.append($0) })
    #expect(notes == ["\(request.output): goes on after 4 of 5 pictures"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: request.output)) == whole)
  }

  @Test("a file that is only called like records, or has gone, is a row with its reason")
  func noRecords() throws {
    try Data("no records at all, for sure".utf8).write(to: URL(fileURLWithPath: folder.file("x.tfr")))
    try Data("\(folder.file("x.tfr"))\n\(folder.file("gone.tfr"))\n".utf8).write(
      to: URL(fileURLWithPath: folder.file("list.txt")))
    var request = PredictionRequest(paths: [], list: folder.file("list.txt"), output: folder.file("out.tsv"))
    request.batchSize = 2
    let summary = try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    #expect(summary.counts == ["damaged_record": 1, "unreadable": 1])
  }

  @Test("records without pictures in a folder or a list have one row with the reason, and stop nothing")
  func others() throws {
    let writer = try RecordWriter(path: folder.file("b.tfr"))
    try writer.append(["text": .data(Data("no picture".utf8))])
    try writer.finish()
    try TinyModel.write((255, 0, 0), to: folder.file("in/a.png"))
    try FileManager.default.moveItem(atPath: folder.file("b.tfr"), toPath: folder.file("in/b.tfr"))
    let list = folder.file("list.txt")
    try Data("\(folder.file("in/a.png"))\n\(folder.file("in/b.tfr"))\n".utf8).write(to: URL(fileURLWithPath: list))
    let table = try rows([folder.file("in")])
    #expect(table.dropFirst().map { $0[1] } == ["ok", "damaged_record"])
    #expect(table[2][0] == folder.file("in/b.tfr"))
    #expect(table[2][8].hasPrefix("no feature of the first record holds a picture file"), "\(table[2])")
    let request = PredictionRequest(paths: [], list: list, output: folder.file("list.tsv"))
    let summary = try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    #expect(summary.counts == ["ok": 1, "damaged_record": 1])
    #expect(throws: InferenceError.self) { try rows([folder.file("in/b.tfr")]) }
  }

  @Test("records without a picture are refused with what they have; --image-key says which feature it is")
  func imageKey() throws {
    let writer = try RecordWriter(path: folder.file("k.tfr"))
    try writer.append(["a": .data(try Self.picture((255, 0, 0))), "b": .data(try Self.picture((0, 0, 255)))])
    try writer.finish()
    #expect(throws: InferenceError.self) { try rows([folder.file("k.tfr")]) }
    var request = PredictionRequest(paths: [folder.file("k.tfr")], output: folder.file("out.tsv"))
    request.imageKey = "b"
    try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    #expect(try String(contentsOfFile: request.output, encoding: .utf8).contains("\tok\tblue\t"))
  }
}
