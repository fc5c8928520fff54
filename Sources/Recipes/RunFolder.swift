import Foundation
import ModelFiles

/// The folder that one run writes.
///
///     runs/stained-20261122-014500/
///       run.json             recipe, parameters, seed, versions, data, host, results
///       stained.lua          the recipe as run
///       stage-1/             of each wb.train: log.tsv, checkpoint.safetensors, best.safetensors
///       model.safetensors    the best model of the last wb.train
///       predictions.tsv, confusion.tsv, classes.tsv, rejection.tsv, report.html
final class RunFolder {
  enum Status: String { case running, done, interrupted, failed }

  let path: String
  /// Whether stages go on from what is there.
  let isResumed: Bool
  private var data: [DataRecord] = []

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
      cores: ProcessInfo.processInfo.activeProcessorCount, data: data, results: session.results.figures)
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
    var results: [ResultTable.Figure]

    enum CodingKeys: String, CodingKey {
      case format, recipe, parameters, seed, threads, status, started, updated, workbench, system, host, cores, data
      case results
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
    if record(of: path) != nil {
      throw RequestError.path(
        function: "--output", path: path, reason: "holds a run already (--resume continues it)")
    }
    try make(path)
    let folder = RunFolder(path: path, isResumed: false)
    do {
      let name = URL(fileURLWithPath: configuration.path).lastPathComponent
      try AtomicFile.write(Data(session.recipeText), to: path + "/" + name)
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
      guard let record = record(of: output) else { return nil }
      guard fits(record, session) else {
        throw RequestError.path(
          function: "--output", path: output,
          reason: "holds a run of another recipe, seed or parameters, which cannot be continued as this one")
      }
      return output
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "runs")) ?? []
    // The name ends in date and time, so that the order of names is the order of time.
    return names.filter { $0.hasPrefix(session.recipeName + "-") }.sorted().reversed().map { "runs/" + $0 }
      .first { path in record(of: path).map { fits($0, session) } ?? false }
  }

  /// Parameters that the stored run declared later than this point are not compared.
  private static func fits(_ record: RunRecord, _ session: RecipeSession) -> Bool {
    record.recipeName == session.recipeName && record.seed == session.baseSeed
      && session.parameters.resolved.allSatisfy { record.parameters[$0.name] ?? $0.value == $0.value }
  }

  private static func record(of folder: String) -> RunRecord? {
    guard let data = FileManager.default.contents(atPath: folder + "/run.json") else { return nil }
    return try? JSONDecoder().decode(RunRecord.self, from: data)
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
