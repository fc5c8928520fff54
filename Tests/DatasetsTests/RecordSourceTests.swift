import Datasets
import Foundation
import Images
import Records
import Tensors
import Testing

@Suite("record files as a data set")
struct RecordSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func png(_ number: Int) throws -> RecordValue {
    .data(try PictureEncoder.png(Picture(width: 8, height: 8, colour: (UInt8(number * 20 % 256), 90, 60))))
  }

  /// Writes a file with a picture for each label.
  @discardableResult
  private func write(_ name: String, _ labels: [RecordValue], groups: [String] = []) throws -> String {
    let parent = URL(fileURLWithPath: folder.path(name)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    let writer = try RecordWriter(path: folder.path(name))
    for (index, label) in labels.enumerated() {
      var record = ["image": try Self.png(index), "category": label]
      if !groups.isEmpty { record["group"] = .text(groups[index]) }
      try writer.append(record)
    }
    try writer.finish()
    return folder.path(name)
  }

  private func numbers(_ numbers: Int...) -> [RecordValue] { numbers.map(RecordValue.integer) }

  private func source(_ paths: String...) -> RecordSource { RecordSource(parts: [.init(paths: paths)]) }

  private func message(_ source: RecordSource) -> String {
    do {
      _ = try source.read()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("without a table the classes are the numbers found, in their order")
  func numberClasses() throws {
    let dataset = try source(try write("a.tfr", numbers(12, 3, 12, 7))).read()
    #expect(dataset.classes == ["3", "7", "12"])
    #expect(!dataset.hasClassNames)
    #expect(dataset.samples.map(\.label) == [2, 0, 2, 1])
    #expect(dataset.samples.map(\.name) == ["a.tfr#0", "a.tfr#1", "a.tfr#2", "a.tfr#3"])
    #expect(dataset.samples[3].path == folder.path("a.tfr") + "#3")
    #expect(dataset.root == folder.path("a.tfr"))
    #expect(dataset.picturesFolder == nil)
  }

  @Test("names in the records are classes, sorted by bytes")
  func nameClasses() throws {
    let dataset = try source(try write("a.tfr", ["oak", "Ash", "oak"].map(RecordValue.text))).read()
    #expect(dataset.classes == ["Ash", "oak"] && dataset.hasClassNames)
    #expect(dataset.samples.map(\.label) == [1, 0, 1])
  }

  @Test("a class table is a TSV with an index, a text file or a list")
  func tables() throws {
    var source = source(try write("a.tfr", numbers(2, 0)))
    try folder.write("classes.tsv", "index\tclass\n2\tyew\n0\toak\n1\tash\n")
    try folder.write("classes.txt", "oak\nash\r\nyew\n")
    for names in [
      RecordSource.ClassNames.file(folder.path("classes.tsv")), .file(folder.path("classes.txt")),
      .given(["oak", "ash", "yew"]),
    ] {
      source.classNames = names
      let dataset = try source.read()
      #expect(dataset.classes == ["oak", "ash", "yew"] && dataset.hasClassNames)
      #expect(dataset.samples.map(\.label) == [2, 0])
    }
    try write("a.tfr", ["yew", "oak"].map(RecordValue.text))
    #expect(try source.read().samples.map(\.label) == [2, 0])
  }

  @Test("a label outside the table names file, record and label")
  func labelOutside() throws {
    var source = source(try write("a.tfr", numbers(0, 1, 2)))
    let path = folder.path("a.tfr")
    let offset = try RecordFile(path: path).place(of: 2).offset
    source.classNames = .given(["oak", "ash"])
    #expect(
      message(source) == "\(path): record 2 at byte \(offset): the label 2 is outside the table of 2 classes (0 to 1)")
    try write("a.tfr", numbers(0, -1))
    #expect(message(source).hasSuffix("the label -1 is outside the table of 2 classes (0 to 1)"))
    try write("a.tfr", [.text("oak"), .text("yew")])
    #expect(message(source).hasSuffix("the label 'yew' is outside the table of 2 classes (0 to 1)"))
    source.classNames = .found
    try write("a.tfr", numbers(0, -1))
    #expect(message(source).hasSuffix("record 1 at byte \(try place(1)): the label -1 is negative, which no class is"))
    try write("a.tfr", [.integer(1), .text("yew")])
    #expect(message(source).hasSuffix("the label 'yew', though records before it have numbers"))
  }

  private func place(_ index: Int) throws -> Int { try RecordFile(path: folder.path("a.tfr")).place(of: index).offset }

  @Test("bad class tables name the line")
  func badTables() throws {
    var source = source(try write("a.tfr", numbers(0)))
    func failure(_ name: String, _ text: String) throws -> String {
      try folder.write(name, text)
      source.classNames = .file(folder.path(name))
      return message(source).replacing(folder.path + "/", with: "")
    }
    #expect(try failure("c.tsv", "index\tclass\n0\ta\n2\tb\n") == "c.tsv:3: the index '2' is none of 0 to 1")
    #expect(try failure("c.tsv", "index\tclass\n0\ta\n0\tb\n") == "c.tsv:3: the index 0 stands in line 2, too")
    #expect(try failure("c.tsv", "class\na\na\n") == "c.tsv:3: 'a' stands there twice")
    #expect(
      try failure("c.tsv", "index\tname\n0\ta\n") == "c.tsv:1: no column 'class'; its columns are 'index', 'name'")
    #expect(try failure("c.txt", "a\n\nb\n") == "c.txt:2: the name of the class is empty")
    #expect(try failure("c.txt", "") == "c.txt: no classes in it")
    source.classNames = .given(["a", "b", "a"])
    #expect(message(source) == "'classes' has 'a' twice")
    source.classNames = .given(["a", ""])
    #expect(message(source) == "a name in 'classes' is empty")
    source.classNames = .file(folder.path("absent.txt"))
    #expect(message(source).hasSuffix("absent.txt: no such file or folder"))
  }

  @Test("labels are replaced by a table; one that is not in it is refused by its id")
  func remapping() throws {
    var source = source(try write("a.tfr", numbers(17, 4, 17)))
    try folder.write("map.tsv", "old\tnew\n17\t0\n4\t1\n9\t0\n")
    source.remap = folder.path("map.tsv")
    source.classNames = .given(["oak", "ash"])
    #expect(try source.read().samples.map(\.label) == [0, 1, 0])
    try write("a.tfr", numbers(17, 5))
    #expect(
      message(source)
        == "\(folder.path("a.tfr")): record 1 at byte \(try place(1)): the label 5 has no line in \(folder.path("map.tsv"))"
    )
    try write("a.tfr", [.text("Oak"), .text("oak")])
    try folder.write("map.tsv", "old\tnew\nOak\t0\noak\t0\n")
    #expect(try source.read().samples.map(\.label) == [0, 0])
    for (text, reason) in [
      ("old\tnew\n1\tx\n", ":2: the new id 'x' is no number of 0 or more"),
      ("old\tnew\n1\t2\n1\t3\n", ":3: the id '1' becomes 3 here, but 2 above"),
      ("old\n1\n", ":1: two columns are wanted, the old id and the new one"),
    ] {
      try folder.write("map.tsv", text)
      #expect(message(source) == folder.path("map.tsv") + reason)
    }
  }

  @Test("splits are files, with shards, and groups never cross them")
  func splits() throws {
    try write("a/1.tfr", numbers(0, 1), groups: ["x", "x"])
    try write("a/2.tfr", numbers(1), groups: ["y"])
    try write("t.tfr", numbers(0, 1), groups: ["z", "z"])
    var source = RecordSource(parts: [
      .init(split: .train, paths: [folder.path("a/1.tfr"), folder.path("a/2.tfr")]),
      .init(split: .test, paths: [folder.path("t.tfr")]),
    ])
    source.groupKey = "group"
    let dataset = try DatasetSource(records: source).load(seed: 1)
    #expect(dataset.samples.map(\.split) == [.train, .train, .train, .test, .test])
    #expect(dataset.samples.map(\.group) == ["x", "x", "y", "z", "z"])
    #expect(dataset.root == folder.path("a/1.tfr") + " and 2 more files")
    try write("t.tfr", numbers(0, 1), groups: ["z", "y"])
    #expect(message(source).hasSuffix("the group 'y' is in more than one split: train, test"))
    source.parts[1].paths = [folder.path("a/1.tfr")]
    #expect(message(source) == "\(folder.path("a/1.tfr")): the file is given twice")
  }

  @Test("one file is split at random, as any data")
  func partition() throws {
    let path = try write("a.tfr", (0..<24).map { .integer($0 % 2) })
    let fractions = try SplitFractions(train: 0.5, validation: 0.25, test: 0.25)
    let dataset = try DatasetSource(path: path, fractions: fractions).load(seed: 3)
    #expect(dataset.indices(of: .train).count == 12 && dataset.indices(of: .test).count == 6)
    #expect(throws: DatasetError.notPartitioned(path: path)) { try DatasetSource(path: path).load(seed: 3) }
  }

  @Test("the hash follows the contents, not the folder")
  func contentHash() throws {
    let a = try source(try write("a/x.tfr", numbers(0, 1))).read()
    let b = try source(try write("b/x.tfr", numbers(0, 1))).read()
    let c = try source(try write("c/x.tfr", numbers(0, 0))).read()
    #expect(a.contentHash() == b.contentHash())
    #expect(a.contentHash() != c.contentHash())
  }

  // MARK: Damage

  /// Ten records, of which number 4 has a changed payload, and the file ends within the last.
  private func damaged() throws -> String {
    let path = try write("a.tfr", (0..<10).map { .integer($0 % 2) })
    let file = try RecordFile(path: path)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[file.place(of: 4).offset + 60] ^= 1
    try bytes.prefix(file.place(of: 9).offset + 5).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test("damaged records are left out, counted and named by file and byte")
  func skipped() throws {
    let path = try damaged()
    let dataset = try source(path).read()
    let file = try RecordFile(path: path)
    #expect(dataset.samples.count == 10)
    #expect(dataset.classCounts() == [4, 4])
    #expect(dataset.samples.map(\.label) == [0, 1, 0, 1, -1, 1, 0, 1, 0, -1])
    let offset = file.place(of: 4).offset
    #expect(
      dataset.notes == [
        "\(path): 2 of 10 records are damaged, left out, such as record 4 at byte \(offset): its data has not the checksum "
          + "that stands behind it; of the file's \(file.byteCount) bytes the last 5 cannot be read, with all records in them"
      ])

    let preprocessing = Preprocessing(height: 8, width: 8)
    for order in BatchOrder.allCases {
      let pipeline = BatchPipeline(
        dataset: dataset.partitioned(try SplitFractions(train: 1, validation: 0, test: 0), key: RandomKey(seed: 1)),
        indices: Array(0..<10), preprocessing: preprocessing,
        settings: .init(batchSize: 4, order: order, threads: 2), cache: nil)
      pipeline.start(epoch: 0)
      var seen: [Int] = []
      while let batch = try pipeline.next() { seen += batch.sampleIDs }
      #expect(Set(seen) == [0, 1, 2, 3, 5, 6, 7, 8])
      // Records without a class are not drawn by their class.
      if order == .balanced { continue }
      #expect(
        pipeline.bad == [
          BadFile(
            sampleID: 4, path: path + "#4", status: "damaged_record",
            reason: "record 4 at byte \(offset): its data has not the checksum that stands behind it"),
          BadFile(
            sampleID: 9, path: path + "#9", status: "damaged_record",
            reason: "record 9 at byte \(file.place(of: 9).offset): the file ends within its length, after 5 of 12 bytes"
          ),
        ])
    }
    let limited = BatchPipeline(
      dataset: dataset, indices: Array(0..<10), preprocessing: preprocessing,
      settings: .init(batchSize: 4, badLimit: .init(requested: 0.1)), cache: nil)
    limited.start(epoch: 0)
    #expect(throws: DatasetError.self) { while try limited.next() != nil {} }
  }

  @Test("damaged records are an error where that is asked for, and where there is no other")
  func fatal() throws {
    let path = try damaged()
    var source = source(path)
    source.damaged = .fail
    #expect(
      message(source)
        == "\(path): record 4 at byte \(try place(4)): its data has not the checksum that stands behind it")
    source.damaged = .skip
    source.labelKey = "kind"
    #expect(message(source) == "\(path): record 0 at byte 0: no feature 'kind'; it has 'category', 'image'")
    #expect(message(self.source("/nowhere.tfr")) == "/nowhere.tfr: no such file or folder")
    try folder.write("empty.tfr")
    #expect(message(self.source(folder.path("empty.tfr"))) == "\(folder.path("empty.tfr")): holds no records")
    try folder.write("text.tfr", "this is some text in a file with a misleading name")
    #expect(message(self.source(folder.path("text.tfr"))).contains("no TFRecord file"))
  }

  @Test("the pixels of a record are those of the same bytes in a file, from the cache too")
  func pixels() throws {
    let path = try write("a.tfr", numbers(0, 1, 0))
    let dataset = try source(path).read()
    for number in 0..<3 {
      guard case .bytes(let list) = try Self.png(number) else { continue }
      try folder.write("files/\(number % 2)/\(number).png", list[0])
    }
    let preprocessing = Preprocessing(height: 6, width: 7)
    let cache = PixelCache(dataset: dataset, preprocessing: preprocessing)
    for number in 0..<3 {
      let expected = Tensor([preprocessing.count])
      try preprocessing.read(file: folder.path("files/\(number % 2)/\(number).png"), into: expected.pointer)
      for _ in 0..<2 {
        let found = Tensor([preprocessing.count])
        try cache.read(sample: number, into: found.pointer)
        #expect(found.values == expected.values)
      }
    }
    #expect(cache.bytesInUse == 3 * preprocessing.count)
    let report = DuplicateReport(dataset: dataset, preprocessing: preprocessing, cache: cache)
    #expect(report.pairCount == 0)
  }

  // MARK: Classes of models

  @Test("numbers are places in a model's table, names are matched, and what does not fit is an error")
  func relabelling() throws {
    let numbered = try source(try write("a.tfr", numbers(0, 2, 0))).read()
    #expect(try numbered.relabelled(to: ["x", "y", "z"]).samples.map(\.label) == [0, 2, 0])
    #expect(try numbered.relabelled(to: ["0", "1", "2"], areNames: false).samples.map(\.label) == [0, 2, 0])
    // A model that was trained on the numbers 2 and 0 alone.
    #expect(try numbered.relabelled(to: ["2", "0"]).samples.map(\.label) == [1, 0, 1])
    #expect(
      throws: DatasetError.labelOutsideTable(
        record: RecordPlace(path: folder.path("a.tfr"), index: 1, offset: try place(1)), label: "2", classes: 2)
    ) { try numbered.relabelled(to: ["x", "y"]) }

    let named = try source(try write("b.tfr", ["oak", "ash"].map(RecordValue.text))).read()
    #expect(try named.relabelled(to: ["0", "1"], areNames: false).samples.map(\.label) == [1, 0])
    #expect(throws: DatasetError.classCount(path: folder.path("b.tfr"), classes: 2, model: 3)) {
      try named.relabelled(to: ["0", "1", "2"], areNames: false)
    }
    #expect(throws: DatasetError.classNotInModel(path: folder.path("b.tfr"), classes: ["ash"], known: ["oak", "yew"])) {
      try named.relabelled(to: ["oak", "yew"])
    }
  }
}
