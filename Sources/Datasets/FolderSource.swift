import Foundation
import Images

/// A folder with a sub-folder a class, and pictures at any depth within.
///
/// Files are taken for pictures by their extension, in any letter case. Hidden files and folders are skipped. Links are
/// followed, but not round in a circle. Where all sub-folders have the names of splits (`train/oak/1.jpg`), the folders
/// within them are the classes; where only some have, or pictures lie right below them, what is meant is unclear: an error.
public struct FolderSource: Equatable, Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  /// Lists the pictures; opens none.
  ///
  /// - Throws: `DatasetError` when the path is no folder, cannot be read, or holds no pictures.
  public func read() throws(DatasetError) -> Dataset {
    let scan = try FolderScan(root: path)
    var notes = scan.notes
    let loose = scan.pictures.filter { !$0.contains("/") }
    let inFolders = scan.pictures.filter { $0.contains("/") }
    if inFolders.isEmpty {
      if !loose.isEmpty { throw .noClassFolders(path: path, pictures: loose.count) }
      throw .noPictures(path: path, otherFiles: scan.otherFiles)
    }
    if !loose.isEmpty { notes.append("\(path): \(counted(loose.count, "picture")) outside the sub-folders left out") }

    let parts = inFolders.map { name in name.split(separator: "/").map(String.init) }
    let splitWords = Set(parts.map { $0[0] })
    let isSplit =
      splitWords.count > 1 && splitWords.allSatisfy { Split(word: $0) != nil }
      && parts.allSatisfy { $0.count > 2 }
    if isSplit { notes.append("\(path): the sub-folders are splits, the folders within them classes") }
    if !isSplit { try checkNotSplits(splitWords, pictures: parts) }
    let classNames = parts.map { isSplit ? $0[1] : $0[0] }
    let classes = sortedByBytes(Array(Set(classNames)))
    let places = Dictionary(classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let samples = inFolders.indices.map { index in
      Sample(
        id: index, path: joinedPath(path, inFolders[index]), name: inFolders[index],
        label: places[classNames[index]] ?? 0, split: isSplit ? Split(word: parts[index][0]) : nil)
    }
    let empty = scan.folders.filter { !splitWords.contains($0) }
    if !empty.isEmpty {
      notes.append("\(path): no pictures in \(empty.map { "'\($0)'" }.joined(separator: ", ")), left out")
    }
    var dataset = Dataset(root: path, classes: classes, samples: samples, notes: notes)
    dataset.noteMissingClasses()
    return dataset
  }

  /// Folders called train and test that are not taken for splits would silently become classes.
  ///
  /// - Parameter pictures: the parts of their paths.
  private func checkNotSplits(_ folders: Set<String>, pictures: [[String]]) throws(DatasetError) {
    let splits = sortedByBytes(folders.filter { Split(word: $0) != nil })
    if splits.count < 2 { return }
    let others = sortedByBytes(folders.filter { Split(word: $0) == nil })
    if !others.isEmpty { throw .splitsBesideOthers(path: path, splits: splits, others: others) }
    let loose = pictures.first { $0.count == 2 } ?? []
    throw .splitsWithoutClasses(path: path, splits: splits, example: loose.joined(separator: "/"))
  }
}

/// What a folder holds.
struct FolderScan {
  /// Paths below the root, sorted by bytes.
  private(set) var pictures: [String] = []
  /// The sub-folders right below the root, sorted by bytes.
  private(set) var folders: [String] = []
  /// Files that are not pictures by their names, hidden ones excepted.
  private(set) var otherFiles = 0
  private(set) var notes: [String] = []

  private var otherExamples: [String] = []
  private var namesNotUTF8 = 0
  private let root: String

  init(root: String) throws(DatasetError) {
    self.root = root
    var status = stat()
    if stat(root, &status) != 0 {
      if errno == ENOENT || errno == ENOTDIR { throw .notFound(path: root) }
      throw .unreadable(path: root, reason: String(cString: strerror(errno)))
    }
    if status.st_mode & S_IFMT != S_IFDIR { throw .wrongKind(path: root, wanted: "a folder") }
    try scan("", ancestors: [FileIdentity(status)])
    pictures = sortedByBytes(pictures)
    folders = sortedByBytes(folders)
    if otherFiles > 0 {
      notes.append(
        "\(root): \(countedOthers(otherFiles)) left out, such as "
          + sortedByBytes(otherExamples).prefix(3).joined(separator: ", "))
    }
    if namesNotUTF8 > 0 {
      notes.append(
        "\(root): \(counted(namesNotUTF8, "name")) that \(namesNotUTF8 == 1 ? "is" : "are") not UTF-8 left out")
    }
  }

  /// - Parameters:
  ///   - folder: below the root, "" for the root itself.
  ///   - ancestors: the folders on the way here, so that a link to one of them is not followed.
  private mutating func scan(_ folder: String, ancestors: [FileIdentity]) throws(DatasetError) {
    let path = joinedPath(root, folder)
    guard let stream = opendir(folder.isEmpty ? root : path) else {
      throw .unreadable(path: folder.isEmpty ? root : path, reason: String(cString: strerror(errno)))
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        namesNotUTF8 += 1
        continue
      }
      if name.hasPrefix(".") { continue }
      let below = folder.isEmpty ? name : folder + "/" + name
      var status = stat()
      let found = stat(joinedPath(root, below), &status) == 0
      if found, status.st_mode & S_IFMT == S_IFDIR {
        let identity = FileIdentity(status)
        if ancestors.contains(identity) { continue }
        if folder.isEmpty { folders.append(name) }
        try scan(below, ancestors: ancestors + [identity])
      } else if isPictureName(name), !found || status.st_mode & S_IFMT == S_IFREG {
        // A dangling link is a picture that cannot be read: it will be named as such.
        pictures.append(below)
      } else {
        otherFiles += 1
        if otherExamples.count < 100 { otherExamples.append(below) }
      }
    }
  }
}

/// What a file is, whatever it is called.
struct FileIdentity: Hashable {
  let device: UInt64
  let node: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    node = UInt64(status.st_ino)
  }
}

/// Sorted by UTF-8 bytes: the same everywhere, whatever the language of the machine.
func sortedByBytes(_ names: [String]) -> [String] {
  names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}
