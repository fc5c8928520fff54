import Images

/// Pictures that look nearly the same, and which of them to keep.
///
/// A group is a picture that is kept and those whose difference hashes are at most a distance from its own: nothing is
/// left out that is farther from what stays. Pictures are taken for keeping in the order of preference, so that of two
/// that are near each other the preferred one stays.
public struct DuplicateGroups: Sendable {
  /// Which picture of a group stays.
  public enum Preference: String, CaseIterable, Sendable {
    /// The one with most pixels; of these the one with most bytes; of these the first, files before symbolic links.
    case largest
    /// The first by name, files before symbolic links; of records the first in the files, in the order in which they are
    /// given.
    case first
  }

  public struct Member: Equatable, Sendable {
    /// The place in `Dataset.samples`.
    public let sample: Int
    /// Differing bits, from the one that stays.
    public let distance: Int
  }

  public struct Group: Equatable, Sendable {
    /// Two or more: first the one that stays, then by distance and place.
    public let members: [Member]
    /// Whether the members are not all of one class.
    public let hasConflict: Bool

    public var kept: Int { members[0].sample }
  }

  /// In the order of the samples that stay.
  public let groups: [Group]

  public static let maximumDistance = NearHashes.maximumDistance

  /// - Parameters:
  ///   - survey: of the data; damaged pictures are in no group.
  ///   - maximumDistance: of 64 bits, 0 to `DuplicateGroups.maximumDistance`.
  /// - Complexity: one query of `NearHashes` for each picture that stays.
  public init(_ survey: PictureSurvey, of dataset: Dataset, maximumDistance: Int, preferring preference: Preference) {
    let examinations = survey.examinations
    // A link that stays while its file goes would lead nowhere.
    let isLink = dataset.samples.map { sample in
      if case .file(let path) = sample.source { FileEntry.linkTarget(of: path) != nil } else { false }
    }
    var order = examinations.indices.filter { !isLink[$0] } + examinations.indices.filter { isLink[$0] }
    if preference == .largest {
      let sizes = examinations.map { picture in
        picture.map { (pixels: $0.width * $0.height, bytes: $0.byteCount) } ?? (0, 0)
      }
      order.sort { a, b in
        if sizes[a] != sizes[b] { return sizes[a] > sizes[b] }
        return isLink[a] == isLink[b] ? a < b : isLink[b]
      }
    }
    self.init(
      hashes: examinations.map { $0?.differenceHash }, labels: dataset.samples.map(\.label), order: order,
      maximumDistance: maximumDistance)
  }

  /// - Parameters:
  ///   - hashes: of each sample; nil where there is none.
  ///   - labels: of each sample; -1 where it is not known.
  ///   - order: all samples, the preferred first.
  package init(hashes hashOf: [UInt64?], labels: [Int], order: [Int], maximumDistance: Int) {
    // Pictures of the same hash, each list in the order of preference, and the lists by their first.
    var places: [UInt64: Int] = [:]
    var hashes: [UInt64] = []
    var samples: [[Int]] = []
    for sample in order {
      guard let hash = hashOf[sample] else { continue }
      if let place = places[hash] {
        samples[place].append(sample)
      } else {
        places[hash] = hashes.count
        hashes.append(hash)
        samples.append([sample])
      }
    }
    let near = NearHashes(hashes, maximumDistance: maximumDistance)
    var isTaken = [Bool](repeating: false, count: hashes.count)
    var groups: [Group] = []
    for (place, hash) in hashes.enumerated() where !isTaken[place] {
      var members: [Member] = []
      near.forEach(near: hash) { other, distance in
        if isTaken[other] { return }
        isTaken[other] = true
        members += samples[other].map { Member(sample: $0, distance: distance) }
      }
      if members.count < 2 { continue }
      let kept = samples[place][0]
      members.sort { a, b in
        if a.sample == kept || b.sample == kept { return a.sample == kept && b.sample != kept }
        return (a.distance, a.sample) < (b.distance, b.sample)
      }
      groups.append(
        Group(members: members, hasConflict: Set(members.map { labels[$0.sample] }.filter { $0 >= 0 }).count > 1))
    }
    self.groups = groups.sorted { $0.kept < $1.kept }
  }

  /// The samples that a group has beside the one that stays, in order.
  public var leftOut: [Int] { groups.flatMap { $0.members.dropFirst().map(\.sample) }.sorted() }
}
