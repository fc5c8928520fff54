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
    let above = parent(of: path)
    if reason == ENOENT, !path.isEmpty, above != path, let reason = make(above) { return reason }
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return nil }
    return String(cString: strerror(errno))
  }

  /// The folder that a file or folder stands in, as `dirname` of POSIX says: `runs` for `runs/a/`, `.` for `a`, `/` for
  /// `/a`.
  public static func parent(of path: String) -> String {
    // By bytes: `NSString.deletingLastPathComponent` of Foundation on Linux traps on one letter without a slash.
    let slash = UInt8(ascii: "/")
    var bytes = Array(path.utf8)[...]
    func dropSlashes() { while bytes.count > 1, bytes.last == slash { bytes.removeLast() } }
    dropSlashes()
    guard let last = bytes.lastIndex(of: slash) else { return "." }
    bytes = bytes[...last]
    dropSlashes()
    return String(decoding: bytes, as: UTF8.self)
  }
}
