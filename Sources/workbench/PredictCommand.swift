import ArgumentParser
import Foundation
import Inference
import ModelFiles
import Recipes

struct PredictCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Put pictures into classes, and write a table with one row for each.",
    discussion: """
      The table's columns: file, status, class, probability, class_2, probability_2, ..., message. The status is ok, \
      unknown (see --reject), or the reason why a picture could not be read, such as truncated or not_an_image.

      Until the table is complete it grows in FILE.partial; after an interruption the same command with --resume goes \
      on from there.
      """)

  @OptionGroup var source: ModelArguments

  @Argument(help: "Pictures, TFRecords with pictures, and folders with them.")
  var paths: [String] = []

  @Option(help: "The table to write (.tsv).")
  var output: String

  @Option(help: "A text file with a path in each line.")
  var list: String?

  @Option(help: "How many classes each row names.")
  var top = 3

  @Option(help: "A text file with the names of the classes, one a line, in the order of the model's outputs.")
  var labels: String?

  @Option(help: "Pictures whose highest probability is below this, between 0 and 1, get the status unknown.")
  var reject: Double?

  @Option(
    help: ArgumentHelp(
      "Predict one of N parts, to be joined by 'workbench merge' (default: all files, or this task's part in a SLURM or "
        + "SGE job array; none: all files).", valueName: "i/n"))
  var shard: String?

  @Option(help: "table, or herbariograph for the columns MODEL, FILE and PREDICTION.")
  var format = "table"

  @Option(help: "The feature of TFRecords that holds the picture (default: found out from the first record).")
  var imageKey: String?

  @Flag(help: "Go on with an interrupted prediction.")
  var resume = false

  @Flag(help: "Exit with 1 when a picture could not be read.")
  var strict = false

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup var plugins: PluginArguments

  func validate() throws {
    if paths.isEmpty && list == nil { throw ValidationError("give at least one picture or folder, or --list FILE") }
    if !(1...1000).contains(top) { throw ValidationError("--top \(top): must be from 1 to 1000") }
    if let reject, !(0...1).contains(reject) { throw ValidationError("--reject \(reject): must be from 0 to 1") }
    if PredictionFormat(rawValue: format) == nil {
      throw ValidationError(
        "--format \(format): must be \(PredictionFormat.allCases.map(\.rawValue).joined(separator: " or "))")
    }
    if let shard, shard != "none", Shard(shard) == nil {
      throw ValidationError(
        "--shard \(shard): must be I/N, such as 1/8, 2/8 up to 8/8 (0/8 is the same as 8/8), or none")
    }
  }

  func run() throws {
    try reportingFailures {
      try OutputFolder.checkWritable(besides: output)
      // The handlers first: a signal that comes while the model is read counts, too.
      let flag = Workbench.stopFlag
      let request = try request()
      let pool = threads.pool()
      let model = try source.load(labels: labels, pool: pool)
      if !model.hasClassNames {
        say("\(source.model): has no class names; the classes are called by their numbers (--labels FILE names them)")
      }
      let display = PassDisplay("prediction", isQuiet: quiet)
      defer { display.clear() }
      let summary = try Predictor(model: model, pool: pool).run(
        request, note: say, progress: { display.show($0) }, shouldStop: { flag.isSet })
      display.clear()
      say("\(output): \(summary)")
      if strict && summary.failed > 0 {
        throw CommandFailure.job(
          "\(summary.failed) of \(summary.total) file\(summary.total == 1 ? "" : "s") could not be read (--strict)")
      }
    }
  }

  private func request() throws -> PredictionRequest {
    var request = PredictionRequest(paths: paths, list: list, output: output)
    request.format = PredictionFormat(rawValue: format) ?? .table
    request.top = top
    request.rejectBelow = reject
    request.imageKey = imageKey
    request.resume = resume
    request.otherInputs = [source.model] + (labels.map { [$0] } ?? [])
    request.version = RecipeRunner.version
    if let shard {
      request.shard = Shard(shard)
    } else if let taken = try Shard.taken(from: ProcessInfo.processInfo.environment) {
      request.shard = taken.shard
      say("shard \(taken.shard), of \(taken.source) (--shard none predicts all files)")
    }
    return request
  }

  private func say(_ line: String) {
    if !quiet { StandardStream.error.writeLine(line) }
  }
}
