extension Dataset {
  /// The data set with the class table of a model, for evaluating the one on the other.
  ///
  /// Classes are matched by name; the model may know more. Where only one of the two has names, number n of the one is
  /// place n of the other.
  /// - Parameter areNames: false when `known` are only the numbers 0, 1, ... of the model's outputs.
  /// - Throws: `DatasetError.classNotInModel`, `.labelOutsideTable`, `.classCount`.
  public func relabelled(to known: [String], areNames: Bool = true) throws(DatasetError) -> Dataset {
    if known == classes { return self }
    let byName = Dictionary(known.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let unknown = classes.filter { byName[$0] == nil }
    if unknown.isEmpty { return relabelled(to: known, classes.map { byName[$0] ?? 0 }) }
    // A model that was trained on numbers has them as names.
    if areNames, hasClassNames || known.allSatisfy({ Int($0) != nil }) {
      throw .classNotInModel(path: root, classes: unknown, known: known)
    }
    if hasClassNames {
      if classes.count != known.count { throw .classCount(path: root, classes: classes.count, model: known.count) }
      return relabelled(to: known, Array(classes.indices))
    }
    let numbers = classes.map { Int($0) ?? -1 }
    if let sample = samples.first(where: { $0.label >= 0 && !known.indices.contains(numbers[$0.label]) }) {
      throw outsideTable(sample, of: known)
    }
    return relabelled(to: known, numbers)
  }

  /// - Parameter places: of each of the classes in `known`.
  private func relabelled(to known: [String], _ places: [Int]) -> Dataset {
    let samples = samples.map { sample in
      Sample(
        id: sample.id, source: sample.source, name: sample.name, label: sample.label < 0 ? -1 : places[sample.label],
        split: sample.split, group: sample.group)
    }
    return Dataset(root: root, classes: known, samples: samples, notes: notes, hasClassNames: hasClassNames)
  }

  private func outsideTable(_ sample: Sample, of known: [String]) -> DatasetError {
    guard case .record(let record) = sample.source else {
      return .classNotInModel(path: root, classes: [classes[sample.label]], known: known)
    }
    return .labelOutsideTable(record: record.place, label: classes[sample.label], classes: known.count)
  }

  /// Pictures of which nothing is known, for prediction: no classes, every label -1. A path may stand there twice.
  public init(unlabelledPaths paths: [String]) {
    self.init(unlabelled: paths.map { .file($0) })
  }

  /// The same for pictures in files and records.
  public init(unlabelled sources: [PictureSource]) {
    self.init(
      root: "", classes: [],
      samples: sources.enumerated().map { Sample(id: $0, source: $1, name: $1.path, label: -1) })
  }
}
