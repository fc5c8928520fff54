import PluginChecks
import Testing

@Suite struct SourceCheckTests {
  @Test(
    "what is wrong with a source is found by the check meant for it",
    arguments: [
      ("source_static", "open"), ("source_close", "open"), ("source_many", "open"), ("source_many_classes", "open"),
      ("source_much_workspace", "open"),
      ("message_unterminated", "messages"), ("message_overrun", "messages"), ("status_unknown", "options"),
      ("source_class_twice", "classes"), ("source_class_empty", "classes"),
      ("source_label", "samples"), ("source_split", "samples"), ("source_text", "samples"),
      ("source_range", "out-of-range"), ("source_class_range", "out-of-range"),
      ("source_reserve_size", "pictures"), ("source_reserve_twice", "pictures"), ("source_no_reserve", "pictures"),
      ("source_unwritten", "pictures"), ("source_encoded", "pictures"), ("source_format", "pictures"),
      ("source_sizes", "pictures"),
      ("source_overrun", "memory"), ("source_workspace_overrun", "memory"), ("source_workspace", "memory"),
      ("source_no_memory", "no-memory"),
      ("source_counter", "repeatable"),
      ("source_epoch", "epochs"),
      ("source_shared", "threads"),
    ])
  func source(defect: String, check: String) throws {
    let report = try BrokenPlugin.check(defect, only: [check])
    let failures = report.results.filter { $0.outcome == .failed && $0.subject == "source noise" }
    #expect(failures.map(\.check) == [check], "\(defect): \(report.results)")
  }

  @Test("a source that says that it varies by epoch need not")
  func declared() throws {
    let report = try BrokenPlugin.check("source_epoch_declared", only: ["epochs", "repeatable"])
    #expect(report.failed == 0)
  }

  @Test("options reach the source, and what it refuses is said")
  func options() throws {
    let settings = PluginCheckSettings(options: ["classes": "9", "count": "4"], only: ["classes"])
    let report = try PluginCheckRunner(
      path: BrokenPlugin.path, settings: settings, command: BrokenPlugin.command
    ).run()
    let result = report.results.first { $0.subject == "source noise" }
    #expect(result?.outcome == .notApplicable)
    #expect(
      result?.details.first
        == "open answered status 1 (''classes' is greater than 'count''); give it what it needs: --set OPTION=VALUE")
  }
}

@Suite struct CodecCheckTests {
  @Test(
    "what is wrong with a codec is found by the check meant for it",
    arguments: [
      ("codec_noise", "recognises"), ("codec_number", "recognises"), ("codec_recognises_overread", "recognises"),
      ("codec_orientation", "decode"), ("codec_empty", "decode"),
      ("codec_overrun", "memory"),
      ("codec_overread", "truncated"), ("codec_unwritten", "truncated"),
      ("codec_bit_flip", "damaged"),
      ("message_overrun", "messages"), ("message_newline", "messages"),
      ("codec_counter", "repeatable"),
      ("codec_shared", "threads"),
    ])
  func codec(defect: String, check: String) throws {
    let report = try BrokenPlugin.check(defect, only: [check], samples: [try BrokenPlugin.sample()])
    let failures = report.results.filter { $0.outcome == .failed && $0.subject == "codec tiny" }
    #expect(failures.map(\.check) == [check], "\(defect): \(report.results)")
  }

  @Test("without a file of the format the checks that need one do not apply")
  func withoutSamples() throws {
    let report = try BrokenPlugin.check(nil, only: ["decode"])
    #expect(
      report.results.first?.details
        == ["no sample: give --sample FILE.tiny, or a folder 'samples' beside the library"])
  }
}
