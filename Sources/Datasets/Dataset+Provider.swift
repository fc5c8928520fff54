extension Dataset {
  /// More samples than this a source cannot have: a few hundred bytes are kept of each.
  public static let maximumProvidedCount = 100_000_000

  /// Asks a provider for all its samples; no picture is made. Samples without a label are left out.
  ///
  /// - Throws: `DatasetError.provider` when what it says cannot be; what the provider throws.
  /// - Complexity: one `describe` a sample.
  public init(provider: any PictureProvider) throws(DatasetError) {
    let name = provider.name
    func fault(_ fault: DatasetError.ProviderFault) -> DatasetError { .provider(name: name, fault) }
    guard provider.count > 0 else { throw fault(.noSamples) }
    guard provider.count <= Dataset.maximumProvidedCount else { throw fault(.sampleCount(provider.count)) }
    let classes = provider.classes
    if let empty = classes.firstIndex(of: "") { throw fault(.emptyClass(index: empty)) }
    var seen: Set<String> = []
    if let repeated = classes.first(where: { !seen.insert($0).inserted }) { throw fault(.repeatedClass(repeated)) }

    var samples: [Sample] = []
    samples.reserveCapacity(provider.count)
    var splits = ProvidedSplits()
    for index in 0..<provider.count {
      let picture = ProvidedPicture(provider: provider, index: index)
      let described = try provider.describe(index)
      guard described.label == -1 || classes.indices.contains(described.label) else {
        throw fault(.label(sample: index, label: described.label, classes: classes.count))
      }
      if described.label == -1 { continue }
      if let found = splits.add(described, sample: index) { throw fault(found) }
      samples.append(
        Sample(
          id: samples.count, source: .provided(picture), name: described.name.isEmpty ? picture.path : described.name,
          label: described.label, split: described.split, group: described.group))
    }
    if samples.isEmpty { throw fault(.noLabels) }
    let unlabelled = provider.count - samples.count
    self.init(
      root: name, classes: classes, samples: samples,
      notes: unlabelled == 0 ? [] : ["\(name): \(counted(unlabelled, "sample")) without a label left out"])
    noteMissingClasses()
  }
}

/// Whether all samples have a split or none, and no group is in two.
private struct ProvidedSplits {
  private var first: (split: Split?, sample: Int)?
  private var splitOfGroup: [String: Split] = [:]

  mutating func add(_ described: ProvidedSample, sample: Int) -> DatasetError.ProviderFault? {
    if let first {
      switch (first.split, described.split) {
      case (nil, _?): return .someSplits(with: sample, without: first.sample)
      case (_?, nil): return .someSplits(with: first.sample, without: sample)
      default: break
      }
    } else {
      first = (described.split, sample)
    }
    guard let group = described.group, let split = described.split else { return nil }
    if let other = splitOfGroup[group], other != split {
      return .groupAcrossSplits(sample: sample, group: group, splits: [other, split])
    }
    splitOfGroup[group] = split
    return nil
  }
}
