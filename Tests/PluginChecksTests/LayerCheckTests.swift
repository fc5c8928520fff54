import PluginChecks
import Testing

@Suite struct LayerCheckTests {
  @Test("a sound plugin passes every check")
  func sound() throws {
    let report = try BrokenPlugin.check(nil, samples: [try BrokenPlugin.sample()])
    for result in report.results where result.outcome == .failed { Issue.record("\(result)") }
    #expect(report.id == "broken_plugins")
    #expect(report.version == "1.2.0")
    #expect(report.passed > 50)
    // Nothing else is left out.
    #expect(
      report.results.filter { $0.outcome == .notApplicable }.map { "\($0.check) \($0.subject)" } == [
        "identity layer probe", "identity override picture_tanh", "prepare override picture_tanh",
      ])
  }

  @Test(
    "what is wrong with a layer is found by the check meant for it",
    arguments: [
      ("refuses_all", "shapes"), ("parameter_name", "shapes"), ("flags_unknown", "shapes"),
      ("shape_batch", "plan"), ("parameter_training", "plan"),
      ("options_crash", "options"), ("status_unknown", "options"),
      ("message_unterminated", "messages"), ("message_overrun", "messages"), ("message_newline", "messages"),
      ("message_empty", "messages"),
      ("unwritten", "output"), ("shape_lie", "output"),
      ("overrun", "memory"), ("overrun_far", "memory"), ("underrun", "memory"), ("workspace_overrun", "memory"),
      ("saved_small", "memory"), ("backward_overrun", "memory"),
      ("writes_input", "inputs"), ("writes_parameter", "inputs"), ("backward_output", "inputs"),
      ("workspace_unwritten", "unwritten-memory"),
      ("saved_moves", "saved-memory"), ("saved_static", "saved-memory"),
      ("reads_undeclared", "declared-reads"),
      ("in_place_lie", "in-place"), ("overwrite_lie", "in-place"),
      ("identity_lie", "identity"),
      ("null_gradient", "null-gradients"), ("null_parameter_gradient", "null-gradients"),
      ("gradient_adds", "gradient-writes"), ("gradient_unwritten", "gradient-writes"),
      ("gradient_wrong", "gradients"), ("parameter_gradient_wrong", "gradients"),
      ("thread_sums", "workers"),
      ("repeat_counter", "repeatable"),
      ("shared_threads", "instances"), ("saved_static", "instances"),
      ("batch_size", "batches"), ("neighbours", "batches"),
      ("random_hidden", "randomness"), ("random_undeclared", "randomness"), ("random_position", "randomness"),
      ("prepare_adds", "prepare"),
      ("forward_fails", "inference"),
    ])
  func layer(defect: String, check: String) throws {
    let report = try BrokenPlugin.check(defect, only: [check])
    let failures = report.results.filter { $0.outcome == .failed && $0.subject == "layer probe" }
    #expect(failures.map(\.check) == [check], "\(defect): \(report.results)")
    // A sentence with what and where.
    #expect(failures.allSatisfy { !$0.details.isEmpty && $0.details.allSatisfy { $0.count > 20 } })
  }

  @Test(
    "what is wrong with one thing is not laid to many checks",
    arguments: [
      ("gradient_wrong", ["gradients"]), ("thread_sums", ["workers"]), ("overrun", ["memory"]),
      ("reads_undeclared", ["declared-reads"]),
      ("message_unterminated", ["messages"]), ("writes_parameter", ["inputs", "inference"]),
    ])
  func alone(defect: String, checks: [String]) throws {
    let report = try BrokenPlugin.check(defect)
    let failed = Set(report.results.filter { $0.outcome == .failed && $0.subject == "layer probe" }.map(\.check))
    #expect(failed == Set(checks), "\(report.results.filter { $0.outcome == .failed })")
  }

  @Test(
    "an override is held to the built-in layer",
    arguments: [("override_forward", "built-in"), ("override_backward", "built-in"), ("claim_output", "shapes")])
  func override(defect: String, check: String) throws {
    let report = try BrokenPlugin.check(defect, only: [check])
    let failures = report.results.filter { $0.outcome == .failed }
    #expect(failures.map(\.subject) == ["override picture_tanh"], "\(defect): \(report.results)")
  }

  @Test("a failure says where, what was expected and what was found")
  func sentences() throws {
    func details(_ defect: String, _ check: String) throws -> String {
      let report = try BrokenPlugin.check(defect, only: [check])
      return report.results.first { $0.subject == "layer probe" }?.details.first ?? ""
    }
    #expect(
      try details("unwritten", "output")
        == "forward wrote 118 of the 120 numbers of the planned output 2 x 5x4x3; the first that is missing is "
        + "output[59]: input 5x4x3, batch 2")
    #expect(
      try details("overrun", "memory").hasPrefix(
        "output (480 bytes): byte 1 behind its end was written by prepare or forward of 2 examples: input 5x4x3"))
    #expect(
      try details("underrun", "memory").hasPrefix("output (480 bytes): byte 1 before its start was written"))
    let gradient = try details("gradient_wrong", "gradients")
    #expect(
      gradient.wholeMatch(
        of: /gradient of input 0\[(59|119)\] is -?[0-9.]+, finite differences give -?[0-9.]+ \(1 of 64 elements .*/)
        != nil,
      "\(gradient)")
  }

  /// What one check says of the layer.
  private func result(_ defect: String?, _ check: String, _ shape: [Int]) throws -> PluginCheckResult {
    let report = try BrokenPlugin.check(defect, only: [check], shapes: [shape])
    return try #require(report.results.first { $0.subject == "layer probe" })
  }

  @Test(
    "a shape that a person asks for is tried where others are too large", arguments: ["gradients", "memory", "output"])
  func ownShape(check: String) throws {
    let sound = try result(nil, check, [64, 64, 3])
    #expect(sound.outcome == .passed && sound.details.isEmpty, "\(sound)")
    let defect = check == "gradients" ? "gradient_wrong" : check == "memory" ? "overrun" : "unwritten"
    let broken = try result(defect, check, [64, 64, 3])
    #expect(broken.details.contains { $0.contains("input 64x64x3") }, "\(broken)")
  }

  @Test("a shape that a person asks for and that is not tried is said")
  func untriedShape() throws {
    let refused = try result("refuses_vectors", "shapes", [7])
    #expect(refused.outcome == .failed)
    #expect(refused.details == ["--shape 7 is not tried: plan answered status 2 ('takes pictures only')"])
    let large = try result(nil, "output", [30000, 30000, 3])
    #expect(large.outcome == .passed)
    #expect(
      large.details == [
        "--shape 30000x30000x3 is not tried: inputs, output and parameters of a call have 10800000003 numbers, but fewer "
          + "than 67108864 are tried"
      ])
    let gradients = try result(nil, "gradients", [1024, 1024, 3])
    #expect(gradients.outcome == .passed)
    #expect(
      gradients.details == [
        "not tried with input 1024x1024x3, batch 2: a call has 12582915 numbers, at most 4000000 are tried here"
      ])
  }

  @Test("a plan that cannot be is said with its numbers")
  func impossiblePlan() throws {
    let report = try BrokenPlugin.check("shape_zero", only: ["shapes"])
    let details = report.results.first { $0.subject == "layer probe" }?.details ?? []
    #expect(details.contains { $0.contains("its output shape [0, 4, 3] cannot be") }, "\(details)")
  }

  @Test("an empty path is not that of the working folder")
  func emptyPath() {
    #expect(throws: PluginCheckError.emptyPath) { try PluginCheckRunner(path: "", command: []).run() }
  }
}
