/// One picture of a data set.
public struct Sample: Equatable, Sendable {
  /// The place in `Dataset.samples`. Random decisions about the sample are drawn from a stream that is named by it.
  public let id: Int
  /// What to open: the data set's root joined with `name`.
  public let path: String
  /// The path as the manifest has it, or relative to the folder: what tables print.
  public let name: String
  /// The place of its class in `Dataset.classes`; -1 when it is not known.
  public let label: Int
  /// nil before the data set is partitioned.
  public internal(set) var split: Split?
  /// Samples with the same group (a tree, a sheet and its close-ups) stay in the same split.
  public let group: String?

  public init(id: Int, path: String, name: String, label: Int, split: Split? = nil, group: String? = nil) {
    self.id = id
    self.path = path
    self.name = name
    self.label = label
    self.split = split
    self.group = group
  }
}
