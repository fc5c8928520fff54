import ArgumentParser
import Datasets
import Foundation
import Inference
import ModelFiles
import Recipes
import Records
import Reports

struct DataDedupeCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "dedupe",
    abstract: "Find pictures that look nearly the same (dHash), and list those to keep.",
    discussion: """
      Writes NAME-duplicates.tsv, a line for each member of each group, and NAME-kept.tsv, a manifest of all pictures but \
      the duplicates; of TFRecord files instead NAME-FILE, a copy of each without them. Nothing is removed; --move-to \
      moves the duplicates away.
      """)

  @Argument(help: "A folder with one sub-folder a class, a manifest (.tsv, .csv), or TFRecord files.")
  var paths: [String]

  @Option(help: ArgumentHelp("What the names of the files begin with.", valueName: "name"))
  var output: String

  @Option(help: "In how many of 64 bits two hashes may differ.")
  var distance = 0

  @Option(help: ArgumentHelp("Which of a group stays: largest or first.", valueName: "word"))
  var keep = DuplicateGroups.Preference.largest.rawValue

  @Option(help: ArgumentHelp("Move the duplicates into this folder, under their names.", valueName: "folder"))
  var moveTo: String?

  @OptionGroup var manifest: ManifestArguments

  @OptionGroup var keys: RecordKeyArguments

  @Flag(help: "Replace files of an earlier search.")
  var force = false

  @Flag(help: "Exit with 1 when a picture could not be read.")
  var strict = false

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print results only.")
  var quiet = false

  @OptionGroup var plugins: PluginArguments

  func validate() throws {
    if !(0...DuplicateGroups.maximumDistance).contains(distance) {
      throw ValidationError("--distance \(distance): must be from 0 to \(DuplicateGroups.maximumDistance)")
    }
    if DuplicateGroups.Preference(rawValue: keep) == nil {
      throw ValidationError("--keep \(keep): must be largest or first")
    }
  }

  func run() throws {
    try reportingFailures {
      let flag = Workbench.stopFlag
      let source = try source()
      let recordFiles = source.records.map { $0.parts.flatMap(\.paths) }
      let files = DuplicateFiles(name: output, recordFiles: recordFiles)
      try files.check(force: force, inputs: paths + (source.manifestFile.map { [$0] } ?? []))
      try checkMove(isRecords: recordFiles != nil)
      let dataset = try source.read()
      for note in dataset.notes { say(note) }
      let display = PassDisplay("hashing", isQuiet: quiet)
      defer { display.clear() }
      let pass = PicturePass(
        pool: threads.pool(), progress: { display.show(done: $0, total: $1) }, shouldStop: { flag.isSet })
      let survey = try PictureSurvey(dataset, pass: pass)
      display.clear()
      let groups = DuplicateGroups(
        survey, of: dataset, maximumDistance: distance,
        preferring: DuplicateGroups.Preference(rawValue: keep) ?? .largest)
      let move = try moveTo.map { try PictureMove(groups.leftOut, of: dataset, to: $0) }
      let failures = survey.damaged.map { TestResults.Failure(FailedFile($0, of: dataset)) }
      let written = try files.write(
        groups: groups, survey: survey, failures: failures, dataset: dataset, source: source)
      StandardStream.output.write(text(groups, survey: survey, dataset: dataset, files: written))
      for line in TestResults.Failure.lines(failures, table: files.failed) { say(line) }
      if let move { try run(move, count: groups.leftOut.count) }
      if strict, !failures.isEmpty {
        throw CommandFailure.job("\(counted(failures.count, "picture")) could not be read (--strict)")
      }
    }
  }

  private func run(_ move: PictureMove, count: Int) throws {
    let flag = Workbench.stopFlag
    let moved = try move.run { flag.isSet }
    say("\(counted(moved, "picture")) moved to \(move.folder)")
    if moved < count { throw DataPreparationError.interrupted }
  }

  private func source() throws -> DatasetSource {
    let records = paths.filter(RecordFile.isRecordFile)
    if records.count == paths.count { return DatasetSource(records: keys.source(paths: paths)) }
    if paths.count > 1 {
      throw CommandFailure.request(
        "give one folder or manifest, or TFRecord files; pictures of several folders are searched by a manifest of them"
      )
    }
    return try manifest.applied(to: DatasetSource(path: paths[0]))
  }

  private func checkMove(isRecords: Bool) throws {
    guard let moveTo else { return }
    if isRecords { throw CommandFailure.request("--move-to: records cannot be moved, only files") }
    if let reason = FolderMaker.make(moveTo) {
      throw CommandFailure.request("\(moveTo): cannot be made or written to: \(reason)")
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: paths[0], isDirectory: &isFolder), isFolder.boolValue {
      let (inner, outer) = (resolved(moveTo), resolved(paths[0]))
      if inner == outer || inner.hasPrefix(outer + "/") {
        throw CommandFailure.request("--move-to \(moveTo): lies in \(paths[0]), where it would be taken for a class")
      }
    }
  }

  private func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

  private func text(
    _ groups: DuplicateGroups, survey: PictureSurvey, dataset: Dataset, files: [String]
  ) -> String {
    let left = groups.leftOut.count
    let kept = dataset.samples.count - survey.damaged.count - left
    let conflicts = groups.groups.count(where: \.hasConflict)
    let crossing = groups.groups.count { group in
      Set(group.members.map { dataset.samples[$0.sample].split }).count > 1
    }
    var lines = [
      "\(counted(dataset.samples.count, "picture")): \(grouped(kept)) to keep, \(grouped(left)) "
        + "duplicate\(left == 1 ? "" : "s") in \(counted(groups.groups.count, "group")), \(grouped(survey.damaged.count)) damaged"
    ]
    if conflicts > 0 { lines.append("\(counted(conflicts, "group")) with pictures of different classes") }
    if crossing > 0 { lines.append("\(counted(crossing, "group")) across splits") }
    return (lines + files).map { $0 + "\n" }.joined()
  }

  private func say(_ line: String) {
    if !quiet { StandardStream.error.writeLine(line) }
  }
}
