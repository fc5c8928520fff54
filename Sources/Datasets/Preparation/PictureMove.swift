import Foundation

/// Files that are moved into a folder, under the names that they have in their data set.
public struct PictureMove: Sendable {
  public let folder: String
  private let moves: [(from: String, to: String)]

  /// Makes sure that no file is in the way; moves nothing.
  ///
  /// - Parameter samples: places in `dataset.samples`, all of them files.
  /// - Throws: `DataPreparationError.cannotMove` for the first that something is in the way of.
  public init(_ samples: [Int], of dataset: Dataset, to folder: String) throws(DataPreparationError) {
    self.folder = folder
    var moves: [(String, String)] = []
    var targets: Set<String> = []
    for place in samples {
      let sample = dataset.samples[place]
      // A name from the root, or from beside the manifest, goes below the folder all the same.
      let parts = plainPath(sample.name).split(separator: "/").filter { $0 != ".." }
      let target = joinedPath(folder, parts.joined(separator: "/"))
      var status = stat()
      if lstat(target, &status) == 0 || !targets.insert(target).inserted {
        throw .cannotMove(path: sample.path, to: target, reason: "a file of this name is there")
      }
      moves.append((sample.path, target))
    }
    self.moves = moves
  }

  /// Moves the files, one after the other.
  ///
  /// - Returns: how many were moved: fewer than all when it was stopped.
  /// - Throws: `DataPreparationError.cannotMove`; the files before are moved.
  public func run(shouldStop: () -> Bool = { false }) throws(DataPreparationError) -> Int {
    for (number, (from, to)) in moves.enumerated() {
      if shouldStop() { return number }
      try PictureMove.move(from, to)
    }
    return moves.count
  }

  private static func move(_ from: String, _ to: String) throws(DataPreparationError) {
    func failure(_ reason: String) -> DataPreparationError { .cannotMove(path: from, to: to, reason: reason) }
    do {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: to).deletingLastPathComponent(), withIntermediateDirectories: true)
      // A new name fails where there is a file, which a renaming would replace.
      if link(from, to) == 0 {
        if unlink(from) != 0 { throw failure(String(cString: strerror(errno))) }
        return
      }
      let code = errno
      if code == EEXIST || code == ENOENT { throw failure(String(cString: strerror(code))) }
      // Another file system, or one without links.
      try FileManager.default.moveItem(atPath: from, toPath: to)
    } catch let error as DataPreparationError {
      throw error
    } catch {
      throw failure((error as NSError).localizedDescription)
    }
  }
}
