import Datasets
import Foundation
import Inference
import Networks
import Reports
import Training

/// Gathers what the run's report shows, as the recipe goes along.
struct ReportCollector {
  private var network: Network?
  private var data: DataObject?
  private var result: TrainingResult?
  private var evaluation: (Evaluation, split: String)?
  private var repeats: [ReportContent.Repeat] = []
  private var soups: [ReportContent.Soup] = []
  /// Pictures of any stage and evaluation that could not be read, each once.
  private(set) var failures: [TestResults.Failure] = []

  mutating func trained(data: DataObject, network: Network, result: TrainingResult, stage: Int) {
    self.data = data
    self.network = network
    self.result = result
    add(result.failedFiles)
  }

  mutating func cooked(_ soup: SoupResult) {
    soups.append(
      ReportContent.Soup(
        metric: soup.metric.rawValue, split: soup.split, value: soup.value, best: soup.bestValue,
        rows: soup.rows.map { row in
          let decision = row.decision.rawValue.replacingOccurrences(of: "_", with: " ")
          return .init(
            rank: row.rank, file: row.file, value: row.value, soupValue: row.soupValue,
            decision: row.message.isEmpty ? decision : "\(decision): \(row.message)")
        }))
  }

  mutating func evaluated(_ evaluation: Evaluation, split: String, data: DataObject, network: Network, seed: Int) {
    self.evaluation = (evaluation, split)
    self.data = data
    self.network = network
    let figures = ReportContent.Repeat(seed: seed, accuracy: evaluation.accuracy, macroF1: evaluation.macroF1)
    // A recipe may evaluate several times within one turn: the last counts.
    repeats.removeAll { $0.seed == seed }
    repeats.append(figures)
    add(evaluation.failed)
  }

  /// A picture may be met in several stages, and in several splits where `wb.repeats` divides the data anew.
  private mutating func add(_ files: [FailedFile]) {
    for file in files where !failures.contains(where: { $0.path == file.path && $0.split == file.split }) {
      failures.append(TestResults.Failure(file))
    }
  }

  var isEmpty: Bool { network == nil && soups.isEmpty }

  func content(_ session: RecipeSession, title: String) -> ReportContent {
    let pictures = data.map { "\($0.dataset.samples.count) pictures in \($0.dataset.classes.count) classes" } ?? ""
    var content = ReportContent(title: title, subtitle: "\(session.recipeName), seed \(session.baseSeed); \(pictures)")
    content.results = evaluation.map { TestResults($0.0, split: $0.split) }
    content.failures = failures
    if let result { content.curves = Curve.curves(history: result.history, bestEpoch: result.bestEpoch) }
    content.soups = soups
    if repeats.count > 1 { content.repeats = repeats }
    if let dataset = data?.dataset {
      let counts = Split.allCases.map { dataset.classCounts(of: dataset.indices(of: $0)) }
      content.data = ReportContent.SplitCounts(
        splits: Split.allCases.map(\.rawValue),
        rows: dataset.classes.indices.map { label in (dataset.classes[label], counts.map { $0[label] }) })
      content.picturesFolder = dataset.picturesFolder
      content.dataFacts = [
        .init(
          dataset.provider != nil ? "source" : dataset.picturesFolder == nil ? "records" : "folder",
          dataset.provider?.origin ?? dataset.root),
        .init("hash", dataset.contentHash()),
      ]
      content.dataFacts += (dataset.notes + (data?.duplicateNotes ?? [])).map { .init("note", $0) }
    }
    content.layers = network.map { LayerTable($0, channelFirst: session.configuration.channelFirst).text }
    content.settings = session.parameters.resolved.map { .init($0.name, $0.value) }
    content.provenance = [
      .init("recipe", session.configuration.path), .init("seed", "\(session.baseSeed)"),
      .init("workbench", RecipeRunner.version), .init("threads", "\(session.threadCount)"),
    ]
    // What the model's file says of its making, but for what stands above or among the settings.
    let shown = ["recipe", "seed", "workbench", "data", "data_hash", "data_source", "pictures"]
    content.provenance += (result?.best.provenance ?? [:]).sorted { $0.key < $1.key }
      .filter { !shown.contains($0.key) && !$0.key.hasPrefix("parameter.") }.map { .init($0.key, $0.value) }
    return content
  }
}
