import Foundation
import Schemas

/// A conformance run: every check of everything that a plugin brings, each in a process of its own.
public struct PluginCheckRunner: Sendable {
  /// The plugin's library.
  public let path: String
  public let settings: PluginCheckSettings
  private let process: CheckProcess
  private let found: @Sendable (PluginCheckResult) -> Void

  /// A subject that hangs this often is left alone, so that a run ends.
  private static let mostHangs = 3

  /// - Parameters:
  ///   - command: the program, and the arguments with which it calls `PluginChecks.runChild` with the one after them.
  ///   - environment: variables that the plugin sees beside those of this process.
  ///   - shouldStop: asked ten times a second.
  ///   - found: called with each result as it comes.
  public init(
    path: String, settings: PluginCheckSettings = PluginCheckSettings(), command: [String],
    environment: [String: String] = [:], shouldStop: @escaping @Sendable () -> Bool = { false },
    found: @escaping @Sendable (PluginCheckResult) -> Void = { _ in }
  ) {
    // The empty path would become that of the working folder.
    self.path = path.isEmpty ? "" : URL(fileURLWithPath: path).standardizedFileURL.path
    self.settings = settings
    self.found = found
    process = CheckProcess(command: command, environment: environment, shouldStop: shouldStop)
  }

  /// - Throws: `PluginCheckError`.
  public func run() throws -> PluginCheckReport {
    try validate()
    var request = CheckRequest(library: path, settings: settings)
    let loading = try process.run(request)
    let inventory = loading.messages.last?.inventory
    if let sentence = inventory?.wrongOption { throw PluginCheckError.wrongOption(sentence) }
    var results: [PluginCheckResult] = []
    func add(_ result: PluginCheckResult) {
      results.append(result)
      found(result)
    }
    var problems = loading.messages.compactMap(\.failure)
    if let accident = loading.accident { problems.append(accident) }
    if isWanted("load") || !problems.isEmpty {
      add(
        PluginCheckResult(
          check: "load", subject: "plugin", outcome: problems.isEmpty ? .passed : .failed, details: problems,
          seconds: loading.seconds))
    }
    guard problems.isEmpty, let inventory else {
      return PluginCheckReport(file: path, id: inventory?.id, version: inventory?.version, results: results)
    }

    for subject in [.plugin] + inventory.subjects {
      var hangs = 0
      request.showsUndeclared = false
      for check in PluginCheck.all
      where check.subjects.contains(subject.kind) && isWanted(check.name) && check.name != "load" {
        if hangs == PluginCheckRunner.mostHangs {
          let reason = "not tried, after \(hangs) checks of it did not end"
          add(
            PluginCheckResult(
              check: check.name, subject: subject.description, outcome: .notApplicable, details: [reason]))
          continue
        }
        request.check = check.name
        request.subject = subject
        let ending = try process.run(request)
        if ending.isHanging { hangs += 1 }
        let result = result(of: check, subject, ending)
        if check.name == "declared-reads", result.outcome == .failed { request.showsUndeclared = true }
        add(result)
      }
    }
    return PluginCheckReport(file: path, id: inventory.id, version: inventory.version, results: results)
  }

  private func result(
    of check: PluginCheck, _ subject: CheckSubject, _ ending: CheckProcess.Ending
  ) -> PluginCheckResult {
    var details = ending.messages.compactMap(\.failure)
    if let accident = ending.accident { details.append(accident) }
    var outcome = details.isEmpty ? PluginCheckResult.Outcome.passed : .failed
    if details.isEmpty, let reason = ending.messages.last?.end?.notApplicable {
      outcome = .notApplicable
      details = [reason]
    }
    if outcome == .passed { details = ending.messages.compactMap(\.note) }
    return PluginCheckResult(
      check: check.name, subject: subject.description, outcome: outcome, details: details, seconds: ending.seconds)
  }

  private func isWanted(_ check: String) -> Bool { settings.only.isEmpty || settings.only.contains(check) }

  private func validate() throws {
    for name in settings.only where !PluginCheck.all.contains(where: { $0.name == name }) {
      throw PluginCheckError.unknownCheck(name, suggestion: nearest(to: name, among: PluginCheck.all.map(\.name)))
    }
    if path.isEmpty { throw PluginCheckError.emptyPath }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw PluginCheckError.noSuchFile(path)
    }
    if isFolder.boolValue {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      throw PluginCheckError.isFolder(
        path, libraries: files.filter { $0.hasSuffix(".so") }.sorted().map { "\(path)/\($0)" })
    }
    let file = FileHandle(forReadingAtPath: path)
    defer { try? file?.close() }
    guard let magic = try? file?.read(upToCount: 4), magic == Data([0x7f, 0x45, 0x4c, 0x46]) else {
      throw PluginCheckError.isNoLibrary(path)
    }
  }
}
