import Tensors

extension Dataset {
  /// The data set with every sample in a random split.
  ///
  /// Stratified: of each class the splits get their shares to within one sample, as far as groups allow. Samples of one
  /// group are never separated. The draw depends on the key, the classes and the order of the samples alone.
  ///
  /// Groups are drawn largest first, each into the split that lacks most of its classes; the last pictures of a class
  /// thus go where the largest remainders are.
  /// - Complexity: O(n log n).
  public func partitioned(_ fractions: SplitFractions, key: RandomKey) -> Dataset {
    let splits = Split.allCases.filter { fractions[$0] > 0 }
    let totals = classCounts().map(Double.init)
    // missing[split][class]: how many samples the split still wants.
    var missing = splits.map { split in totals.map { $0 * fractions[split] } }
    var result = self
    for unit in shuffledUnits(key: key.deriving("partition")) {
      var counts: [Int: Double] = [:]
      for index in unit where samples[index].label >= 0 { counts[samples[index].label, default: 0] += 1 }
      let labels = counts.keys.sorted()
      // How much the squared lack falls, relative to the size of the class, when the unit goes to a split.
      func gain(_ split: Int) -> Double {
        labels.reduce(0) { sum, label in
          let count = counts[label] ?? 0
          return sum + count * (2 * missing[split][label] - count) / totals[label]
        }
      }
      let gains = splits.indices.map(gain)
      // Sums of thirds and tenths are not exact: what is equal but for rounding goes to the first split.
      let highest = gains.max() ?? 0
      let best = gains.firstIndex { $0 > highest - 1e-9 } ?? 0
      for label in labels { missing[best][label] -= counts[label] ?? 0 }
      for index in unit { result.samples[index].split = splits[best] }
    }
    result.noteMissingClasses()
    return result
  }

  /// The groups, and the samples without one, in random order, larger ones first.
  private func shuffledUnits(key: RandomKey) -> [[Int]] {
    var units: [[Int]] = []
    var unitOfGroup: [String: Int] = [:]
    for (index, sample) in samples.enumerated() {
      if let group = sample.group, let unit = unitOfGroup[group] {
        units[unit].append(index)
      } else {
        if let group = sample.group { unitOfGroup[group] = units.count }
        units.append([index])
      }
    }
    var stream = RandomStream(key)
    units.shuffle(using: &stream)
    return units.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
  }

  /// - Throws: `DatasetError` when a sample has no split, a class no picture in the train split, or one class is all
  ///   there is.
  func checkSplits() throws(DatasetError) {
    if !isPartitioned { throw .notPartitioned(path: root) }
    let absent = missingClasses(from: .train)
    if !absent.isEmpty { throw .classMissingFromTraining(path: root, classes: absent) }
  }

  /// The classes of which a split has no picture.
  public func missingClasses(from split: Split) -> [String] {
    missingClasses(counts: classCounts(of: indices(of: split)))
  }

  /// The classes with a count of 0.
  ///
  /// - Parameter counts: in the order of the classes.
  func missingClasses(counts: [Int]) -> [String] { zip(classes, counts).filter { $0.1 == 0 }.map(\.0) }

  /// Adds a note for a validation or test split that has pictures, but not of all classes.
  mutating func noteMissingClasses() {
    for split in [Split.validation, .test] where samples.contains(where: { $0.split == split }) {
      let absent = missingClasses(from: split)
      if !absent.isEmpty { notes.append(split.noteWithout(classes: absent)) }
    }
  }
}

extension Split {
  /// `the test split has no picture of 'oak', 'ash'`
  func noteWithout(classes: [String]) -> String {
    "the \(self) split has no picture of \(classes.map { "'\($0)'" }.joined(separator: ", "))"
  }
}
