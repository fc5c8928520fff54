import Foundation
import PluginChecks
import TestSupport
import Testing

@Suite struct AccidentTests {
  @Test(
    "a plugin that ends the process fails the check that ran, and the run goes on",
    arguments: [
      ("forward_crash", "signal 11 (SIGSEGV), access through a null pointer: forward: input 5x4x3"),
      ("forward_abort", "signal 6 (SIGABRT): forward: input 5x4x3"),
      ("plan_exit", "exit code 3: planning for shapes"),
    ])
  func accident(defect: String, sentence: String) throws {
    let report = try BrokenPlugin.check(defect, only: ["output", "identity"])
    let results = report.results.filter { $0.subject == "layer probe" }
    #expect(results.map(\.check) == ["output", "identity"])
    #expect(results.first?.outcome == .failed)
    #expect(results.first?.details.last?.contains(sentence) == true, "\(results)")
    // What does not touch the layer goes on.
    #expect(report.results.contains { $0.subject == "override picture_tanh" && $0.outcome == .passed })
  }

  @Test("memory far behind an array is named by the crash")
  func farOverrun() throws {
    let report = try BrokenPlugin.check("overrun_far", only: ["memory"])
    let details = report.results.first { $0.subject == "layer probe" }?.details.last ?? ""
    #expect(details.contains("200000 bytes behind the end of output (480 bytes): forward of 2 examples"), "\(details)")
  }

  @Test("a plugin that hangs is ended after the time limit, and the run goes on")
  func hang() throws {
    let report = try BrokenPlugin.check("forward_hang", only: ["output", "plan"], timeLimit: 3)
    let results = report.results.filter { $0.subject == "layer probe" }
    #expect(results.map(\.check) == ["plan", "output"])
    #expect(results.map(\.outcome) == [.passed, .failed])
    #expect(results.last?.details == ["no end after 3 seconds: forward: input 5x4x3, batch 2"])
  }

  @Test("what always hangs is left alone after three checks")
  func alwaysHangs() throws {
    let report = try BrokenPlugin.check(
      "source_hang", only: ["pictures", "memory", "no-memory", "repeatable"], timeLimit: 2)
    let results = report.results.filter { $0.subject == "source noise" }
    #expect(results.count { $0.outcome == .failed } == 3)
    #expect(results.last?.details == ["not tried, after 3 checks of it did not end"])
  }

  @Test(
    "a plugin that the host would refuse fails 'load', and nothing else is tried",
    arguments: [
      ("main_null", "this machine has no flux capacitor"), ("main_exit", "exit code 3: loading the plugin"),
      ("major", "version 2 of the plugin interface"), ("struct_size", "struct_size 24"),
      ("id_syntax", "'Broken-Plugins'"), ("version_syntax", "'new'"), ("no_help", "no help"),
      ("type_name", "'Probe'"), ("type_inputs", "1 to 0 inputs"), ("type_backward", "backward is NULL"),
      ("schema_default", "option 'shift'"), ("schema_help", "option 'shift'"), ("schema_bounds", "3.0 to 1.0"),
      ("schema_kind", "kind 42"), ("schema_twice", "two options 'shift'"), ("override_layer", "no_such_layer"),
      ("codec_extension", ".TINY"),
    ])
  func refused(defect: String, sentence: String) throws {
    let report = try BrokenPlugin.check(defect)
    #expect(report.failedChecks == ["load"])
    #expect(report.results.count == 1)
    #expect(report.results.first?.details.first?.contains(sentence) == true, "\(report.results)")
  }

  @Test("ids that a plugin cannot know get NULL")
  func unknownIDs() throws {
    let report = try BrokenPlugin.check("unknown_ids", only: ["unknown-ids"])
    #expect(report.failedChecks == ["unknown-ids"])
    #expect(report.results.first { $0.outcome == .failed }?.details.last == "and 14 more of the kind")
  }

  @Test("paths that cannot be, and checks that are not there, are said before anything runs")
  func requests() throws {
    let folder = try TemporaryFolder()
    func run(_ path: String, only: [String] = []) throws {
      _ = try PluginCheckRunner(
        path: path, settings: PluginCheckSettings(only: only), command: BrokenPlugin.command
      ).run()
    }
    let missing = folder.file("none.so")
    #expect(throws: PluginCheckError.noSuchFile(missing)) { try run(missing) }
    let text = folder.file("text.so")
    try "not a library".write(toFile: text, atomically: true, encoding: .utf8)
    #expect(throws: PluginCheckError.isNoLibrary(text)) { try run(text) }
    #expect(throws: PluginCheckError.isFolder(folder.path, libraries: [text])) { try run(folder.path) }
    let path = BrokenPlugin.path
    #expect(throws: PluginCheckError.unknownCheck("gradient", suggestion: "gradients")) {
      try run(path, only: ["gradient"])
    }
  }

  @Test("an interruption ends the run at once")
  func interruption() throws {
    let path = BrokenPlugin.path
    let command = BrokenPlugin.command
    #expect(throws: PluginCheckError.interrupted) {
      _ = try PluginCheckRunner(
        path: path, command: command, environment: ["WORKBENCH_BROKEN": "forward_hang"], shouldStop: { true }
      ).run()
    }
  }
}
