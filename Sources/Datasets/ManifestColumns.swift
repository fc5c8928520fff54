/// What the columns of a manifest are called.
public struct ManifestColumns: Equatable, Sendable {
  public var path: String
  public var label: String
  /// nil: `split`, if there is such a column.
  public var split: String?
  /// nil: `group`, if there is such a column.
  public var group: String?

  public init(path: String = "path", label: String = "class", split: String? = nil, group: String? = nil) {
    self.path = path
    self.label = label
    self.split = split
    self.group = group
  }
}

/// What happens to lines of a manifest whose file is not there.
public enum MissingFiles: String, CaseIterable, Sendable {
  /// `DatasetError.missingFiles`.
  case error
  /// They are left out, and a note says how many.
  case leaveOut = "leave_out"
}
