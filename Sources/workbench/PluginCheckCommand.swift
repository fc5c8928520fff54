import ArgumentParser
import Foundation
import PluginChecks

/// `workbench plugins check`
struct PluginCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Try a plugin: does it keep to workbench_plugin.h? Each check runs in a process of its own.",
    discussion: """
      Exit codes: 0 when every check passed, 1 when one failed, 2 when the request was wrong.

      The checks, which docs/plugin-checks.md explains:
      \(checks)
      """)

  /// A line for each kind of thing that a plugin brings.
  private static var checks: String {
    let kinds = PluginCheck.all.flatMap(\.kinds).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return kinds.map { kind in
      "  \(kind): \(PluginCheck.all.filter { $0.kinds.contains(kind) }.map(\.name).joined(separator: ", "))"
    }.joined(separator: "\n")
  }

  @Argument(
    help: ArgumentHelp("The plugin's library, a file NAME.so or libNAME.so.", valueName: "plugin"),
    completion: .file(extensions: ["so"]))
  var path: String

  @Option(
    name: .customLong("only"),
    help: ArgumentHelp("Run this check alone; may be repeated.", valueName: "check"))
  var only: [String] = []

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Give an option of the plugin's layers and sources this value; may be repeated.", valueName: "option=value"))
  var options: [String] = []

  @Option(
    name: .customLong("shape"),
    help: ArgumentHelp(
      "Try the layers with this input too, such as 64x64x3; may be repeated.", valueName: "shape"))
  var shapes: [String] = []

  @Option(
    name: .customLong("sample"),
    help: ArgumentHelp(
      "A file that a codec of the plugin reads; may be repeated. Those in a folder 'samples' beside the library are found.",
      valueName: "file"),
    completion: .file())
  var samples: [String] = []

  @Option(help: ArgumentHelp("How long one step of a check may take.", valueName: "seconds"))
  var timeLimit = 20.0

  @Flag(help: "Print one JSON object.")
  var json = false

  /// What the process that tries the plugin is to do, from the one that watches it.
  @Option(name: .customLong("child"), help: .hidden)
  var child: String?

  func validate() throws {
    for option in options where !option.contains("=") || option.hasPrefix("=") {
      throw ValidationError("--set \(option): must be OPTION=VALUE, such as --set count=5")
    }
    for shape in shapes where PluginCheckCommand.extents(shape) == nil {
      throw ValidationError("--shape \(shape): must be 1 to 8 whole numbers from 1 on with x between, such as 64x64x3")
    }
    for sample in samples where !FileManager.default.fileExists(atPath: sample) {
      throw ValidationError("--sample \(sample): there is no such file")
    }
    if !(0.1...86_400).contains(timeLimit) {
      throw ValidationError("--time-limit \(timeLimit): must be from 0.1 to 86400 seconds")
    }
  }

  private static func extents(_ text: String) -> [Int]? {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...8).contains(parts.count), parts.allSatisfy({ (1...1_000_000).contains($0 ?? 0) }) else { return nil }
    return parts.compactMap(\.self)
  }

  func run() throws {
    if let child { PluginChecks.runChild(child) }
    try reportingFailures {
      let flag = Workbench.stopFlag
      let isQuiet = json
      let runner = PluginCheckRunner(
        path: path, settings: try settings(), command: ["/proc/self/exe", "plugins", "check", path, "--child"],
        shouldStop: { flag.isSet },
        found: { if !isQuiet { PluginCheckCommand.lines($0).forEach(StandardStream.output.writeLine) } })
      let start = ContinuousClock.now
      let report = try runner.run()
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      StandardStream.output.write(try json ? JSON.line(report) : PluginCheckCommand.summary(report, seconds: seconds))
      if report.failed > 0 {
        throw CommandFailure.job(
          "\(report.failed) of \(report.passed + report.failed) checks failed: "
            + report.failedChecks.joined(separator: ", "))
      }
    }
  }

  private func settings() throws -> PluginCheckSettings {
    var values: [String: String] = [:]
    for option in options {
      let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if values.updateValue(parts[1], forKey: parts[0]) != nil {
        throw CommandFailure.request("--set \(parts[0]): given twice")
      }
    }
    return PluginCheckSettings(
      options: values, shapes: shapes.compactMap(PluginCheckCommand.extents), samples: samples, only: only,
      timeLimit: timeLimit)
  }

  /// One line, or one for each failure.
  private static func lines(_ result: PluginCheckResult) -> [String] {
    let what = "\(result.subject): \(result.check)"
    return switch result.outcome {
    case .passed:
      ["passed          \(what)" + (result.details.isEmpty ? "" : " (\(result.details.joined(separator: "; ")))")]
    case .failed: result.details.map { "FAILED          \(what): \($0)" }
    case .notApplicable: ["not applicable  \(what) (\(result.details.joined(separator: "; ")))"]
    }
  }

  private static func summary(_ report: PluginCheckReport, seconds: Double) -> String {
    let name = [report.id ?? report.file, report.version].compactMap(\.self).joined(separator: " ")
    return "\(name): \(report.passed) passed, \(report.failed) failed, \(report.notApplicable) not applicable, "
      + "\(String(format: "%.1f", seconds)) s\n"
  }
}
