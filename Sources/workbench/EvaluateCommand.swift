import ArgumentParser
import Datasets
import Foundation
import Inference
import Layers
import ModelFiles
import Networks
import Reports
import Tensors

struct EvaluateCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Test a model on pictures whose classes are known: accuracy, classes, confusion, rejection, report.")

  @OptionGroup var source: ModelArguments

  @Option(
    help: """
      A folder with one sub-folder a class, a manifest (.tsv, .csv) with the columns path and class, or a TFRecord file.
      """)
  var data: String

  @OptionGroup var records: RecordArguments

  @Option(
    help: ArgumentHelp(
      "A text file with other names for the model's classes, one a line, in the order of its outputs.",
      valueName: "file"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "The part of each label that the loss spreads evenly over all classes.", valueName: "share"))
  var labelSmoothing = 0.1

  @Option(
    help: ArgumentHelp(
      "The share of unreadable pictures above which it stops (default: 0.05, and ten are always allowed).",
      valueName: "share"))
  var failureLimit: Double?

  @Option(help: "train, validation or test (default: test where the data have splits, else all pictures).")
  var split: String?

  @Option(help: "The folder for report and tables (default: runs/<model>-evaluation-<date-time>).")
  var output: String?

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print results only.")
  var quiet = false

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @OptionGroup var plugins: PluginArguments

  func validate() throws {
    for (option, share) in [("--label-smoothing", labelSmoothing), ("--failure-limit", failureLimit ?? 0)]
    where !(0...1).contains(share) {
      throw ValidationError("\(option) \(share): must be from 0 to 1")
    }
  }

  func run() throws {
    try reportingFailures {
      let wanted = try split.map(EvaluateCommand.parse)
      let dataset = try records.source(path: data).read()
      let pool = threads.pool()
      let model = try named(try source.load(labels: labels, pool: pool), by: dataset)
      let (name, indices) = try EvaluateCommand.choose(wanted, from: dataset)
      let folder = try OutputFolder.make(output ?? OutputFolder.defaultName(model.name + "-evaluation"))
      let display = ProgressDisplay(isQuiet: quiet)
      defer { display.clear() }
      let flag = Workbench.stopFlag
      var settings = EvaluationSettings()
      settings.loss = try LossRegistry.loss(named: "ce", options: ["label_smoothing": .number(labelSmoothing)])
      settings.failureLimit = failureLimit
      let evaluation = try Evaluator(model: model, settings: settings, pool: pool).evaluate(
        dataset: dataset, indices: indices, progress: { display.show(ProgressLine("evaluation", $0)) },
        shouldStop: { flag.isSet })
      display.clear()
      let results = TestResults(evaluation, split: name)
      try ReportWriter.write(report(model: model, dataset: dataset, results: results), to: folder)
      StandardStream.output.write(try json ? EvaluateCommand.json(results, folder: folder) : results.text)
      if quiet { return }
      for line in TestResults.Failure.lines(results.failures, table: "\(folder)/failed.tsv") {
        StandardStream.error.writeLine(line)
      }
      StandardStream.error.writeLine("report: \(folder)/report.html")
    }
  }

  /// A model whose classes nobody has named gets the names of the data, place by place.
  private func named(_ model: Model, by dataset: Dataset) throws -> Model {
    let isKnown = Set(dataset.classes).isSubset(of: model.classes)
    if !isKnown, model.hasClassNames, !dataset.hasClassNames, !quiet {
      StandardStream.error.writeLine("the labels of the data are numbers: places in the model's table of classes")
    }
    guard !model.hasClassNames, dataset.hasClassNames, !isKnown, dataset.classes.count == model.classes.count else {
      return model
    }
    if !quiet {
      StandardStream.error.writeLine("the model's classes have no names: those of the data are taken, in their order")
    }
    return try model.with(ImportOptions(labels: dataset.classes))
  }

  private static func parse(_ word: String) throws -> Split {
    guard let split = Split(word: word) else {
      throw CommandFailure.request("--split \(word): must be train, validation or test")
    }
    return split
  }

  /// The pictures to test, and what to call them.
  private static func choose(_ wanted: Split?, from dataset: Dataset) throws -> (name: String, indices: [Int]) {
    let hasSplits = dataset.samples.contains { $0.split != nil }
    if !hasSplits {
      if let wanted {
        throw CommandFailure.request(
          "--split \(wanted): the data in \(dataset.root) have no splits; without --split all pictures are tested")
      }
      return ("all", Array(dataset.samples.indices))
    }
    let split = wanted ?? .test
    let indices = dataset.indices(of: split)
    if indices.isEmpty { throw DatasetError.emptySplit(path: dataset.root, split: split) }
    return (split.description, indices)
  }

  private func report(model: Model, dataset: Dataset, results: TestResults) -> ReportContent {
    var content = ReportContent(
      title: model.name,
      subtitle:
        "Evaluation of \(source.model) on \(data), \(results.split == "all" ? "all pictures" : "the \(results.split) split")."
    )
    content.results = results
    content.failures = results.failures
    content.picturesFolder = dataset.picturesFolder
    content.dataFacts =
      [.init("data", dataset.root), .init("pictures", "\(dataset.samples.count)")]
      + dataset.notes.map { .init("note", $0) }
    content.layers = LayerTable(model.network).text
    content.provenance = model.provenance.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
    return content
  }

  private static func json(_ results: TestResults, folder: String) throws -> String {
    struct Class: Encodable {
      let name: String
      let pictures: Int
      let precision: Double
      let recall: Double
      let f1: Double
    }
    struct Rejection: Encodable {
      let setAside: Double
      let picturesLeft: Int
      let accuracy: Double?
    }
    struct Figures: Encodable {
      let split: String
      let pictures: Int
      let failed: Int
      let accuracy: Double
      let macroF1: Double
      let aucpr: Double
      let loss: Double
      let classes: [Class]
      let confusion: [[Int]]
      let rejection: [Rejection]
      let report: String
    }
    let classes = zip(results.classes, results.confusion.perClass).map { name, score in
      Class(name: name, pictures: score.support, precision: score.precision, recall: score.recall, f1: score.f1)
    }
    let confusion = results.classes.indices.map { label in results.classes.indices.map { results.confusion[label, $0] }
    }
    return try JSON.line(
      Figures(
        split: results.split, pictures: results.count, failed: results.failures.count, accuracy: results.accuracy,
        macroF1: results.macroF1, aucpr: results.aucpr, loss: results.loss, classes: classes, confusion: confusion,
        rejection: results.rejection.rows.map {
          Rejection(setAside: $0.share, picturesLeft: $0.kept, accuracy: $0.accuracy)
        },
        report: folder + "/report.html"))
  }
}

extension ProgressLine {
  init(_ title: String, _ progress: InferenceProgress) {
    self.init(
      title: title, done: progress.done, total: progress.total, loss: nil,
      imagesPerSecond: progress.imagesPerSecond, secondsLeft: progress.secondsLeft)
  }
}
