extension Dataset {
  /// The data set with the class table of a model, for evaluating the one on the other.
  ///
  /// Classes are matched by name; the model may know more.
  /// - Throws: `DatasetError.classNotInModel`.
  public func relabelled(to known: [String]) throws(DatasetError) -> Dataset {
    if known == classes { return self }
    let places = Dictionary(known.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let unknown = classes.filter { places[$0] == nil }
    if !unknown.isEmpty { throw .classNotInModel(path: root, classes: unknown, known: known) }
    let samples = samples.map {
      Sample(
        id: $0.id, path: $0.path, name: $0.name, label: places[classes[$0.label]] ?? 0, split: $0.split,
        group: $0.group)
    }
    return Dataset(root: root, classes: known, samples: samples, notes: notes)
  }

  /// Pictures of which nothing is known, for prediction: no classes, every label -1. A path may stand there twice.
  public init(unlabelledPaths paths: [String]) {
    self.init(
      root: "", classes: [],
      samples: paths.enumerated().map { Sample(id: $0, path: $1, name: $1, label: -1) })
  }
}
