import ArgumentParser
import Datasets

/// `--path-column NAME --class-column NAME --split-column NAME --group-column NAME`: how a manifest is read.
struct ManifestArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Manifests: the column of paths (default: path).", valueName: "name"))
  var pathColumn: String?

  @Option(help: ArgumentHelp("Manifests: the column of classes (default: class).", valueName: "name"))
  var classColumn: String?

  @Option(
    help: ArgumentHelp("Manifests: the column of splits (default: split, where there is one).", valueName: "name"))
  var splitColumn: String?

  @Option(
    help: ArgumentHelp(
      "Manifests: the column of groups, which no split divides (default: group, where there is one).",
      valueName: "name"))
  var groupColumn: String?

  /// The source with these columns.
  ///
  /// - Throws: `CommandFailure` when a column was given, but there is no manifest.
  func applied(to source: DatasetSource) throws -> DatasetSource {
    let given = [
      ("--path-column", pathColumn), ("--class-column", classColumn), ("--split-column", splitColumn),
      ("--group-column", groupColumn),
    ].first { $0.1 != nil }
    if let given, source.manifestFile == nil {
      throw CommandFailure.request("\(given.0): only for manifests, and \(source.path) is none")
    }
    var source = source
    source.columns = ManifestColumns(
      path: pathColumn ?? "path", label: classColumn ?? "class", split: splitColumn, group: groupColumn)
    return source
  }
}
