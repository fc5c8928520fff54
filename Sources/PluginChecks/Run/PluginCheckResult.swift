/// What one check found out about one thing that a plugin brings.
public struct PluginCheckResult: Codable, Equatable, Sendable {
  public enum Outcome: String, Codable, Sendable {
    case passed
    case failed
    /// There was nothing to try, or it could not be tried; `details` says why.
    case notApplicable = "not applicable"
  }

  /// The check's name: `gradients`.
  public let check: String
  /// What was checked: `plugin`, `layer gem_pooling`, `source fractals`.
  public let subject: String
  public let outcome: Outcome
  /// One line for each failure, with the numbers; or why the check does not apply; of one that passed, what it left
  /// out of what was asked for.
  public let details: [String]
  public let seconds: Double

  public init(check: String, subject: String, outcome: Outcome, details: [String] = [], seconds: Double = 0) {
    self.check = check
    self.subject = subject
    self.outcome = outcome
    self.details = details
    self.seconds = seconds
  }
}

/// What the whole run found out.
public struct PluginCheckReport: Codable, Equatable, Sendable {
  /// The library that was checked.
  public let file: String
  /// As the plugin gives them; nil when it could not be loaded.
  public let id: String?
  public let version: String?
  public let results: [PluginCheckResult]
  public let passed: Int
  public let failed: Int
  public let notApplicable: Int

  init(file: String, id: String?, version: String?, results: [PluginCheckResult]) {
    self.file = file
    self.id = id
    self.version = version
    self.results = results
    passed = results.count { $0.outcome == .passed }
    failed = results.count { $0.outcome == .failed }
    notApplicable = results.count { $0.outcome == .notApplicable }
  }

  /// The names of the checks that failed, each once, in the order in which they ran.
  public var failedChecks: [String] {
    var seen: Set<String> = []
    return results.filter { $0.outcome == .failed && seen.insert($0.check).inserted }.map(\.check)
  }
}
