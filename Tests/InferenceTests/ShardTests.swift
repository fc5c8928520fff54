import Foundation
import Inference
import Tensors
import TestSupport
import Testing

@Suite("Shards")
struct ShardTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool(workerCount: 2)

  init() throws {
    folder = try TemporaryFolder()
    for number in 0..<23 {
      try TinyModel.write((UInt8(number * 11), 200, 255 - UInt8(number * 11)), to: folder.file("in/\(number).png"))
    }
    try Data().write(to: URL(fileURLWithPath: folder.file("in/empty.jpg")))
  }

  private func predict(
    _ name: String, shard: Shard? = nil, top: Int = 3, format: PredictionFormat = .table, batch: Int = 4
  ) throws -> String {
    var request = PredictionRequest(paths: [folder.file("in")], output: folder.file(name))
    request.shard = shard
    request.top = top
    request.format = format
    request.batchSize = batch
    try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    return request.output
  }

  private func shards(_ count: Int, prefix: String = "s", format: PredictionFormat = .table) throws -> [String] {
    try (1...count).map { try predict("\(prefix)\($0).tsv", shard: Shard(number: $0, count: count), format: format) }
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  @Test(
    "shards, joined in any order, are the bytes of one run", arguments: [1, 2, 3, 40], PredictionFormat.allCases)
  func merge(count: Int, format: PredictionFormat) throws {
    let whole = try predict("whole.tsv", format: format)
    let parts = try shards(count, format: format)
    let rows = try ShardMerger.merge(parts.reversed(), output: folder.file("merged.tsv"))
    #expect(rows == 24)
    #expect(try bytes(folder.file("merged.tsv")) == bytes(whole))
    let lines = try parts.flatMap { try String(contentsOfFile: $0, encoding: .utf8).split(separator: "\n") }
    #expect(lines.count == 24 + count)
    #expect(lines.filter { $0.hasPrefix("index\t") }.count == count)
  }

  @Test("a shard is interrupted and goes on as any prediction")
  func resumed() throws {
    let whole = try bytes(predict("whole.tsv", shard: Shard("2/2")))
    var request = PredictionRequest(paths: [folder.file("in")], output: folder.file("stopped.tsv"))
    (request.shard, request.batchSize) = (Shard("2/2"), 4)
    var steps = 0
    _ = try? Predictor(model: try TinyModel.make(), pool: pool).run(
      request,
      shouldStop: {
        steps += 1
        return steps > 1
      })
    request.resume = true
    try Predictor(model: try TinyModel.make(), pool: pool).run(request)
    #expect(try bytes(request.output) == whole)
  }

  @Test("the same file is in the same shard whatever else is in the folder")
  func stable() throws {
    func names(_ path: String) throws -> Set<String> {
      Set(
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst().map {
          String($0.split(separator: "\t")[1])
        })
    }
    let before = try shards(3).map(names)
    try TinyModel.write((1, 2, 3), to: folder.file("in/0 new.png"))
    let after = try shards(3, prefix: "t").map(names)
    for (a, b) in zip(before, after) { #expect(a.isSubset(of: b)) }
    #expect(before.reduce(0) { $0 + $1.count } == 24 && after.reduce(0) { $0 + $1.count } == 25)
  }

  @Test("missing, repeated, mixed and cut shards are refused by name")
  func refused() throws {
    let parts = try shards(3)
    let output = folder.file("merged.tsv")
    #expect(throws: ShardError.missing(shards: ["2/3"], count: 3)) {
      try ShardMerger.merge([parts[0], parts[2]], output: output)
    }
    #expect(throws: ShardError.twice(shard: "1/3", path: parts[0], other: parts[0])) {
      try ShardMerger.merge([parts[0], parts[0], parts[1]], output: output)
    }
    let other = try predict("other.tsv", shard: Shard("2/3"), top: 2)
    #expect(throws: ShardError.mixed(path: other, other: parts[0])) {
      try ShardMerger.merge([parts[0], other, parts[2]], output: output)
    }
    let of4 = try predict("of4.tsv", shard: Shard("2/4"))
    #expect(throws: ShardError.mixed(path: of4, other: parts[0])) {
      try ShardMerger.merge([parts[0], of4, parts[2]], output: output)
    }
    let whole = try predict("whole.tsv")
    #expect(throws: ShardError.notAShard(path: whole)) { try ShardMerger.merge([whole], output: output) }
    let text = try bytes(parts[1])
    let lines = text.split(separator: UInt8(ascii: "\n"))
    let rows = lines.count - 1
    try (lines.dropLast().joined(separator: [UInt8(ascii: "\n")]) + [UInt8(ascii: "\n")]).withUnsafeBytes {
      try Data($0).write(to: URL(fileURLWithPath: parts[1]))
    }
    #expect(throws: ShardError.incomplete(path: parts[1], rows: rows - 1, expected: rows)) {
      try ShardMerger.merge(parts, output: output)
    }
    try text.prefix(text.count - 3).write(to: URL(fileURLWithPath: parts[1]))
    #expect(throws: ShardError.damaged(path: parts[1], line: rows + 1, reason: "is not a row of a shard")) {
      try ShardMerger.merge(parts, output: output)
    }
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test("a shard does not overwrite another one's table")
  func clobber() throws {
    let first = try predict("same.tsv", shard: Shard("1/2"))
    let before = try bytes(first)
    #expect(throws: InferenceError.otherShard(output: first, holds: "1/2", wanted: "2/2")) {
      try predict("same.tsv", shard: Shard("2/2"))
    }
    #expect(try bytes(first) == before)
    #expect(try bytes(predict("same.tsv", shard: Shard("1/2"))) == before)
  }

  @Test("shards may be counted from 0 or from 1")
  func counting() {
    #expect(Shard("0/3") == Shard("3/3"))
    #expect(Shard("1/3")?.description == "1/3")
    for text in ["4/3", "-1/3", "1/0", "1", "1/2/3", "a/b", "", "1/100001"] { #expect(Shard(text) == nil, "\(text)") }
  }

  @Test("a task of a SLURM or SGE array takes the shard of its place in the array")
  func environment() throws {
    func slurm(_ id: String, _ count: String, _ first: String, _ last: String, step: String? = nil) -> [String: String]
    {
      [
        "SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_COUNT": count, "SLURM_ARRAY_TASK_MIN": first,
        "SLURM_ARRAY_TASK_MAX": last, "SLURM_ARRAY_TASK_STEP": step ?? "",
      ]
    }
    func sge(_ id: String, _ first: String, _ last: String, _ step: String) -> [String: String] {
      ["SGE_TASK_ID": id, "SGE_TASK_FIRST": first, "SGE_TASK_LAST": last, "SGE_TASK_STEPSIZE": step]
    }
    #expect(try Shard.taken(from: slurm("0", "8", "0", "7"))?.shard == Shard("1/8"))
    #expect(try Shard.taken(from: slurm("7", "8", "0", "7"))?.shard == Shard("8/8"))
    #expect(try Shard.taken(from: slurm("3", "8", "1", "8"))?.shard == Shard("3/8"))
    #expect(try Shard.taken(from: slurm("30", "4", "10", "40", step: "10"))?.shard == Shard("3/4"))
    #expect(try Shard.taken(from: slurm("30", "4", "10", "40"))?.shard == Shard("3/4"))
    #expect(try Shard.taken(from: sge("5", "1", "9", "2"))?.shard == Shard("3/5"))
    #expect(try Shard.taken(from: sge("1", "1", "8", "1"))?.source == "SGE_TASK_ID 1")
    #expect(try Shard.taken(from: ["SGE_TASK_ID": "undefined"]) == nil)
    #expect(try Shard.taken(from: ["PATH": "/bin"]) == nil)
    for wrong in [
      ["SLURM_ARRAY_TASK_ID": "3"], slurm("x", "8", "0", "7"), slurm("9", "8", "0", "7"),
      slurm("7", "3", "1", "7", step: "1"), sge("4", "1", "9", "2"), sge("1", "9", "1", "1"), sge("1", "1", "9", "0"),
    ] {
      #expect(throws: InferenceError.self) { try Shard.taken(from: wrong) }
    }
  }
}
