import ArgumentParser
import Datasets
import Foundation
import Inference
import Records
import Recipes

struct DataInspectCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Decode all pictures: how many there are of each class, their sizes and formats, what is damaged or double.")

  @Argument(help: "Folders with one sub-folder a class, manifests (.tsv, .csv), TFRecord files.")
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "The classes that there should be, a name a line, or a TSV with the columns index and class; records are named by it.",
      valueName: "file"))
  var classes: String?

  @OptionGroup var manifest: ManifestArguments

  @OptionGroup var keys: RecordKeyArguments

  @Flag(help: "Exit with 1 when a picture or a record is damaged.")
  var strict = false

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print results only.")
  var quiet = false

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @OptionGroup var plugins: PluginArguments

  func run() throws {
    try reportingFailures {
      let flag = Workbench.stopFlag
      let table = try classes.map { try ClassTable.read($0) }
      let sources = try paths.map(source)
      let display = PassDisplay("inspecting", isQuiet: quiet)
      defer { display.clear() }
      let inspection = try DataInspection(
        sources, table: table, pool: threads.pool(), progress: { display.show(done: $0, total: $1) },
        shouldStop: { flag.isSet })
      display.clear()
      let report = InspectionReport(inspection)
      StandardStream.output.write(json ? try report.json() : report.text)
      if !quiet, !json { for note in inspection.notes { StandardStream.error.writeLine(note) } }
      if strict, !inspection.damaged.isEmpty {
        throw CommandFailure.job("\(inspection.damaged.count) damaged (--strict)")
      }
    }
  }

  private func source(_ path: String) throws -> DatasetSource {
    if RecordFile.isRecordFile(path) { return DatasetSource(records: keys.source(paths: [path])) }
    var source = try manifest.applied(to: DatasetSource(path: path))
    source.missingFiles = .leaveOut
    return source
  }
}
