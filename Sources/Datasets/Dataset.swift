/// Pictures with their classes: what folders and manifests become, and what training, evaluation and reports start from.
public struct Dataset: Equatable, Sendable {
  /// The folder that sample names are relative to; what to call the data when they are records or a provider's.
  public let root: String
  /// The class table: sorted by the bytes of the names, so that it is the same on every machine; or as a table of the
  /// data has it.
  public let classes: [String]
  /// False when the data know their classes by numbers alone, which are then the names.
  public let hasClassNames: Bool
  /// Sorted by the bytes of the names; records and providers' pictures in their order.
  public internal(set) var samples: [Sample]
  /// What a person should know about the data, a line each: files left out, classes missing from a split.
  public internal(set) var notes: [String]

  /// - Parameter samples: their ids must be their places, their labels places in `classes` or -1.
  public init(
    root: String, classes: [String], samples: [Sample], notes: [String] = [], hasClassNames: Bool = true
  ) {
    precondition(samples.indices.allSatisfy { samples[$0].id == $0 }, "a sample's id is not its place")
    precondition(
      samples.allSatisfy { $0.label == -1 || classes.indices.contains($0.label) }, "a label is outside the class table")
    self.root = root
    self.classes = classes
    self.samples = samples
    self.notes = notes
    self.hasClassNames = hasClassNames
  }

  /// The places of the samples of one split, in order.
  public func indices(of split: Split) -> [Int] {
    samples.indices.filter { samples[$0].split == split }
  }

  /// The folder with the pictures; nil when they are records or a provider's.
  public var picturesFolder: String? {
    switch samples.first?.source {
    case .record?, .provided?: nil
    case .file?, nil: root
    }
  }

  /// Who makes the pictures; nil when they are files or records.
  public var provider: (any PictureProvider)? {
    if case .provided(let picture)? = samples.first?.source { picture.provider } else { nil }
  }

  /// Whether every sample has a split.
  public var isPartitioned: Bool { samples.allSatisfy { $0.split != nil } }

  /// How many of the given samples (all, when nil) belong to each class, in the order of `classes`.
  public func classCounts(of indices: [Int]? = nil) -> [Int] {
    var counts = [Int](repeating: 0, count: classes.count)
    for index in indices ?? Array(samples.indices) where samples[index].label >= 0 { counts[samples[index].label] += 1 }
    return counts
  }

  /// Weights that let every class count the same in a loss: `n / (k * count)`; 0 for a class without samples.
  ///
  /// The weights of the given samples have the mean 1 (King and Zeng 2001; scikit-learn's `balanced`).
  public func balancedClassWeights(of indices: [Int]? = nil) -> [Float] {
    let counts = classCounts(of: indices)
    let total = counts.reduce(0, +)
    return counts.map { $0 == 0 ? 0 : Float(Double(total) / (Double(classes.count) * Double($0))) }
  }
}
