import Datasets
import Foundation
import Images
import Records
import Tensors
import Testing

@Suite("packing into records")
struct PackingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two classes, `ash` and `oak`, of so many pictures.
  private func pictures(_ counts: [String: Int]) throws -> Dataset {
    for (name, count) in counts {
      for number in 0..<count { try folder.draw("data/\(name)/\(number).png", number: number, side: 20) }
    }
    return try DatasetSource(path: folder.path("data")).read()
  }

  private func packing(size: Int = 16, seed: Int = 1) -> RecordPacking {
    RecordPacking(preprocessing: Preprocessing(height: size, width: size), seed: seed)
  }

  private func pack(
    _ dataset: Dataset, as name: String = "packed", seed: Int = 1, threads: Int = 2
  ) throws -> RecordPacking.Summary {
    try packing(seed: seed).run(
      dataset, path: { folder.path("\(name)-\($0).tfr") }, pass: PicturePass(pool: WorkerPool(workerCount: threads)))
  }

  private func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder.path(name))) }

  @Test("records hold the class number and a JPEG of the size, a quarter of the colour, in random order")
  func layout() throws {
    let dataset = try pictures(["ash": 24, "oak": 24]).withSplits(nil, resplit: false, seed: 1)
    let summary = try pack(dataset)
    #expect(summary.counts == [.train: [20, 20], .validation: [2, 2], .test: [2, 2]])
    #expect(summary.damaged.isEmpty && summary.written == 48)
    let file = try RecordFile(path: folder.path("packed-train.tfr"))
    #expect(file.count == 40)
    var labels: [RecordLabel] = []
    for index in 0..<file.count {
      let features = try file.features(at: index)
      #expect(features.keys == ["category", "image"])
      labels.append(try features.label("category"))
      let jpeg = try features.bytes("image")
      #expect(try PictureDecoder.decode(jpeg).width == 16)
      // The sampling factors of the frame's first component, behind its number: 2 x 2.
      let frame = try #require(jpeg.firstRange(of: Data([0xff, 0xc0])))
      #expect(jpeg[frame.lowerBound + 11] == 0x22)
    }
    #expect(Set(labels) == [.number(0), .number(1)])
    #expect(labels != labels.sorted { "\($0)" < "\($1)" }, "shuffled")
    let read = try RecordSource(parts: [.init(paths: [folder.path("packed-train.tfr")])]).read()
    #expect(read.classCounts() == [20, 20])
  }

  @Test("the files follow from the seed, not from the number of threads")
  func deterministic() throws {
    let dataset = try pictures(["ash": 12, "oak": 12]).withSplits(nil, resplit: false, seed: 1)
    _ = try pack(dataset, as: "one", threads: 1)
    _ = try pack(dataset, as: "three", threads: 3)
    _ = try pack(dataset, as: "other", seed: 2)
    #expect(try bytes("one-train.tfr") == bytes("three-train.tfr"))
    #expect(try bytes("one-train.tfr") != bytes("other-train.tfr"))
  }

  @Test("a damaged picture is left out and named; a split without a good picture gets no file")
  func damaged() throws {
    try folder.write("data/test/oak/bad.jpg", "no picture")
    try folder.draw("data/train/oak/1.png", number: 1)
    try folder.draw("data/train/ash/2.png", number: 2)
    try folder.write("data/train/ash/empty.png", "")
    let summary = try pack(DatasetSource(path: folder.path("data")).read())
    #expect(summary.counts[.train] == [1, 1] && summary.counts[.test] == [0, 0])
    #expect(summary.damaged.map(\.status) == ["not_an_image", "empty"])
    #expect(summary.damaged[1].path == folder.path("data/train/ash/empty.png"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("packed-test.tfr")))
    let read = try DatasetSource(path: folder.path("data")).read()
    #expect(summary.notes(on: read, asked: nil) == ["no file of the test split: none of its pictures can be read"])
  }

  @Test("splits that were asked for and got no picture are named; and classes whose only picture is damaged")
  func emptySplits() throws {
    let few = try pictures(["ash": 2, "oak": 2]).withSplits(nil, resplit: false, seed: 1)
    let notes = try pack(few).notes(on: few, asked: .herbariograph)
    #expect(
      notes.last
        == "no picture went to the test split, which gets no file: there are too few pictures for its share of 8.33 %",
      "\(notes)")
    #expect(try pack(few).notes(on: few, asked: SplitFractions(train: 1, validation: 0, test: 0)).isEmpty)
    for name in ["own/train/ash/1.png", "own/train/oak/1.png", "own/test/ash/1.png"] {
      try folder.draw(name, number: 1)
    }
    try folder.write("own/test/oak/1.png", "no picture")
    let own = try DatasetSource(path: folder.path("own")).read()
    #expect(try pack(own, as: "o").notes(on: own, asked: nil) == ["the test split has no picture of 'oak'"])
  }

  @Test("what goes wrong before the files get their names leaves the old ones, and nothing else")
  func failures() throws {
    let dataset = try pictures(["ash": 12, "oak": 12]).withSplits(nil, resplit: false, seed: 1)
    for split in Split.allCases { try folder.write("packed-\(split).tfr", "old") }
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    struct Full: Error {}
    #expect(throws: Full.self) {
      _ = try packing().run(
        dataset, path: { folder.path("packed-\($0).tfr") }, pass: PicturePass(pool: WorkerPool(workerCount: 2)),
        beforeNaming: { _ in throw Full() })
    }
    #expect(throws: DataPreparationError.interrupted) {
      _ = try packing().run(
        dataset, path: { folder.path("packed-\($0).tfr") },
        pass: PicturePass(pool: WorkerPool(workerCount: 2), shouldStop: { true }))
    }
    #expect(throws: RecordError.self) {
      _ = try packing().run(
        dataset, path: { folder.path("nowhere/\($0).tfr") }, pass: PicturePass(pool: WorkerPool(workerCount: 1)))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    #expect(try bytes("packed-train.tfr") == Data("old".utf8))
  }

  @Test("pictures none of which can be read are an error with an example")
  func nothingReadable() throws {
    try folder.write("data/ash/a.jpg", "no picture")
    let dataset = try DatasetSource(path: folder.path("data")).read().withSplits(nil, resplit: false, seed: 1)
    #expect {
      _ = try pack(dataset)
    } throws: { error in
      "\(error)".hasSuffix(
        "none of the 1 picture can be read, such as \(folder.path("data/ash/a.jpg")): not a picture in a known format")
    }
  }

  @Test("records are packed again, and those that are damaged are named by their place")
  func records() throws {
    let dataset = try pictures(["ash": 6, "oak": 6]).withSplits(nil, resplit: false, seed: 1)
    _ = try pack(dataset)
    var content = try bytes("packed-train.tfr")
    content[20] ^= 0xff
    try folder.write("damaged.tfr", content)
    let records = try DatasetSource(path: folder.path("damaged.tfr")).read().withSplits(
      SplitFractions(text: "1,0"), resplit: false, seed: 1)
    let summary = try pack(records, as: "again")
    #expect(summary.written == 9 && summary.damaged.count == 1)
    #expect(summary.damaged[0].reason.hasPrefix("record 0 at byte 0: its data has not the checksum"))
  }

  @Test("splits: those of the data stay, others are shares of each class; groups stay together")
  func splits() throws {
    let dataset = try pictures(["ash": 2, "oak": 10])
    let drawn = try dataset.withSplits(SplitFractions(text: "0.7,0.1,0.2"), resplit: false, seed: 1)
    #expect(drawn.classCounts(of: drawn.indices(of: .train)) == [2, 7])
    #expect(drawn.classCounts(of: drawn.indices(of: .test)) == [0, 2])
    #expect(drawn.notes.contains("the validation split has no picture of 'ash'"))
    #expect(throws: DataPreparationError.splitsOfTheirOwn(path: dataset.root)) {
      try drawn.withSplits(.herbariograph, resplit: false, seed: 1)
    }
    #expect(try drawn.withSplits(nil, resplit: false, seed: 7) == drawn)
    let anew = try drawn.withSplits(SplitFractions(text: "1,0"), resplit: true, seed: 1)
    #expect(anew.indices(of: .train).count == 12)
  }

  @Test(
    "shares add up to 1 or are a ratio in whole numbers",
    arguments: [
      ("0.7,0.1,0.2", [0.7, 0.1, 0.2]), ("10,1,1", [10 / 12.0, 1 / 12.0, 1 / 12.0]), ("0.8, 0.2", [0.8, 0.2, 0]),
      ("1,0,0", [1, 0, 0]), ("0.7,0.1,0.1", nil), ("0,1,1", nil), ("-1,1,1", nil), ("1", nil), ("a,b,c", nil),
      ("1,1,1,1", nil), ("", nil), ("nan,1,1", nil), ("1,,1", nil), ("inf,1,1", nil),
    ] as [(String, [Double]?)])
  func shares(text: String, expected: [Double]?) {
    let found = SplitFractions(text: text)
    #expect(found.map { [$0.train, $0.validation, $0.test] } == expected)
  }

  @Test("small classes are left out, and a table gives the order")
  func selection() throws {
    let dataset = try pictures(["ash": 3, "elm": 1, "oak": 2])
    let (kept, leftOut) = try dataset.leavingOutClasses(below: 2)
    #expect(kept.classes == ["ash", "oak"] && kept.classCounts() == [3, 2])
    #expect(leftOut.map(\.name) == ["elm"] && leftOut.map(\.pictures) == [1])
    #expect(throws: DataPreparationError.classesTooSmall(path: dataset.root, minimum: 9, largest: "ash", pictures: 3)) {
      try dataset.leavingOutClasses(below: 9)
    }
    let ordered = try kept.withTable(["oak", "yew", "ash"], file: "labels.txt")
    #expect(ordered.classes == ["oak", "yew", "ash"] && ordered.classCounts() == [2, 0, 3])
    #expect(throws: DataPreparationError.classesNotInTable(path: dataset.root, classes: ["elm"], table: "labels.txt")) {
      try dataset.withTable(["oak", "ash"], file: "labels.txt")
    }
  }
}
