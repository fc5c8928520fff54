import Foundation

/// Makes folders, and says in the system's words why one cannot be made (Foundation's errors on Linux do not).
public enum FolderMaker {
  /// Makes the folder and those above it, and sees to it that files can be put into it.
  ///
  /// - Returns: nil, or why not: `Not a directory`, `Permission denied`.
  public static func make(_ path: String) -> String? {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT != S_IFDIR { return String(cString: strerror(ENOTDIR)) }
      return access(path, W_OK) == 0 ? nil : String(cString: strerror(errno))
    }
    let reason = errno
    let above = (path as NSString).deletingLastPathComponent
    if reason == ENOENT, !above.isEmpty, above != path, let reason = make(above) { return reason }
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return nil }
    return String(cString: strerror(errno))
  }
}
