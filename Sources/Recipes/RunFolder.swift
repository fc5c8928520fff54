import Foundation
import Layers
import ModelFiles
import Tensors
import Training

/// The folder that one run writes.
///
///     runs/stained-20261122-014500/
///       run.json             recipe, parameters, seed, versions, data, host, results
///       stained.lua          the recipe as run
///       stage-1/             of each wb.train: log.tsv, checkpoint.safetensors, best.safetensors, checkpoints/
///       soup-1/              of each wb.soup: soup.tsv, soup.json, soup.safetensors
///       model.safetensors    the best model of the last wb.train
///       failed.tsv           pictures that could not be read, with split and reason; only when there are any
///       predictions.tsv, confusion.tsv, classes.tsv, rejection.tsv, report.html
final class RunFolder {
  enum Status: String { case running, done, interrupted, failed }

  let path: String
  /// Whether stages go on from what is there.
  let isResumed: Bool
  private var data: [DataRecord] = []

  private var stages: [StageRecord] = []

  /// What a `wb.train` makes of its network beside the recipe's parameters.
  private struct StageRecord: Codable, Equatable {
    var stage: Int
    var model: String
    /// Layers that do not learn.
    var frozen: [String]
    var learningRateFactors: [String: Double]
    var layerDecay: Double?

    enum CodingKeys: String, CodingKey {
      case stage, model, frozen
      case learningRateFactors = "learning_rate_factors"
      case layerDecay = "layer_decay"
    }
  }

  private struct DataRecord: Codable, Equatable {
    var path: String
    var hash: String
    var pictures: Int
    var classes: [String]
  }

  init(path: String, isResumed: Bool) {
    self.path = path
    self.isResumed = isResumed
  }

  /// Makes the folder of a `wb.train`.
  func stageFolder(_ stage: Int) throws -> String {
    let folder = "\(path)/stage-\(stage)"
    try RunFolder.make(folder)
    return folder
  }

  func addData(_ object: DataObject) {
    let record = DataRecord(
      path: object.dataset.root, hash: object.dataset.contentHash(), pictures: object.dataset.samples.count,
      classes: object.dataset.classes)
    if !data.contains(record) { data.append(record) }
  }

  func addStage(_ stage: Int, _ model: ModelObject, _ settings: TrainingSettings) {
    stages.append(
      StageRecord(
        stage: stage, model: model.name, frozen: model.network.parameterLayers.filter(model.frozen.contains),
        learningRateFactors: settings.learningRateFactors.byLayer, layerDecay: settings.learningRateFactors.layerDecay))
  }

  /// Writes `run.json`.
  ///
  /// - Throws: `WorkError`.
  func save(_ session: RecipeSession, status: Status) throws {
    let record = RunRecord(
      recipe: session.configuration.path, recipeName: session.recipeName,
      parameters: Dictionary(
        session.parameters.resolved.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
      seed: session.baseSeed, threads: session.threadCount, status: status.rawValue,
      started: ISO8601DateFormatter().string(from: session.started),
      updated: ISO8601DateFormatter().string(from: Date()), workbench: RecipeRunner.version,
      system: ProcessInfo.processInfo.operatingSystemVersionString, host: ProcessInfo.processInfo.hostName,
      cores: WorkerPool.availableCores, data: data, stages: stages,
      plugins: session.pluginOrigins,
      results: session.results.figures)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      try AtomicFile.write(try encoder.encode(record) + Data("\n".utf8), to: path + "/run.json")
    } catch {
      throw WorkError(error: error)
    }
  }

  private struct RunRecord: Codable {
    var format = 1
    var recipe: String
    var recipeName: String
    var parameters: [String: String]
    var seed: Int
    var threads: Int
    var status: String
    var started: String
    var updated: String
    var workbench: String
    var system: String
    var host: String
    var cores: Int
    var data: [DataRecord]
    /// nil in what was written before there were any.
    var stages: [StageRecord]?
    /// nil in what was written before there were plugins.
    var plugins: [LayerOrigin]?
    var results: [ResultTable.Figure]

    enum CodingKeys: String, CodingKey {
      case format, recipe, parameters, seed, threads, status, started, updated, workbench, system, host, cores, data
      case stages, plugins, results
      case recipeName = "recipe_name"
    }
  }

  // MARK: Opening

  /// Makes the folder of a new run, or finds the one to continue.
  ///
  /// - Throws: `RequestError.path` when it is taken or cannot be made; `WorkError` when it cannot be written.
  static func open(_ session: RecipeSession) throws -> RunFolder {
    let configuration = session.configuration
    if configuration.resume, let folder = try toResume(session) {
      session.console.note("continuing \(folder)")
      return RunFolder(path: folder, isResumed: true)
    }
    if configuration.resume { session.console.note("nothing to continue: this is a new run") }
    let path = configuration.output ?? freeName(session)
    if try record(of: path) != nil {
      throw RequestError.path(
        function: "--output", path: path, reason: "holds a run already (--resume continues it)")
    }
    try make(path)
    let folder = RunFolder(path: path, isResumed: false)
    do {
      try AtomicFile.write(Data(session.recipeText), to: recipeCopy(in: path, session))
    } catch {
      throw WorkError(error: error)
    }
    session.console.note("run folder \(path)")
    return folder
  }

  private static func freeName(_ session: RecipeSession) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    let base = "runs/\(session.recipeName)-\(formatter.string(from: session.started))"
    // Two runs may start in one second.
    return ([base] + (2...99).map { "\(base)-\($0)" }).first { !FileManager.default.fileExists(atPath: $0) } ?? base
  }

  private static func toResume(_ session: RecipeSession) throws -> String? {
    if let output = session.configuration.output {
      guard let record = try record(of: output) else { return nil }
      guard fits(record, session) else {
        throw RequestError.path(
          function: "--output", path: output,
          reason: "holds a run of another recipe, seed or parameters, which cannot be continued as this one")
      }
      guard hasSameText(output, session) else { throw changedRecipe(output, session) }
      try checkPlugins(record, output, session)
      return output
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "runs")) ?? []
    // The name ends in date and time, so that the order of names is the order of time.
    let folders = names.filter { $0.hasPrefix(session.recipeName + "-") }.sorted().reversed().map { "runs/" + $0 }
    let fitting = folders.filter { path in
      do {
        return try record(of: path).map { fits($0, session) } ?? false
      } catch {
        session.console.note("passed over: \(error)")
        return false
      }
    }
    if let same = fitting.first(where: { hasSameText($0, session) }) {
      if let record = try record(of: same) { try checkPlugins(record, same, session) }
      return same
    }
    if let changed = fitting.first { throw changedRecipe(changed, session) }
    return nil
  }

  /// Where a run folder keeps the recipe as run.
  private static func recipeCopy(in folder: String, _ session: RecipeSession) -> String {
    folder + "/" + URL(fileURLWithPath: session.configuration.path).lastPathComponent
  }

  /// Whether the recipe is, byte for byte, the one that the run began with: another text may compute something else
  /// from the same parameters, and a finished stage would be taken over as if it did not.
  private static func hasSameText(_ folder: String, _ session: RecipeSession) -> Bool {
    FileManager.default.contents(atPath: recipeCopy(in: folder, session)) == Data(session.recipeText)
  }

  /// Another version of a plugin may compute something else. Plugins that the run asked for later are not compared.
  private static func checkPlugins(_ record: RunRecord, _ folder: String, _ session: RecipeSession) throws {
    for origin in session.pluginOrigins {
      guard let old = record.plugins?.first(where: { $0.plugin == origin.plugin }), old != origin else { continue }
      throw RequestError.path(
        function: "--resume", path: folder,
        reason: "the run began with version \(old.version) of the plugin '\(origin.plugin)', but this is version "
          + "\(origin.version): install that one, or start anew without --resume")
    }
  }

  private static func changedRecipe(_ folder: String, _ session: RecipeSession) -> RequestError {
    .path(
      function: "--resume", path: folder,
      reason: "the recipe has changed since this run began: restore it from \(recipeCopy(in: folder, session)), or "
        + "start anew without --resume")
  }

  /// Parameters that the stored run declared later than this point are not compared.
  private static func fits(_ record: RunRecord, _ session: RecipeSession) -> Bool {
    record.recipeName == session.recipeName && record.seed == session.baseSeed
      && session.parameters.resolved.allSatisfy { record.parameters[$0.name] ?? $0.value == $0.value }
  }

  /// - Returns: nil when the folder holds no run.
  /// - Throws: `RequestError.path` when it holds one whose `run.json` is lost or damaged: to take it for an empty folder
  ///   would cost its checkpoints.
  private static func record(of folder: String) throws(RequestError) -> RunRecord? {
    let path = folder + "/run.json"
    var reason = "is missing, but the folder holds a checkpoint"
    if FileManager.default.fileExists(atPath: path) {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      if let data = FileManager.default.contents(atPath: path),
        let record = try? decoder.decode(RunRecord.self, from: data)
      {
        return record
      }
      reason = "cannot be read"
    } else if !holdsCheckpoint(folder) {
      return nil
    }
    throw .path(
      function: "run folder", path: folder,
      reason: "its run.json \(reason): restore the file, or give another --output")
  }

  private static func holdsCheckpoint(_ folder: String) -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.contains { name in
      name.hasPrefix("stage-")
        && FileManager.default.fileExists(atPath: "\(folder)/\(name)/\(Trainer.checkpointName)")
    }
  }

  static func make(_ path: String) throws(RequestError) {
    if let reason = FolderMaker.make(path) {
      throw .path(function: "run folder", path: path, reason: "cannot be made or written to: \(reason)")
    }
  }
}

extension RecipeSession {
  /// The run folder, made at the first call.
  func openFolder() throws -> RunFolder {
    if let folder { return folder }
    let opened = try RunFolder.open(self)
    folder = opened
    return opened
  }
}
