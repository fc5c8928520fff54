import ArgumentParser
import Datasets
import Records

/// `--image-key KEY --label-key KEY --classes FILE --remap FILE --damaged WORD`: how a TFRecord file is read.
struct RecordArguments: ParsableArguments {
  @OptionGroup var keys: RecordKeyArguments

  @Option(
    help: ArgumentHelp(
      "TFRecords: the names of the labels 0, 1, ...: a text file, or a TSV with the columns index and class.",
      valueName: "file"))
  var classes: String?

  @Option(
    help: ArgumentHelp(
      "TFRecords: a TSV that replaces labels, with a header line, then old id and new id.", valueName: "file"))
  var remap: String?

  @Option(
    help: ArgumentHelp(
      "TFRecords: what happens to a damaged record: skip leaves it out and names it, fail ends the command (default: skip).",
      valueName: "skip|fail"))
  var damaged: String?

  func validate() throws {
    if let damaged, RecordSource.DamagedRecords(rawValue: damaged) == nil {
      throw ValidationError("--damaged \(damaged): must be skip or fail")
    }
  }

  /// The data at a path, of whatever kind.
  ///
  /// - Throws: `CommandFailure` when an option for records was given, but the path is none.
  func source(path: String) throws -> DatasetSource {
    let given = [
      ("--image-key", keys.imageKey), ("--label-key", keys.labelKey), ("--classes", classes), ("--remap", remap),
      ("--damaged", damaged),
    ].first { $0.1 != nil }
    if !RecordFile.isRecordFile(path) {
      if let given { throw CommandFailure.request("\(given.0): only for TFRecord files, and \(path) is none") }
      return DatasetSource(path: path)
    }
    var records = keys.source(paths: [path])
    records.classNames = classes.map { .file($0) } ?? .found
    records.remap = remap
    records.damaged = damaged.flatMap(RecordSource.DamagedRecords.init(rawValue:)) ?? .skip
    return DatasetSource(records: records)
  }
}
