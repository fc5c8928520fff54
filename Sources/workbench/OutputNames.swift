import Datasets
import Foundation

/// Files of which a command writes several, all with names that begin the same.
enum OutputNames {
  /// - Parameters:
  ///   - name: what they begin with.
  ///   - files: all that may be written.
  ///   - inputs: files that are read.
  /// - Throws: `CommandFailure` when a file cannot be written or is there already; `DataPreparationError.sameFile`.
  static func check(name: String, files: [String], force: Bool, inputs: [String]) throws {
    if name.isEmpty || name.hasSuffix("/") {
      throw CommandFailure.request(
        "--output \(name): must be what the names of files begin with, such as packed/specimens")
    }
    for file in files {
      try OutputFolder.checkWritable(besides: file)
      if !FileManager.default.fileExists(atPath: file) { continue }
      if let input = inputs.first(where: { isSame($0, file) }) {
        throw DataPreparationError.sameFile(path: file, as: input)
      }
      if !force { throw CommandFailure.request("\(file): is there already; --force replaces it") }
    }
  }

  /// Removes files of an earlier run that this one has not replaced: they would be taken for a part of it.
  static func removeStale(_ files: [String], besides written: [String]) throws {
    for file in files where !written.contains(file) && FileManager.default.fileExists(atPath: file) {
      if unlink(file) != 0 {
        throw CommandFailure.job(
          "\(file): is of an earlier run and cannot be removed: \(String(cString: strerror(errno)))")
      }
    }
  }

  private static func isSame(_ a: String, _ b: String) -> Bool {
    var (statusA, statusB) = (stat(), stat())
    guard stat(a, &statusA) == 0, stat(b, &statusB) == 0 else { return false }
    return statusA.st_dev == statusB.st_dev && statusA.st_ino == statusB.st_ino
  }
}
