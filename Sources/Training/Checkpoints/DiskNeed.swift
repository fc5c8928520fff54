import Foundation
import Networks

/// The disk that a training run takes at most.
public struct DiskNeed: Equatable, Sendable {
  /// Of one model file.
  public let modelBytes: Int
  /// Model files of epochs that are there at a time.
  public let checkpointFiles: Int
  /// All of them.
  public let checkpointBytes: Int
  /// Those, the best model and the state to continue from, each of which is complete before it takes the place of the
  /// one before.
  public let totalBytes: Int

  /// Room for the header of a file: layers, class table, checksums.
  private static func headerBytes(_ network: Network) -> Int { 65_536 + 512 * network.nodes.count }

  /// - Parameter averages: whether a moving average of the weights is kept.
  public init(network: Network, optimizerSlots: Int, averages: Bool, rules: CheckpointRules?, epochs: Int) {
    modelBytes = 4 * network.parameterCount + Self.headerBytes(network)
    let state = modelBytes + 4 * optimizerSlots * network.trainableCount + (averages ? 4 * network.parameterCount : 0)
    checkpointFiles = rules?.maximumFiles(epochs: epochs) ?? 0
    let (bytes, overflow) = checkpointFiles.multipliedReportingOverflow(by: modelBytes)
    checkpointBytes = overflow ? .max / 4 : min(bytes, .max / 4)
    totalBytes = checkpointBytes + 2 * modelBytes + 2 * state
  }

  /// Bytes that a program may still write under a folder, or where it will be made; nil when the system does not say.
  public static func freeBytes(at path: String) -> Int? {
    var url = URL(fileURLWithPath: path)
    while true {
      var status = statvfs()
      if statvfs(url.path, &status) == 0 {
        let (bytes, overflow) = Int(status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflow ? .max : bytes
      }
      if url.path == "/" { return nil }
      url.deleteLastPathComponent()
    }
  }

  /// What the files of a folder, and of those in it, take already.
  static func usedBytes(in folder: String) -> Int {
    let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return names.reduce(0) { sum, name in
      var status = stat()
      guard stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return sum }
      return sum + Int(status.st_size)
    }
  }
}
