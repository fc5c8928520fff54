import Datasets
import Foundation
import Images
import Records
import Tensors
import Testing

@Suite("groups of duplicates")
struct DuplicateGroupsTests {
  /// Random hashes, many of them near another.
  private func hashes(_ count: Int, seed: Int) -> [UInt64?] {
    var stream = RandomStream(RandomKey(seed: seed))
    var hashes: [UInt64?] = []
    for number in 0..<count {
      if number % 41 == 40 {
        hashes.append(nil)
      } else if number > 10, stream.bool(), let earlier = hashes[stream.integer(below: number)] {
        var hash = earlier
        for _ in 0..<stream.integer(below: 12) { hash ^= 1 << UInt64(stream.integer(below: 64)) }
        hashes.append(hash)
      } else {
        hashes.append(stream.next())
      }
    }
    return hashes
  }

  /// The same, by comparing each with each.
  private func exhaustive(_ hashes: [UInt64?], order: [Int], distance: Int) -> [[Int]] {
    var isTaken = hashes.map { $0 == nil }
    var groups: [[Int]] = []
    for kept in order where !isTaken[kept] {
      guard let hash = hashes[kept] else { continue }
      let near = hashes.indices.filter {
        !isTaken[$0] && hashes[$0].map { hammingDistance($0, hash) <= distance } == true
      }
      for place in near { isTaken[place] = true }
      if near.count > 1 { groups.append([kept] + near.filter { $0 != kept }) }
    }
    return groups.sorted { $0[0] < $1[0] }
  }

  @Test("the index finds what comparing each with each finds", arguments: [0, 1, 3, 4, 7, 9, 12, 15])
  func sameAsExhaustive(distance: Int) {
    let hashes = hashes(distance < 12 ? 1500 : 3000, seed: distance)
    var stream = RandomStream(RandomKey(seed: 5))
    let order = Array(hashes.indices).shuffled(using: &stream)
    let found = DuplicateGroups(
      hashes: hashes, labels: hashes.map { _ in 0 }, order: order, maximumDistance: distance)
    let expected = exhaustive(hashes, order: order, distance: distance)
    #expect(found.groups.map(\.kept) == expected.map { $0[0] })
    #expect(found.groups.map { $0.members.map(\.sample).sorted() } == expected.map { $0.sorted() })
    #expect(!expected.isEmpty && found.groups.allSatisfy { $0.members.allSatisfy { $0.distance <= distance } })
    #expect(found.leftOut == expected.flatMap { $0.dropFirst() }.sorted())
  }

  @Test("members are at most the distance from the one that stays, not from each other")
  func noChains() {
    // 0 - 1 - 2, each two bits from the next.
    let found = DuplicateGroups(
      hashes: [0b1111, 0b0011, 0b0000], labels: [0, 0, 1], order: [0, 1, 2], maximumDistance: 2)
    #expect(found.groups.map { $0.members.map(\.sample) } == [[0, 1]])
    #expect(!found.groups[0].hasConflict)
    let middle = DuplicateGroups(
      hashes: [0b1111, 0b0011, 0b0000], labels: [0, 0, 1], order: [1, 0, 2], maximumDistance: 2)
    #expect(middle.groups.map { $0.members.map(\.sample) } == [[1, 0, 2]])
    #expect(middle.groups[0].hasConflict && middle.leftOut == [0, 2])
  }

  @Test("thirty thousand hashes of which half is the same are grouped as random ones")
  func many() {
    var stream = RandomStream(RandomKey(seed: 3))
    // Pairs that differ in one bit, among hashes that have the other half in common.
    let hashes: [UInt64?] = (0..<15_000).flatMap { _ -> [UInt64?] in
      let hash = stream.next() & 0xffff_ffff
      return [hash, hash ^ 1 << 40]
    }
    let found = DuplicateGroups(
      hashes: hashes, labels: hashes.map { _ in 0 }, order: Array(hashes.indices), maximumDistance: 1)
    #expect(found.leftOut.count >= 15_000 && found.leftOut.count < 15_050)
  }

  private func survey(_ dataset: Dataset) throws -> PictureSurvey {
    try PictureSurvey(dataset, pass: PicturePass(pool: WorkerPool(workerCount: 2)))
  }

  /// Nine by eight gray fields, so that it has the same hash in every size.
  ///
  /// - Parameter side: a multiple of 72.
  private func picture(_ side: Int, number: Int) -> Picture {
    var stream = RandomStream(RandomKey(seed: number))
    let fields = (0..<72).map { _ in UInt8(stream.integer(below: 256)) }
    var picture = Picture(width: side, height: side, colour: (0, 0, 0))
    for y in 0..<side {
      for x in 0..<side {
        let value = fields[y * 8 / side * 9 + x * 9 / side]
        picture[x, y] = (value, value, value)
      }
    }
    return picture
  }

  @Test("the largest stays, or the first; a damaged picture is named and in no group")
  func pictures() throws {
    let folder = try TemporaryFolder()
    try folder.write("a/small.png", PictureEncoder.png(picture(72, number: 1)))
    try folder.write("b/large.jpg", PictureEncoder.jpeg(picture(144, number: 1)))
    try folder.write("b/other.png", PictureEncoder.png(picture(72, number: 2)))
    try folder.write("b/bad.png", "no picture")
    let dataset = try DatasetSource(path: folder.path).read()
    let survey = try survey(dataset)
    #expect(dataset.samples.map(\.name) == ["a/small.png", "b/bad.png", "b/large.jpg", "b/other.png"])
    #expect(survey.damaged.map(\.status) == ["not_an_image"])
    #expect(survey.examinations.map { $0?.width } == [72, nil, 144, 72])
    #expect(survey.examinations.map { $0?.format } == [.png, nil, .jpeg, .png])
    let largest = DuplicateGroups(survey, of: dataset, maximumDistance: 5, preferring: .largest)
    #expect(largest.groups.map { $0.members.map(\.sample) } == [[2, 0]])
    #expect(largest.groups.allSatisfy { $0.hasConflict })
    let first = DuplicateGroups(survey, of: dataset, maximumDistance: 5, preferring: .first)
    #expect(first.groups.map { $0.members.map(\.sample) } == [[0, 2]])
  }

  @Test("the manifest of a folder names paths below it, and is read again")
  func folderManifest() throws {
    let folder = try TemporaryFolder()
    for name in ["data/oak/1.png", "data/oak/2.png", "data/ash/3.png"] { try folder.draw(name, number: name.count) }
    let source = DatasetSource(path: folder.path("data"))
    let dataset = try source.read()
    let manifest = try KeptManifest(of: [0, 2], dataset: dataset, source: source, folder: folder.path)
    #expect(manifest.fileExtension == "tsv")
    #expect(Array(manifest.lines) == ["path\tclass\n", "data/ash/3.png\tash\n", "data/oak/2.png\toak\n"])
    try folder.write("kept.tsv", manifest.lines.joined())
    #expect(try DatasetSource(path: folder.path("kept.tsv")).read().classCounts() == [1, 1])
    let elsewhere = try KeptManifest(of: [0], dataset: dataset, source: source, folder: folder.path("other"))
    #expect(Array(elsewhere.lines).last == "\(folder.path("data/ash/3.png"))\tash\n")
  }

  @Test("the manifest of a manifest has all columns; a tab in a name asks for CSV")
  func manifestOfManifest() throws {
    let folder = try TemporaryFolder()
    for name in ["p/1.png", "p/2.png", "p/3\t.png"] { try folder.draw(name, number: name.count) }
    try folder.write(
      "labels.tsv", "licence\tPath\tclass\tsplit\nCC0\tp/2.png\toak\ttrain\nCC BY\t./p/1.png\tash\ttest\n")
    let source = DatasetSource(path: folder.path("labels.tsv"))
    let dataset = try source.read()
    let manifest = try KeptManifest(of: [0], dataset: dataset, source: source, folder: folder.path)
    #expect(Array(manifest.lines) == ["licence\tPath\tclass\tsplit\n", "CC BY\tp/1.png\tash\ttest\n"])
    let tabbed = DatasetSource(path: folder.path, manifest: .none)
    let quoted = try KeptManifest(of: [2], dataset: tabbed.read(), source: tabbed, folder: folder.path)
    #expect(quoted.fileExtension == "csv" && Array(quoted.lines)[1] == "p/3\t.png,p\n")
  }

  @Test("records are copied byte for byte, without those that are left out")
  func recordCopies() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      let writer = try RecordWriter(path: folder.path("\(name).tfr"))
      for number in 0..<4 {
        try writer.append([
          "image": .data(try PictureEncoder.png(picture(72, number: number))), "label": .integer(number % 2),
          "note": .text("\(name)\(number)"),
        ])
      }
      try writer.finish()
    }
    let paths = ["a", "b"].map { folder.path("\($0).tfr") }
    let dataset = try RecordSource(parts: [.init(paths: paths)]).read()
    let groups = DuplicateGroups(try survey(dataset), of: dataset, maximumDistance: 0, preferring: .largest)
    #expect(groups.leftOut == [4, 5, 6, 7])
    try RecordCopy.write([0, 2, 3, 7], of: dataset, path: { $0 + ".copy" })
    let copy = try RecordFile(path: folder.path("a.tfr.copy"))
    let original = try RecordFile(path: folder.path("a.tfr"))
    #expect(copy.count == 3)
    #expect(try copy.withPayload(at: 1) { Array($0) } == original.withPayload(at: 2) { Array($0) })
    #expect(try RecordFile(path: folder.path("b.tfr.copy")).features(at: 0)["note"] == .text("b3"))
  }

  @Test("files are moved under their names, never over another")
  func move() throws {
    let folder = try TemporaryFolder()
    for name in ["data/oak/1.png", "data/ash/1.png"] { try folder.draw(name, number: 1) }
    let dataset = try DatasetSource(path: folder.path("data")).read()
    #expect(try PictureMove([1], of: dataset, to: folder.path("away")).run() == 1)
    #expect(FileManager.default.fileExists(atPath: folder.path("away/oak/1.png")))
    #expect(!FileManager.default.fileExists(atPath: folder.path("data/oak/1.png")))
    try folder.write("away/ash/1.png", "mine")
    #expect(throws: DataPreparationError.self) { _ = try PictureMove([0], of: dataset, to: folder.path("away")) }
    #expect(FileManager.default.fileExists(atPath: folder.path("data/ash/1.png")))
    #expect(try PictureMove([0], of: dataset, to: folder.path("new")).run(shouldStop: { true }) == 0)
  }

  @Test("of a link and its file the file stays, and the link that is moved leads to it")
  func linkMoved() throws {
    let folder = try TemporaryFolder()
    try folder.draw("data/oak/y.png", number: 1)
    try FileManager.default.createDirectory(atPath: folder.path("data/ash"), withIntermediateDirectories: true)
    try folder.link("data/ash/x.png", to: "../oak/y.png")
    let dataset = try DatasetSource(path: folder.path("data")).read()
    for preference in DuplicateGroups.Preference.allCases {
      let groups = DuplicateGroups(try survey(dataset), of: dataset, maximumDistance: 0, preferring: preference)
      #expect(groups.groups.map { dataset.samples[$0.kept].name } == ["oak/y.png"])
    }
    #expect(try PictureMove([0], of: dataset, to: folder.path("away/deep")).run() == 1)
    #expect(try PictureDecoder.decode(file: folder.path("away/deep/ash/x.png")).width == 8)
    #expect(try PictureDecoder.decode(file: folder.path("data/oak/y.png")).width == 8)
    #expect(!FileManager.default.fileExists(atPath: folder.path("data/ash/x.png")))
  }

  @Test("a file that a picture which stays leads to is not moved, by whatever way")
  func linkKept() throws {
    let folder = try TemporaryFolder()
    try folder.draw("data/oak/y.png", number: 1)
    try FileManager.default.createDirectory(atPath: folder.path("data/ash"), withIntermediateDirectories: true)
    try folder.link("data/ash/w.png", to: "x.png")
    try folder.link("data/ash/x.png", to: "../oak/y.png")
    try folder.link("data/elm", to: "oak")
    let dataset = try DatasetSource(path: folder.path("data")).read()
    #expect(dataset.samples.map(\.name) == ["ash/w.png", "ash/x.png", "elm/y.png", "oak/y.png"])
    func message(_ moved: [Int]) -> String {
      do {
        _ = try PictureMove(moved, of: dataset, to: folder.path("away"))
        return "it is moved"
      } catch { return "\(error)" }
    }
    #expect(message([3]).hasSuffix("data/ash/w.png, which is kept, is the same file by way of a link"))
    #expect(message([1]).hasSuffix("data/ash/w.png, which is kept, is the same file by way of a link"))
    #expect(message([0, 1, 2]).hasSuffix("data/oak/y.png, which is kept, is the same file by way of a link"))
    #expect(
      message([0, 1, 2, 3]).hasSuffix("data/elm/y.png, which is to be moved too, is the same file by way of a link"))
    #expect(message([0]) == "it is moved")
    #expect(!FileManager.default.fileExists(atPath: folder.path("away")))
  }

  @Test("links that are moved together with their file lead to its new place; a second name of a file is no link")
  func linkChain() throws {
    let folder = try TemporaryFolder()
    for name in ["data/oak/y.png", "data/oak/z.png"] { try folder.draw(name, number: 1) }
    try FileManager.default.createDirectory(atPath: folder.path("data/ash"), withIntermediateDirectories: true)
    try folder.link("data/ash/x.png", to: "../oak/y.png")
    #expect(link(folder.path("data/oak/y.png"), folder.path("data/ash/hard.png")) == 0)
    let dataset = try DatasetSource(path: folder.path("data")).read()
    #expect(dataset.samples.map(\.name) == ["ash/hard.png", "ash/x.png", "oak/y.png", "oak/z.png"])
    #expect(try PictureMove([1, 2], of: dataset, to: folder.path("away")).run() == 2)
    for name in ["away/ash/x.png", "away/oak/y.png", "data/ash/hard.png", "data/oak/z.png"] {
      #expect(try PictureDecoder.decode(file: folder.path(name)).width == 8)
    }
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("away/ash/x.png"))
    #expect(target.hasSuffix("/away/oak/y.png"))
  }
}
