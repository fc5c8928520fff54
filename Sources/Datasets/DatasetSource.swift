import Foundation
import Images
import Records
import Tensors

/// Where a data set comes from, and how it is split: all that a recipe or a command line says about its data.
///
///     let dataset = try DatasetSource(path: "specimens", fractions: fractions).load(seed: 1)
///
/// A path to a file is a manifest. A path to a folder that holds `labels.tsv` or `labels.csv` uses that manifest; any
/// other folder has one sub-folder a class. `manifest` overrides both. A path to a TFRecord file is one of records, and so
/// are the files of `records`.
public struct DatasetSource: Equatable, Sendable {
  public var path: String
  /// The record files, in the place of the path.
  public var records: RecordSource?
  public var manifest: ManifestChoice
  public var columns: ManifestColumns
  /// What happens to lines of a manifest whose file is not there.
  public var missingFiles: MissingFiles
  /// nil: only the splits that the data have.
  public var fractions: SplitFractions?
  /// Whether `fractions` replace splits that the data have.
  public var resplit: Bool

  public enum ManifestChoice: Equatable, Sendable {
    /// `labels.tsv` or `labels.csv` where there is one.
    case automatic
    /// Sub-folders are classes, whatever else is there.
    case none
    /// This file, relative to the folder.
    case named(String)
  }

  public init(
    path: String, manifest: ManifestChoice = .automatic, columns: ManifestColumns = ManifestColumns(),
    missingFiles: MissingFiles = .error, fractions: SplitFractions? = nil, resplit: Bool = false
  ) {
    self.path = path
    self.manifest = manifest
    self.columns = columns
    self.missingFiles = missingFiles
    self.fractions = fractions
    self.resplit = resplit
  }

  /// Records; the splits are theirs unless `fractions` are given.
  public init(records: RecordSource, fractions: SplitFractions? = nil) {
    self.init(path: records.name, fractions: fractions)
    self.records = records
  }

  /// Reads the table, with the splits of a manifest or none. No picture is opened; records are read, but not decoded.
  ///
  /// - Throws: `DatasetError`.
  public func read() throws(DatasetError) -> Dataset {
    if let records { return try records.read() }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .notFound(path: path) }
    if case .named(let name) = manifest, !isFolder.boolValue {
      throw .wrongKind(path: path, wanted: "a folder with the manifest \(name)")
    }
    guard let file = manifestFile else {
      if !isFolder.boolValue, manifest == .automatic { return try RecordSource(parts: [.init(paths: [path])]).read() }
      return try FolderSource(path: path).read()
    }
    if !isFolder.boolValue, isPictureName(path) {
      throw .wrongKind(path: path, wanted: "this is a picture; a folder, a manifest (.tsv, .csv) or a TFRecord file")
    }
    var dataset = try manifestSource(file).read()
    if isFolder.boolValue, manifest == .automatic { dataset.notes.insert("using the manifest \(file)", at: 0) }
    return dataset
  }

  /// The manifest that the data are read from; nil for a folder without one, and for records.
  public var manifestFile: String? {
    if records != nil { return nil }
    switch manifest {
    case .none: return nil
    case .named(let name): return joinedPath(path, name)
    case .automatic: break
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      return RecordFile.isRecordFile(path) ? nil : path
    }
    return ["labels.tsv", "labels.csv"].map { joinedPath(path, $0) }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  private func manifestSource(_ path: String) -> ManifestSource {
    ManifestSource(
      path: path, columns: columns, missingFiles: missingFiles, readsSplits: !(resplit && fractions != nil))
  }

  /// Reads the table and splits it, ready for training.
  ///
  /// The data's own splits are kept unless `resplit` is set; without them `fractions` are needed.
  /// - Parameter seed: for the random partition.
  /// - Throws: `DatasetError`; also when there is one class only, or a class has no picture in the train split.
  public func load(seed: Int) throws(DatasetError) -> Dataset {
    try read().split(fractions, resplit: resplit, seed: seed, path: path)
  }
}

extension Dataset {
  /// The data set, ready for training: its own splits are kept unless `resplit` is set; without them `fractions` are
  /// needed.
  ///
  /// - Parameters:
  ///   - seed: for the random partition.
  ///   - path: what messages call the data; nil: the root.
  /// - Throws: `DatasetError`; also when there is one class only, or a class has no picture in the train split.
  public func split(
    _ fractions: SplitFractions?, resplit: Bool, seed: Int, path: String? = nil
  ) throws(DatasetError) -> Dataset {
    let path = path ?? root
    if classes.count < 2 { throw .oneClass(path: path, name: classes.first ?? "") }
    var dataset = self
    let hasSplits = samples.contains { $0.split != nil }
    if hasSplits, !resplit {
      if fractions != nil {
        dataset.notes.append("keeping the splits of the data; resplit = true would draw them anew")
      }
    } else if let fractions {
      dataset = partitioned(fractions, key: RandomKey(seed: seed))
    } else {
      throw .notPartitioned(path: path)
    }
    try dataset.checkSplits()
    return dataset
  }
}

/// `name` as seen from `folder`, unless it is absolute.
func joinedPath(_ folder: String, _ name: String) -> String {
  if name.hasPrefix("/") || folder.isEmpty { return name }
  return folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// A path without `.`, `..` and doubled slashes, by its text alone: `a/./x/../b.jpg` is `a/b.jpg`.
func plainPath(_ path: String) -> String {
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." {
      parts.removeLast()
    } else if part != ".." || !path.hasPrefix("/") {
      parts.append(part)
    }
  }
  return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}
