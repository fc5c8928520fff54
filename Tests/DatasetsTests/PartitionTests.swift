import Datasets
import Tensors
import Testing

@Suite("random splits")
struct PartitionTests {
  /// `counts[class]` samples of each class, in groups of the given size (1: no groups).
  private func dataset(_ counts: [Int], groupSize: Int = 1) -> Dataset {
    var samples: [Sample] = []
    for (label, count) in counts.enumerated() {
      for number in 0..<count {
        let name = "\(label)/\(number)"
        samples.append(
          Sample(
            id: samples.count, path: name, name: name, label: label,
            group: groupSize > 1 ? "\(label)-\(number / groupSize)" : nil))
      }
    }
    return Dataset(root: "data", classes: counts.indices.map { "class\($0)" }, samples: samples)
  }

  private func counts(_ dataset: Dataset) -> [[Int]] {
    Split.allCases.map { dataset.classCounts(of: dataset.indices(of: $0)) }
  }

  @Test("each class is shared out by largest remainder")
  func largestRemainder() throws {
    let fractions = try SplitFractions(train: 0.7, validation: 0.2, test: 0.1)
    let split = dataset([10, 13, 100, 1]).partitioned(fractions, key: RandomKey(seed: 1))
    // 13: 9.1, 2.6, 1.3; 1: 0.7, 0.2, 0.1.
    #expect(counts(split) == [[7, 9, 70, 1], [2, 3, 20, 0], [1, 1, 10, 0]])
    #expect(
      split.notes == [
        "the validation split has no picture of 'class3'", "the test split has no picture of 'class3'",
      ])
  }

  @Test("the same seed draws the same, another seed another, and every sample has one split")
  func seeds() throws {
    let fractions = try SplitFractions(train: 0.7, validation: 0.2, test: 0.1)
    let data = dataset([50, 80])
    let first = data.partitioned(fractions, key: RandomKey(seed: 1))
    #expect(first == data.partitioned(fractions, key: RandomKey(seed: 1)))
    #expect(first.samples != data.partitioned(fractions, key: RandomKey(seed: 2)).samples)
    #expect(first.isPartitioned)
  }

  @Test("groups stay whole, and the shares come within a group of what was asked", arguments: 1...20)
  func groups(seed: Int) throws {
    var stream = RandomStream(RandomKey(seed: seed))
    let classCount = 2 + stream.integer(below: 4)
    var samples: [Sample] = []
    var largest = 0
    for group in 0..<(20 * classCount) {
      // A sheet and its close-ups: one group, two classes.
      let size = 1 + stream.integer(below: 6)
      largest = max(largest, size)
      for _ in 0..<size {
        let label = (group + stream.integer(below: 2)) % classCount
        samples.append(Sample(id: samples.count, path: "", name: "\(samples.count)", label: label, group: "\(group)"))
      }
    }
    let data = Dataset(root: "", classes: (0..<classCount).map { "\($0)" }, samples: samples)
    let fractions = try SplitFractions(train: 0.6, validation: 0.2, test: 0.2)
    let split = data.partitioned(fractions, key: RandomKey(seed: seed))
    let byGroup = Dictionary(grouping: split.samples) { $0.group ?? "" }
    #expect(byGroup.values.allSatisfy { Set($0.map(\.split)).count == 1 })
    let totals = split.classCounts()
    for (part, counts) in zip(Split.allCases, counts(split)) {
      for (count, total) in zip(counts, totals) {
        let wanted = fractions[part] * Double(total)
        #expect(abs(Double(count) - wanted) <= Double(largest))
      }
    }
  }

  @Test("a class with too few groups for the train split is an error")
  func classMissingFromTraining() throws {
    let folder = try TemporaryFolder()
    for name in ["a/1.jpg", "a/2.jpg", "b/1.jpg"] { try folder.write(name) }
    try folder.write("labels.csv", "path,class,split\na/1.jpg,a,train\na/2.jpg,a,test\nb/1.jpg,b,test\n")
    #expect(throws: DatasetError.classMissingFromTraining(path: folder.path, classes: ["b"])) {
      try DatasetSource(path: folder.path).load(seed: 1)
    }
  }

  @Test("splits of the data are kept unless they are to be drawn anew")
  func resplit() throws {
    let folder = try TemporaryFolder()
    var text = "path,class,split,group\n"
    for number in 0..<20 {
      try folder.write("\(number).jpg")
      // The groups cross the splits, which matters only where these are kept.
      text += "\(number).jpg,\(number % 2),\(number < 10 ? "train" : "test"),g\(number % 10)\n"
    }
    try folder.write("labels.csv", text)
    let fractions = try SplitFractions(train: 0.5, validation: 0.3, test: 0.2)
    var source = DatasetSource(path: folder.path, fractions: fractions)
    #expect(throws: DatasetError.self) { try source.load(seed: 1) }
    source.resplit = true
    let dataset = try source.load(seed: 1)
    // Five groups of two in each class: 2.5, 1.5 and 1 of them are wanted.
    #expect(Split.allCases.map { dataset.indices(of: $0).count } == [12, 4, 4])
    let groups = Dictionary(grouping: dataset.samples) { $0.group }
    #expect(groups.values.allSatisfy { $0.count == 2 && $0[0].split == $0[1].split })
  }

  @Test("a folder without splits needs fractions")
  func needsFractions() throws {
    let folder = try TemporaryFolder()
    for name in ["a/1.jpg", "b/1.jpg"] { try folder.write(name) }
    #expect(throws: DatasetError.notPartitioned(path: folder.path)) {
      try DatasetSource(path: folder.path).load(seed: 1)
    }
  }

  @Test(
    "shares that are negative, not numbers, or do not add up to 1 are refused",
    arguments: [[0.7, 0.2, 0.2], [1.2, -0.1, -0.1], [0, 0.5, 0.5], [.nan, 0.5, 0.5], [.infinity, 0, 0]])
  func impossibleFractions(shares: [Double]) {
    #expect(throws: DatasetError.self) { try SplitFractions(train: shares[0], validation: shares[1], test: shares[2]) }
  }

  @Test("balanced weights are n / (k count), 0 for a class without samples")
  func classWeights() {
    let data = dataset([6, 2, 0])
    #expect(data.classCounts() == [6, 2, 0])
    let weights: [Float] = [8.0 / 18, 8.0 / 6, 0]
    #expect(data.balancedClassWeights() == weights)
    let oneEach: [Float] = [2.0 / 3, 2.0 / 3, 0]
    #expect(data.balancedClassWeights(of: [0, 6]) == oneEach)
  }

  @Test("the content hash changes with a class, a split or a file's size, and not with the folder")
  func contentHash() throws {
    let folder = try TemporaryFolder()
    let copy = try TemporaryFolder()
    for folder in [folder, copy] { for name in ["a/1.jpg", "b/1.jpg"] { try folder.write(name, "x") } }
    let dataset = try FolderSource(path: folder.path).read()
    let hash = dataset.contentHash()
    #expect(hash.count == 16)
    #expect(try FolderSource(path: copy.path).read().contentHash() == hash)
    let fractions = try SplitFractions(train: 1, validation: 0, test: 0)
    #expect(dataset.partitioned(fractions, key: RandomKey(seed: 1)).contentHash() != hash)
    try copy.write("a/1.jpg", "xy")
    #expect(try FolderSource(path: copy.path).read().contentHash() != hash)
  }

  @Test("a model's class table is matched by name; a class that it does not know is refused")
  func relabelled() throws {
    let data = dataset([1, 2])
    #expect(try data.relabelled(to: ["class1", "x", "class0"]).samples.map(\.label) == [2, 0, 0])
    #expect(throws: DatasetError.classNotInModel(path: "data", classes: ["class1"], known: ["class0"])) {
      try data.relabelled(to: ["class0"])
    }
  }
}
