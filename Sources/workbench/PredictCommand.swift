import ArgumentParser
import Foundation
import Inference
import ModelFiles

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Put pictures into classes, and write a table with one row for each.",
    discussion: """
      The table's columns: file, status, class, probability, class_2, probability_2, ..., message. The status is ok, \
      unknown (see --reject), or the reason why a picture could not be read, such as truncated or not_an_image.
      """)

  @OptionGroup var source: ModelArguments

  @Argument(help: "Pictures, and folders with pictures.")
  var paths: [String] = []

  @Option(help: "The table to write (.tsv).")
  var output: String

  @Option(help: "A text file with the path of a picture in each line.")
  var list: String?

  @Option(help: "How many classes each row names.")
  var top = 3

  @Option(help: "A text file with the names of the classes, one a line, in the order of the model's outputs.")
  var labels: String?

  @Option(help: "Pictures whose highest probability is below this, between 0 and 1, get the status unknown.")
  var reject: Double?

  @Flag(help: "Exit with 1 when a picture could not be read.")
  var strict = false

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    if paths.isEmpty && list == nil { throw ValidationError("give at least one picture or folder, or --list FILE") }
    if !(1...1000).contains(top) { throw ValidationError("--top \(top): must be from 1 to 1000") }
    if let reject, !(0...1).contains(reject) { throw ValidationError("--reject \(reject): must be from 0 to 1") }
  }

  func run() throws {
    try reportingFailures {
      try OutputFolder.checkWritable(besides: output)
      let files = try InputFiles.collect(paths: paths, list: list)
      let pool = threads.pool()
      let model = try source.load(labels: labels, pool: pool)
      var settings = PredictionSettings()
      settings.top = min(top, model.classes.count)
      settings.rejectBelow = reject
      let display = ProgressDisplay(isQuiet: quiet)
      defer { display.clear() }
      let flag = Workbench.stopFlag
      let summary = try Predictor(model: model, settings: settings, pool: pool).run(
        files, output: output, progress: { display.show(ProgressLine("prediction", $0)) },
        shouldStop: { flag.isSet })
      display.clear()
      if !quiet { StandardStream.error.writeLine("\(output): \(PredictCommand.sentence(summary))") }
      if strict && summary.failed > 0 {
        throw CommandFailure.job(
          "\(summary.failed) of \(summary.total) file\(summary.total == 1 ? "" : "s") could not be read (--strict)")
      }
    }
  }

  /// `12 files: 9 ok, 1 unknown, 2 could not be read (see the column message)`
  private static func sentence(_ summary: PredictionSummary) -> String {
    var parts = ["\(summary.total - summary.failed - summary.unknown) ok"]
    if summary.unknown > 0 { parts.append("\(summary.unknown) unknown") }
    if summary.failed > 0 { parts.append("\(summary.failed) could not be read (see the column message)") }
    return "\(summary.total) file\(summary.total == 1 ? "" : "s"): \(parts.joined(separator: ", "))"
  }
}
