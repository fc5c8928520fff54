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
}
