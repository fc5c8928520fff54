/// One picture of a data set.
public struct Sample: Equatable, Sendable {
  /// The place in `Dataset.samples`. Random decisions about the sample are drawn from a stream that is named by it.
  public let id: Int
  /// Where its picture is.
  public let source: PictureSource
  /// The path as the manifest has it, or relative to the folder; of a record `FILE#INDEX`; as its provider says, or
  /// `SOURCE#INDEX`: what tables print.
  public let name: String
  /// The place of its class in `Dataset.classes`; -1 when it is not known.
  public let label: Int
  /// nil before the data set is partitioned.
  public internal(set) var split: Split?
  /// Samples with the same group (a tree, a sheet and its close-ups) stay in the same split.
  public let group: String?

  /// What to open; for a record `FILE#INDEX`, for a provider's picture `SOURCE#INDEX`.
  public var path: String { source.path }

  public init(id: Int, source: PictureSource, name: String, label: Int, split: Split? = nil, group: String? = nil) {
    self.id = id
    self.source = source
    self.name = name
    self.label = label
    self.split = split
    self.group = group
  }

  /// A picture that is a file.
  public init(id: Int, path: String, name: String, label: Int, split: Split? = nil, group: String? = nil) {
    self.init(id: id, source: .file(path), name: name, label: label, split: split, group: group)
  }
}
