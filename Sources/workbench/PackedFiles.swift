import Datasets
import Foundation
import Inference
import ModelFiles
import Recipes
import Reports

/// The files that `data pack` writes, all of which begin with one name.
struct PackedFiles {
  let name: String

  func path(_ split: Split) -> String { "\(name)-\(split).tfr" }
  var classes: String { name + "-classes.tsv" }
  var failed: String { name + "-failed.tsv" }

  private var all: [String] { Split.allCases.map(path) + [classes, failed] }

  /// - Parameter inputs: files that are read.
  /// - Throws: `CommandFailure` when a file cannot be written, is there already, or would replace an input.
  func check(force: Bool, inputs: [String]) throws {
    try OutputNames.check(name: name, files: all, force: force, inputs: inputs)
  }

  /// The tables beside the records.
  func write(classes names: [String], failures: [TestResults.Failure]) throws {
    let rows = [["index", "class"]] + names.enumerated().map { ["\($0)", $1] }
    try AtomicFile.write(rows.map { TSV.line($0) + "\n" }.joined(), to: classes)
    if !failures.isEmpty { try AtomicFile.write(TestResults.Failure.table(failures), to: failed) }
  }

  /// Removes files of an earlier packing that this one has not replaced: they would be taken for a part of it.
  func removeStale(besides summary: RecordPacking.Summary, failures: [TestResults.Failure]) throws {
    let written = Set(
      summary.counts.filter { $0.value.contains { $0 > 0 } }.map { path($0.key) } + [classes]
        + (failures.isEmpty ? [] : [failed]))
    try OutputNames.removeStale(all, besides: Array(written))
  }

  /// The pictures of each class and split, and the files.
  func text(_ summary: RecordPacking.Summary, classes names: [String]) -> String {
    let splits = Split.allCases.filter { summary.counts[$0] != nil }
    func row(_ name: String, _ counts: [Int]) -> [String] {
      [name] + counts.map(grouped) + [grouped(counts.reduce(0, +))]
    }
    let rows = names.indices.map { place in row(names[place], splits.map { summary.counts[$0]?[place] ?? 0 }) }
    let sums = row("all", splits.map { summary.counts[$0]?.reduce(0, +) ?? 0 })
    let table = TextTable(header: ["Class"] + splits.map(\.description) + ["all"], rows: rows + [sums]).text
    let files = splits.filter { summary.counts[$0]?.contains { $0 > 0 } == true }.map(path) + [classes]
    return table + files.map { $0 + "\n" }.joined()
  }
}
