import Foundation

/// A file system of a few hundred kilobytes in memory, where only root may make one.
final class SmallDisk {
  let path: String

  /// - Parameter kilobytes: its size.
  init?(kilobytes: Int) {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("workbench-disk-\(UUID())").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    if mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") != 0 {
      rmdir(path)
      return nil
    }
  }

  /// Makes it larger; what is on it stays.
  func resize(kilobytes: Int) {
    _ = mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=\(kilobytes)k")
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  static let canBeMade = SmallDisk(kilobytes: 64) != nil
}
