import Foundation
import Records
import Testing

/// recipes/herbariograph, at settings that take seconds.
@Suite(.serialized) struct HerbariographChainTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    for (split, numbers) in [("train", 0..<8), ("validation", 8..<12), ("test", 12..<16)] {
      let writer = try RecordWriter(path: place.path("mine-\(split).tfr"))
      for number in numbers {
        for label in 0...1 {
          let picture = try Workplace.jpeg(stained: label == 0, number: number)
          try writer.append(["image": .data(picture), "category": .integer(label)])
        }
      }
      try writer.finish()
    }
    try place.write("mine-classes.tsv", "index\tclass\n0\tstained\n1\tunstained\n")
  }

  private func recipe(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("recipes/herbariograph/\(name).lua").path
  }

  /// A network of a few hundred numbers, and four fractals.
  private static let settings = [
    "settings=small", "data=mine", "size=32", "lesson_size=32", "categories=4", "teacher_epochs=1", "teacher_kind=vit",
    "teacher_width=16", "teacher_depth=1", "teacher_heads=2", "lesson_epochs=1", "lesson_batch=8", "blocks=1,1,1,1",
    "filters=4",
    "transfer_epochs=1,1,1,1,3", "transfer_batch=8",
  ]

  private func command(_ verb: String, _ name: String, _ output: String, _ more: [String] = []) -> [String] {
    let sets = (HerbariographChainTests.settings + more).flatMap { ["--set", $0] }
    return [verb, recipe(name)] + (verb == "check" ? [] : ["--output", output, "--quiet"]) + sets
  }

  @Test("check shows all stages of all.lua, for both settings, and writes nothing")
  func check() throws {
    let before = place.listing()
    let small = try Program.run(command("check", "all", ""), in: place.folder)
    #expect(small.status == 0, "\(small.errors)")
    #expect(small.output.contains("stage 7: "), "\(small.output)")
    let paper = try Program.run(
      ["check", recipe("all"), "--set", "data=mine", "--set", "size=96"], in: place.folder)
    #expect(paper.status == 0, "\(paper.errors)")
    #expect(paper.output.contains("43,762,344"), "\(paper.output)")
    #expect(place.listing() == before)
  }

  @Test("the whole chain ends in an evaluated soup, also when it is killed in its fifth stage and resumed")
  func chain() throws {
    let whole = try Program.run(command("run", "all", "whole"), in: place.folder)
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.output.contains("test macro F1 "), "\(whole.output)")
    for name in ["teacher", "distilled", "tune", "transferred", "soup"] {
      #expect(place.exists("whole/\(name).safetensors"), "\(name)")
    }
    let running = try Program.start(command("run", "all", "killed"), in: place.folder)
    #expect(running.wait { place.exists("killed/stage-5/log.tsv") })
    running.send(SIGKILL)
    _ = running.finish()
    let resumed = try Program.run(command("run", "all", "killed") + ["--resume"], in: place.folder)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output == whole.output)
    for name in ["distilled.safetensors", "soup.safetensors", "predictions.tsv"] {
      #expect(try place.bytes("killed/\(name)") == place.bytes("whole/\(name)"), "\(name)")
    }
  }

  @Test("each step is a recipe that goes on from the one before")
  func steps() throws {
    // Only the parameters that a recipe knows may be set.
    let network = ["settings=small", "blocks=1,1,1,1", "filters=4"]
    func step(_ name: String, _ settings: [String]) throws -> Program.Result {
      let result = try Program.run(
        ["run", recipe(name), "--output", name] + settings.flatMap { ["--set", $0] }, in: place.folder)
      #expect(result.status == 0, "\(name): \(result.errors)")
      return result
    }
    let target = ["data=mine", "size=32", "settings=small"]
    _ = try step(
      "distil",
      network + [
        "lesson_size=32", "categories=4", "teacher_epochs=1", "lesson_epochs=1", "lesson_batch=8",
      ])
    let report = try step(
      "transplant", network + ["student=distil/distilled.safetensors", "data=mine", "size=32"])
    #expect(report.errors.contains("output_dense"), "\(report.errors)")
    _ = try step(
      "transfer",
      target + ["model=transplant/tune.safetensors", "transfer_epochs=1,1,1,1,3", "transfer_batch=8"])
    let checkpoints = place.listing().filter { $0.hasPrefix("transfer/") && $0.hasSuffix("checkpoints") }
    _ = try step("soup", target + ["models=\(try #require(checkpoints.first))"])
    let figures = try step("evaluate", target + ["model=soup/soup.safetensors"])
    #expect(figures.output.contains("test macro F1 "))
    try place.drawPictures(count: 2)
    _ = try step(
      "predict", ["settings=small", "model=soup/soup.safetensors", "pictures=pictures", "format=herbariograph"])
    #expect(try place.table("predict/predicted.tsv").count == 5)
  }

  @Test(
    "a mistake that concerns the last step is said before the first training",
    arguments: [
      ("soup_percentile=160", "soup_percentile must be from 0 to 100, not 160"),
      ("soup_threshold=1.5", "soup_threshold must be from 0 to 1, not 1.5"),
      ("evaluate_batch=0", "evaluate_batch must be 1 or more, not 0"),
      ("transfer_epochs=1,1,1,1,0", "transfer_epochs must be 1 or more, not 0"),
      ("stages=output_gap,foo,rescale,rescale,rescale", "foo"),
      ("class_weights=foo", "class_weights must be one of none, balanced, not 'foo'"),
      ("lesson_mixup=-1", "lesson_mixup must be from 0 to 1, not -1"),
      ("temperature=0", "temperature must be 0.001 or more"),
      ("format=x", "format must be one of table, herbariograph, not 'x'"),
      ("search_log=nowhere.tsv", "nowhere.tsv"),
    ])
  func earlyMistakes(setting: String, sentence: String) throws {
    let result = try Program.run(
      ["run", recipe("all"), "--output", "early", "--set", "settings=small", "--set", "data=mine", "--set", "size=32"]
        + ["--set", setting], in: place.folder)
    #expect(result.status == 2, "\(result.output)")
    #expect(result.errors.contains(sentence), "\(result.errors)")
    #expect(!result.errors.contains("epoch ") && !place.listing().contains { $0.hasPrefix("early/stage") })
  }

  @Test("the published search log gives the lesson its settings; a log that is none is refused")
  func searchLog() throws {
    // As it is published, but for the batch.
    let published = """
      {"GaussianNoise": 0.0, "GaussianNoiseSDmax": 0.1, "invert": 0.0, "leftRight": 0.5, "rotateOne": 0.0, \
      "rotateThree": 0.0, "rotateTwo": 0.0, "shearX": 0.0, "shearXproportion": 0.1, "shearY": 0.0, \
      "shearYproportion": 0.1, "solarizeAdd": 0.0, "solarizeAddition": 0.1, "solarizeAddThreshold": 0.1, \
      "translateX": 0.0, "translateXproportion": 0.1, "translateY": 0.0, "translateYproportion": 0.1, "upDown": 0.0, \
      "mixup": 0.0, "resizeRatioHigh": 0.75, "resizeRatioLow": 1.33, "resizeScaleHigh": 0.08, "resizeScaleLow": 1.0, \
      "batch": 3, "clrStep": 4, "learningRate": 0.005, "distillTemperature": 12.5, "weightDecay": 1e-05}
      """
    try place.write("log.tsv", "ITERATION\tSETTINGS\tF1\n0\t\(published)\t0.9\n1\t\(published)\t0.8\n")
    let log = try Program.run(
      ["check", recipe("distil"), "--set", "search_log=log.tsv", "--set", "categories=10"], in: place.folder)
    #expect(log.status == 0, "\(log.errors)")
    #expect(log.output.contains("at batch 8"), "\(log.output)")
    let short = published.replacingOccurrences(of: "\"clrStep\": 4, ", with: "")
    try place.write("short.tsv", "ITERATION\tSETTINGS\tF1\n0\t\(short)\t0.9\n")
    let missing = try Program.run(["check", recipe("distil"), "--set", "search_log=short.tsv"], in: place.folder)
    #expect(missing.status == 2)
    #expect(missing.errors.contains("short.tsv: line 2: SETTINGS has no number 'clrStep'"), "\(missing.errors)")
    let half = published.replacingOccurrences(of: "\"batch\": 3", with: "\"batch\": 5.5")
    try place.write("half.tsv", "ITERATION\tSETTINGS\tF1\n0\t\(half)\t0.9\n")
    let fraction = try Program.run(["check", recipe("distil"), "--set", "search_log=half.tsv"], in: place.folder)
    #expect(fraction.status == 2 && fraction.errors.contains("'batch' is 5.5"), "\(fraction.errors)")
    try place.write("bad.tsv", "ITERATION\tSETTINGS\tF1\n0\tnone\t0.9\n")
    let bad = try Program.run(["check", recipe("distil"), "--set", "search_log=bad.tsv"], in: place.folder)
    #expect(bad.status == 2)
    #expect(bad.errors.contains("bad.tsv: line 2: SETTINGS must be a JSON object"), "\(bad.errors)")
  }
}
