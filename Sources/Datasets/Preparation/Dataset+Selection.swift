import Foundation
import Tensors

extension Dataset {
  /// The data without the classes that have fewer pictures; the others are numbered anew, in their order.
  ///
  /// - Returns: the data, and the classes that were left out with their numbers of pictures.
  /// - Throws: `DataPreparationError.classesTooSmall`.
  public func leavingOutClasses(
    below minimum: Int
  ) throws(DataPreparationError) -> (data: Dataset, leftOut: [(name: String, pictures: Int)]) {
    let counts = classCounts()
    let kept = classes.indices.filter { counts[$0] >= minimum }
    if kept.count == classes.count { return (self, []) }
    guard !kept.isEmpty else {
      let largest = counts.indices.max { counts[$0] < counts[$1] } ?? 0
      throw .classesTooSmall(path: root, minimum: minimum, largest: classes[largest], pictures: counts[largest])
    }
    let places = Dictionary(uniqueKeysWithValues: zip(kept, kept.indices))
    // Samples without a class stay: a pass that reads them says why they have none.
    let samples = samples.filter { $0.label < 0 || places[$0.label] != nil }.enumerated().map { index, sample in
      Sample(
        id: index, source: sample.source, name: sample.name, label: places[sample.label] ?? -1, split: sample.split,
        group: sample.group)
    }
    let leftOut = classes.indices.filter { counts[$0] < minimum }.map { (name: classes[$0], pictures: counts[$0]) }
    return (
      Dataset(
        root: root, classes: kept.map { classes[$0] }, samples: samples, notes: notes, hasClassNames: hasClassNames),
      leftOut
    )
  }

  /// The data with the classes of a table, in its order; some may have no picture.
  ///
  /// - Parameters:
  ///   - table: different names.
  ///   - file: what messages call the table.
  /// - Throws: `DataPreparationError.classesNotInTable`; of data whose classes are numbers `DatasetError.labelOutsideTable`.
  public func withTable(_ table: [String], file: String) throws -> Dataset {
    let unknown = classes.filter { !table.contains($0) }
    if !unknown.isEmpty, hasClassNames {
      throw DataPreparationError.classesNotInTable(path: root, classes: unknown, table: file)
    }
    return try relabelled(to: table)
  }

  /// The data with a split for every sample: their own, unless there are none or they are to be drawn anew.
  ///
  /// - Parameter fractions: nil: `SplitFractions.herbariograph`.
  /// - Throws: `DataPreparationError.splitsOfTheirOwn` when fractions are given for data with splits that are to stay.
  public func withSplits(
    _ fractions: SplitFractions?, resplit: Bool, seed: Int
  ) throws(DataPreparationError) -> Dataset {
    if samples.contains(where: { $0.split != nil }), !resplit {
      if fractions != nil { throw .splitsOfTheirOwn(path: root) }
      return self
    }
    return partitioned(fractions ?? .herbariograph, key: RandomKey(seed: seed))
  }
}

extension SplitFractions {
  /// 10,240 : 1,024 : 1,024, as Herbariograph's pictures of each class.
  public static let herbariograph = SplitFractions(ratio: 10, 1, 1)

  /// - Parameter ratio: not negative, the first not 0.
  private init(ratio train: Double, _ validation: Double, _ test: Double) {
    let sum = train + validation + test
    self.init(unchecked: train / sum, validation / sum, test / sum)
  }

  /// From `0.7,0.1,0.2`, or a ratio in whole numbers, `10,1,1`: train, validation, test; the test share may be left out.
  ///
  /// - Returns: nil for anything else: other words, a negative number, a train share of 0, shares whose sum is not 1.
  public init?(text: String) {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    var shares = words.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    guard shares.count == words.count, (2...3).contains(shares.count) else { return nil }
    if shares.count == 2 { shares.append(0) }
    let sum = shares.reduce(0, +)
    guard shares.allSatisfy({ $0.isFinite && $0 >= 0 }), shares[0] > 0, sum.isFinite else { return nil }
    let areWhole = shares.allSatisfy { $0.rounded() == $0 }
    guard areWhole || abs(sum - 1) < 1e-6 else { return nil }
    self.init(ratio: shares[0], shares[1], shares[2])
  }
}
