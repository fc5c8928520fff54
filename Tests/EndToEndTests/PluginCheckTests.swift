import Foundation
import Testing

/// `workbench plugins check`, with a plugin that is wrong as WORKBENCH_BROKEN says.
@Suite struct PluginCheckTests {
  private let folder = FileManager.default.temporaryDirectory

  private func library(_ name: String) -> String {
    URL(fileURLWithPath: Program.path).deletingLastPathComponent().appendingPathComponent("lib\(name).so").path
  }

  private func check(_ arguments: [String], broken defect: String = "") throws -> Program.Result {
    try Program.run(
      ["plugins", "check"] + arguments, in: folder, environment: ["WORKBENCH_BROKEN": defect])
  }

  @Test("a sound plugin passes, and the exit code is 0", arguments: ["gem_pooling", "broken_plugins"])
  func sound(plugin: String) throws {
    let result = try check([library(plugin)])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains(": gradients\n"))
    #expect(result.output.contains(" 0 failed, "))
    #expect(result.errors.isEmpty, "\(result.errors)")
  }

  @Test("a failed check is a line with the numbers, and the exit code is 1")
  func failure() throws {
    let result = try check([library("broken_plugins"), "--only", "output"], broken: "unwritten")
    #expect(result.status == 1)
    #expect(
      result.output.contains(
        "FAILED          layer probe: output: forward wrote 118 of the 120 numbers of the planned output 2 x 5x4x3; the "
          + "first that is missing is output[59]: input 5x4x3, batch 2\n"), "\(result.output)")
    #expect(result.output.contains("passed          override picture_tanh: output\n"))
    #expect(result.errors == "workbench: 1 of 2 checks failed: output\n")
  }

  @Test("a crash of the plugin is a failed check, in JSON too")
  func crash() throws {
    struct Report: Decodable {
      struct Entry: Decodable {
        let check: String
        let subject: String
        let outcome: String
        let details: [String]
      }
      let id: String
      let results: [Entry]
      let failed: Int
    }
    let result = try check([library("broken_plugins"), "--only", "memory", "--json"], broken: "forward_crash")
    #expect(result.status == 1)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(report.id == "broken_plugins")
    #expect(report.failed == 1)
    let failure = try #require(report.results.first { $0.outcome == "failed" })
    #expect(failure.check == "memory")
    #expect(failure.details.contains { $0.contains("SIGSEGV") && $0.contains("forward of 2 examples: input 5x4x3") })
  }

  @Test("requests that cannot be met end with the exit code 2")
  func requests() throws {
    func expect(_ arguments: [String], _ fragment: String, location: SourceLocation = #_sourceLocation) throws {
      let result = try check(arguments)
      #expect(result.status == 2, sourceLocation: location)
      #expect(result.errors.contains(fragment), "\(result.errors)", sourceLocation: location)
      #expect(result.output.isEmpty, sourceLocation: location)
    }
    let plugin = library("broken_plugins")
    try expect([], "Missing expected argument '<plugin>'")
    try expect([""], "the path of the plugin is empty")
    try expect(["none.so"], "none.so: there is no such file")
    try expect([folder.path], "this is a folder")
    try expect([Program.path + ".txt"], "there is no such file")
    try expect([plugin, "--only", "gradient"], "there is no check 'gradient' (did you mean 'gradients'?)")
    try expect(
      [plugin, "--set", "shfit=0"],
      "--set shfit: no layer or source of the plugin has this option (did you mean 'shift'?)")
    try expect([plugin, "--set", "shift=2"], "--set: probe: option 'shift' is 2, but must be from -1 to 1")
    try expect([plugin, "--set", "shift"], "--set shift: must be OPTION=VALUE")
    try expect([plugin, "--shape", "3x0"], "--shape 3x0: must be")
    try expect([plugin, "--sample", "none.tiny"], "--sample none.tiny: there is no such file")
    try expect([plugin, "--time-limit", "0"], "--time-limit 0.0: must be")
  }

  @Test("Ctrl-C ends a run in which the plugin hangs")
  func interruption() throws {
    let running = try Program.start(
      ["plugins", "check", library("broken_plugins"), "--only", "plan", "--only", "output"], in: folder,
      environment: ["WORKBENCH_BROKEN": "forward_hang"])
    // The next check is the one that hangs.
    #expect(running.wait { running.output.contains("layer probe: plan\n") })
    running.send(SIGINT)
    let result = running.finish()
    #expect(result.status == 130)
    #expect(!result.output.contains("FAILED"))
  }
}
