import Foundation

/// Files that are moved into a folder, under the names that they have in their data set.
///
/// No picture that stays loses its pixels: a file that one of them is a link to is not moved. A link that is moved leads
/// to its file from the new place, too.
public struct PictureMove: Sendable {
  public let folder: String
  private struct Move {
    let from: String
    let to: String
    /// Below the folder.
    let name: String
    /// Where a symbolic link leads to when all is moved; nil: it is a file.
    var destination: String?
  }
  private var moves: [Move]

  /// Makes sure that no file is in the way, and that no link is broken; moves nothing.
  ///
  /// - Parameter samples: places in `dataset.samples`, all of them files.
  /// - Throws: `DataPreparationError.cannotMove` for the first that something is in the way of, or that another picture
  ///   leads to.
  /// - Complexity: one look at each file of the data set.
  public init(_ samples: [Int], of dataset: Dataset, to folder: String) throws(DataPreparationError) {
    self.folder = folder
    moves = []
    // A folder that is a link gives a file two names: what counts is the entry that is removed.
    var moveOfEntry: [String: Int] = [:]
    var targets: Set<String> = []
    var identities: Set<FileIdentity> = []
    for place in samples {
      let sample = dataset.samples[place]
      // A name from the root, or from beside the manifest, goes below the folder all the same.
      let parts = plainPath(sample.name).split(separator: "/").filter { $0 != ".." }
      let name = parts.joined(separator: "/")
      let target = joinedPath(folder, name)
      func failure(_ reason: String) -> DataPreparationError {
        .cannotMove(path: sample.path, to: target, reason: reason)
      }
      var status = stat()
      if lstat(target, &status) == 0 || !targets.insert(target).inserted {
        throw failure("a file of this name is there")
      }
      guard stat(sample.path, &status) == 0, let entry = FileEntry(sample.path), let file = FileEntry.real(sample.path)
      else { throw failure(String(cString: strerror(errno))) }
      identities.insert(FileIdentity(status))
      if let earlier = moveOfEntry.updateValue(moves.count, forKey: entry.path) {
        throw failure("\(moves[earlier].from), which is to be moved too, is the same file by way of a link")
      }
      let destination = entry.linkTarget == nil ? nil : file
      moves.append(Move(from: sample.path, to: target, name: name, destination: destination))
    }
    let moved = Set(samples)
    for (place, sample) in dataset.samples.enumerated() where !moved.contains(place) {
      guard case .file(let path) = sample.source else { continue }
      var status = stat()
      guard stat(path, &status) == 0, identities.contains(FileIdentity(status)) else { continue }
      for entry in FileEntry.chain(from: path) {
        guard let lost = moveOfEntry[entry.path] else { continue }
        throw .cannotMove(
          path: moves[lost].from, to: moves[lost].to,
          reason: "\(path), which is kept, is the same file by way of a link")
      }
    }
    let root = FileEntry.real(folder) ?? URL(fileURLWithPath: folder).path
    for place in moves.indices {
      guard let file = moves[place].destination, let other = moveOfEntry[file] else { continue }
      moves[place].destination = joinedPath(root, moves[other].name)
    }
  }

  /// Moves the files, one after the other.
  ///
  /// - Returns: how many were moved: fewer than all when it was stopped.
  /// - Throws: `DataPreparationError.cannotMove`; the files before are moved.
  public func run(shouldStop: () -> Bool = { false }) throws(DataPreparationError) -> Int {
    for (number, move) in moves.enumerated() {
      if shouldStop() { return number }
      try PictureMove.run(move)
    }
    return moves.count
  }

  private static func run(_ move: Move) throws(DataPreparationError) {
    let (from, to) = (move.from, move.to)
    func failure(_ reason: String) -> DataPreparationError { .cannotMove(path: from, to: to, reason: reason) }
    do {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: to).deletingLastPathComponent(), withIntermediateDirectories: true)
      // A new name fails where there is a file, which a renaming would replace.
      let isMade = move.destination.map { symlink($0, to) == 0 } ?? (link(from, to) == 0)
      if isMade {
        if unlink(from) != 0 { throw failure(String(cString: strerror(errno))) }
        return
      }
      let code = errno
      if move.destination != nil || code == EEXIST || code == ENOENT { throw failure(String(cString: strerror(code))) }
      // Another file system, or one without links.
      try FileManager.default.moveItem(atPath: from, toPath: to)
    } catch let error as DataPreparationError {
      throw error
    } catch {
      throw failure((error as NSError).localizedDescription)
    }
  }
}
