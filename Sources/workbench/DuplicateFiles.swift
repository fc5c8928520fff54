import Datasets
import Foundation
import Images
import Inference
import ModelFiles
import Recipes
import Reports

/// The files that `data dedupe` writes, all of which begin with one name.
struct DuplicateFiles {
  let name: String
  /// The files that were searched, when they are TFRecord files.
  let recordFiles: [String]?

  var duplicates: String { name + "-duplicates.tsv" }
  var failed: String { name + "-failed.tsv" }
  private func kept(_ ending: String) -> String { "\(name)-kept.\(ending)" }
  private var manifests: [String] { ["tsv", "csv"].map(kept) }

  /// Of a record file without its duplicates.
  private func copy(of file: String) -> String {
    "\(name)-" + (file.split(separator: "/").last.map(String.init) ?? file)
  }

  private var all: [String] {
    [duplicates, failed] + (recordFiles.map { $0.map(copy) } ?? manifests)
  }

  /// - Parameter inputs: files that are read.
  /// - Throws: `CommandFailure` when a file cannot be written, is there already, or would replace another.
  func check(force: Bool, inputs: [String]) throws {
    if let recordFiles, Set(recordFiles.map(copy)).count < recordFiles.count {
      throw CommandFailure.request("two of the files have the same name, and so would their copies")
    }
    try OutputNames.check(name: name, files: all, force: force, inputs: inputs)
  }

  /// - Returns: the files that were written.
  func write(
    groups: DuplicateGroups, survey: PictureSurvey, failures: [TestResults.Failure], dataset: Dataset,
    source: DatasetSource
  ) throws -> [String] {
    let leftOut = Set(groups.leftOut)
    let kept = dataset.samples.indices.filter { survey.examinations[$0] != nil && !leftOut.contains($0) }
    var written = [duplicates]
    func writeTables() throws {
      try writeDuplicates(groups, survey: survey, dataset: dataset)
      if failures.isEmpty { return }
      try AtomicFile.write(TestResults.Failure.table(failures), to: failed)
      written.append(failed)
    }
    if let recordFiles {
      let flag = Workbench.stopFlag
      try RecordCopy.write(
        kept, of: dataset, path: copy, shouldStop: { flag.isSet }, beforeNaming: { try writeTables() })
      written += recordFiles.map(copy)
    } else {
      let manifest = try KeptManifest(
        of: kept, dataset: dataset, source: source, folder: FolderMaker.parent(of: duplicates))
      try writeTables()
      let path = self.kept(manifest.fileExtension)
      try AtomicFile.write(to: path) { file throws(ModelFileError) in
        for line in manifest.lines { try file.append(Data(line.utf8)) }
      }
      written.append(path)
    }
    try OutputNames.removeStale(all, besides: written)
    return written
  }

  /// `group  kept  file  class  split  distance  hash  width  height  bytes  conflict`
  private func writeDuplicates(_ groups: DuplicateGroups, survey: PictureSurvey, dataset: Dataset) throws {
    try AtomicFile.write(to: duplicates) { file throws(ModelFileError) in
      let header = [
        "group", "kept", "file", "class", "split", "distance", "hash", "width", "height", "bytes", "conflict",
      ]
      try file.append(Data((TSV.line(header) + "\n").utf8))
      for (number, group) in groups.groups.enumerated() {
        for member in group.members {
          let sample = dataset.samples[member.sample]
          guard let picture = survey.examinations[member.sample] else { continue }
          let hash = String(picture.differenceHash, radix: 16)
          let fields = [
            "\(number + 1)", member.sample == group.kept ? "yes" : "no", sample.name,
            sample.label < 0 ? "" : dataset.classes[sample.label], sample.split?.rawValue ?? "", "\(member.distance)",
            String(repeating: "0", count: 16 - hash.count) + hash, "\(picture.width)", "\(picture.height)",
            "\(picture.byteCount)", group.hasConflict ? "yes" : "no",
          ]
          try file.append(Data((TSV.line(fields) + "\n").utf8))
        }
      }
    }
  }
}
