import Datasets
import Foundation
import Inference
import Layers
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport
import Testing
import Training

@Suite("Soup: of model files")
struct SoupMakerTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun(perClass: 20) }

  /// Files of a trained model with some noise on its weights.
  private func candidates(_ count: Int, noise: Float = 0.4, in name: String = "candidates") throws -> [String] {
    let trained = try tiny.trainer(tiny.settings(epochs: 3), in: "trained").run().last
    try FileManager.default.createDirectory(atPath: tiny.folder.file(name), withIntermediateDirectories: true)
    return try (0..<count).map { index in
      let path = tiny.folder.file("\(name)/m\(index).safetensors")
      try perturbed(trained, noise: noise * Float(index % 4), seed: index).save(to: path)
      return path
    }
  }

  private func perturbed(_ model: Model, noise: Float, seed: Int) -> Model {
    let parameters = model.parameters.copy()
    for entry in parameters.entries where entry.spec.isTrainable {
      let values = randomValues(entry.tensor.count, seed: seed + 100)
      for i in 0..<entry.tensor.count { entry.tensor[i] += noise * values[i] }
    }
    return model.with(parameters: parameters)
  }

  private func settings(_ change: (inout SoupSettings) -> Void = { _ in }) -> SoupSettings {
    var settings = SoupSettings()
    settings.metric = .loss
    settings.batchSize = 5
    change(&settings)
    return settings
  }

  private func maker(
    _ files: [String], _ settings: SoupSettings, in name: String = "soup", threads: Int = 1, dataset: Dataset? = nil,
    note: @escaping (String) -> Void = { _ in }, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) -> SoupMaker {
    SoupMaker(
      candidates: files.map { SoupCandidate(file: $0) }, dataset: dataset ?? tiny.dataset, split: .validation,
      settings: settings, folder: tiny.folder.file(name), pool: WorkerPool(workerCount: threads), note: note,
      shouldStop: shouldStop)
  }

  private func evaluation(_ model: Model) throws -> Evaluation {
    try Evaluator(model: model, pool: WorkerPool(workerCount: 1))
      .evaluate(dataset: tiny.dataset, indices: tiny.dataset.indices(of: .validation))
  }

  /// Greedy soup as slowly as it can be: every average and every evaluation from nothing.
  private func slowSoup(_ files: [String], metric: SoupMetric) throws -> (kept: [Int], value: Double, values: [Double])
  {
    let models = try files.map { try Model.load(from: $0) }
    func mean(_ places: [Int]) -> Model {
      let parameters = models[0].parameters.copy()
      for (index, entry) in parameters.entries.enumerated() {
        for i in 0..<entry.tensor.count {
          let sum = places.reduce(0.0) { $0 + Double(models[$1].parameters.entries[index].tensor[i]) }
          entry.tensor[i] = Float(sum / Double(places.count))
        }
      }
      return models[0].with(parameters: parameters)
    }
    let sign = metric == .loss ? -1.0 : 1
    let values = try models.map { metric.value(of: try evaluation($0)) }
    let order = values.indices.sorted { (-sign * values[$0], $0) < (-sign * values[$1], $1) }
    var kept = [order[0]]
    var best = values[order[0]]
    for place in order.dropFirst() {
      let value = metric.value(of: try evaluation(mean(kept + [place])))
      if sign * value >= sign * best {
        kept.append(place)
        best = value
      }
    }
    return (kept, best, values)
  }

  @Test("a greedy soup decides as one that is made from nothing at each step", arguments: SoupMetric.allCases)
  func greedy(metric: SoupMetric) throws {
    let files = try candidates(8)
    let slow = try slowSoup(files, metric: metric)
    let result = try maker(
      files,
      settings {
        $0.metric = metric
        $0.statisticsBatches = 0
      }
    ).run()
    #expect(result.ingredients == slow.kept.map { files[$0] })
    #expect(abs(result.value - slow.value) < 1e-6)
    for row in result.rows {
      let place = try #require(files.firstIndex(of: row.file))
      #expect(abs((row.value ?? .nan) - slow.values[place]) < 1e-6)
    }
    #expect(abs(metric.value(of: try evaluation(result.model)) - result.value) < 1e-6)
    #expect(result.rows.map(\.rank) == Array(1...8))
    #expect(result.rows.allSatisfy { $0.soupValue != nil })
  }

  @Test("soup.tsv has a line for each candidate, and soup.safetensors is the model of the result")
  func files() throws {
    let files = try candidates(4)
    let result = try maker(files, settings { $0.selection = .best(2) }).run()
    let lines = try String(contentsOfFile: tiny.folder.file("soup/soup.tsv"), encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    #expect(lines[0] == ["rank", "file", "loss", "loss_with_it", "decision", "message"])
    #expect(lines.dropFirst().map { $0[0] } == ["1", "2", "3", "4"])
    #expect(lines[1][4] == "kept")
    #expect(lines[3][4] == "not_selected")
    #expect(lines[4][3] == "")
    let saved = try Model.load(from: tiny.folder.file("soup/soup.safetensors"))
    expectSameBits(saved.parameters.allValues, result.model.parameters.allValues)
    #expect(saved.name == "tiny-soup")
    let names = result.ingredients.map { "candidates/" + ($0 as NSString).lastPathComponent }
    #expect(saved.provenance["soup.ingredients"] == names.joined(separator: ", "))
  }

  @Test("a uniform soup is the mean of the selected, a pairwise one that of Herbariograph's script")
  func uniform() throws {
    let files = try candidates(4)
    let models = try files.map { try Model.load(from: $0) }
    func expected(_ places: [Int], _ mix: ([Double]) -> Double) -> [Float] {
      models[0].parameters.entries.indices.flatMap { index in
        (0..<models[0].parameters.entries[index].tensor.count).map { i in
          Float(mix(places.map { Double(models[$0].parameters.entries[index].tensor[i]) }))
        }
      }
    }
    func soup(_ update: SoupSettings.Update) throws -> SoupResult {
      try maker(
        files,
        settings {
          $0.method = .uniform
          $0.update = update
          $0.statisticsBatches = 0
          $0.selection = .best(3)
        }
      ).run()
    }
    let uniform = try soup(.uniform)
    let places = uniform.ingredients.compactMap { files.firstIndex(of: $0) }
    #expect(places.count == 3)
    expectSameBits(
      uniform.model.parameters.allValues, expected(places) { $0.reduce(0, +) / 3 })
    let pairwise = try soup(.pairwise)
    expectSameBits(
      pairwise.model.parameters.allValues, expected(places) { (($0[0] + $0[1]) / 2 + $0[2]) / 2 })
    #expect(uniform.value != pairwise.value)
  }

  /// A norm right behind the input, so that its statistics are those of the pixels.
  private func pixelNorm(seed: Int) throws -> Model {
    var builder = NetworkBuilder()
    var node = try builder.input([TinyRun.side, TinyRun.side, 3])
    for (name, options) in [
      ("batch_norm", ["momentum": .number(0.9)]), ("global_average_pool", [:]), ("linear", ["units": .integer(2)]),
    ] as [(String, [String: OptionValue])] {
      node = try builder.add(try LayerRegistry.layer(named: name, options: options), inputs: [node])
    }
    let network = try builder.network(output: node)
    let model = try Model(
      name: "norm", network: network, parameters: ParameterSet(network: network, key: RandomKey(seed: seed)),
      classes: tiny.dataset.classes,
      preprocessing: .init(height: TinyRun.side, width: TinyRun.side))
    model.parameters["batch_norm_1.running_mean"]?.fill(Float(seed))
    return model
  }

  @Test("batch norms' statistics are the mean of those of the training pictures' batches", arguments: [1, 2, 100])
  func statistics(batches: Int) throws {
    let files = try [1, 2].map { seed in
      let path = tiny.folder.file("norm\(seed).safetensors")
      try pixelNorm(seed: seed).save(to: path)
      return path
    }
    let settings = settings {
      $0.method = .uniform
      $0.statisticsBatches = batches
    }
    let soup = try maker(files, settings).run().model
    // The slow twin: every picture read alone, sums in float64.
    let order = BatchOrder.shuffled.sequence(
      of: tiny.dataset.indices(of: .train), in: tiny.dataset, key: RandomKey(seed: 1).deriving("soup"), epoch: 0)
    let used = min(batches, order.count / 5)
    #expect(used > 1 || batches == 1)
    var (means, variances) = ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    for batch in 0..<used {
      var pixels: [[Double]] = [[], [], []]
      for sample in order[batch * 5..<batch * 5 + 5] {
        var picture = [Float](repeating: 0, count: soup.preprocessing.count)
        try picture.withUnsafeMutableBufferPointer {
          let pointer = try #require($0.baseAddress)
          try tiny.dataset.samples[sample].source.read(soup.preprocessing, into: pointer)
          soup.preprocessing.normalise(pointer, count: soup.preprocessing.count)
        }
        for (index, value) in picture.enumerated() { pixels[index % 3].append(Double(value)) }
      }
      for channel in 0..<3 {
        let mean = pixels[channel].reduce(0, +) / Double(pixels[channel].count)
        means[channel] += mean / Double(used)
        variances[channel] +=
          pixels[channel].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels[channel].count) / Double(used)
      }
    }
    expectClose(
      try #require(soup.parameters["batch_norm_1.running_mean"]).values, means.map(Float.init), tolerance: 1e-6)
    expectClose(
      try #require(soup.parameters["batch_norm_1.running_variance"]).values, variances.map(Float.init), tolerance: 1e-6)
  }

  @Test("a soup of one ingredient is that model to the last bit, statistics included")
  func one() throws {
    let files = try candidates(3)
    let result = try maker(files, settings { $0.selection = .best(1) }).run()
    let file = try #require(result.ingredients.first)
    expectSameBits(result.model.parameters.allValues, try Model.load(from: file).parameters.allValues)
    #expect(result.value == result.bestValue)
  }

  @Test("an interrupted soup goes on without measuring twice, and ends with the same bits", arguments: [1, 7, 20, 27])
  func resume(questions: Int) throws {
    let files = try candidates(6, noise: 0.2)
    let settings = settings { $0.statisticsBatches = 2 }
    let whole = try maker(files, settings, in: "whole", threads: 2).run()
    let count = Counter()
    #expect {
      try maker(files, settings, shouldStop: { count.next() >= questions }).run()
    } throws: { error in
      guard case SoupError.interrupted(let state, _) = error else { return false }
      return state.hasSuffix("soup/soup.json")
    }
    let asked = Counter()
    let resumed = try maker(
      files, settings,
      shouldStop: {
        _ = asked.next()
        return false
      }
    ).run(resume: true)
    expectSameBits(resumed.model.parameters.allValues, whole.model.parameters.allValues)
    #expect(resumed.rows == whole.rows)
    #expect(resumed.value == whole.value)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: tiny.folder.file("soup/soup.tsv")))
        == Data(contentsOf: URL(fileURLWithPath: tiny.folder.file("whole/soup.tsv"))))
    // A finished one is loaded: nothing is evaluated.
    let before = asked.next()
    let loaded = try maker(
      files, settings,
      shouldStop: {
        _ = asked.next()
        return false
      }
    ).run(resume: true)
    #expect(asked.next() == before + 1)
    #expect(loaded.rows == whole.rows)
    expectSameBits(loaded.model.parameters.allValues, whole.model.parameters.allValues)
    // Of another choice among the same candidates only the decisions are made anew.
    var choosing = settings
    choosing.selection = .best(2)
    var heard: [String] = []
    let chosen = try maker(files, choosing, note: { heard.append($0) }).run(resume: true)
    #expect(!heard.contains { $0.hasPrefix("soup: 1 of 6") }, "\(heard)")
    #expect(chosen.rows == (try maker(files, choosing, in: "chosen").run().rows))
    // With other settings it begins anew.
    var other = settings
    other.metric = .accuracy
    #expect(try maker(files, other).run(resume: true).metric == .accuracy)
    #expect(asked.next() == before + 2)
  }

  @Test("a file that has changed since is measured anew")
  func changed() throws {
    let files = try candidates(3)
    _ = try maker(files, settings()).run()
    try Model.load(from: files[0]).with(provenance: ["a": "longer file"]).save(to: files[1])
    let resumed = try maker(files, settings()).run(resume: true)
    let fresh = try maker(files, settings(), in: "fresh").run()
    #expect(resumed.rows == fresh.rows)
    #expect(resumed.value == fresh.value)
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("damaged files and numbers that are none are left out and named; when none is left it is an error")
  func damaged() throws {
    var files = try candidates(3)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: files[0]))
    let cut = tiny.folder.file("candidates/cut.safetensors")
    try bytes.prefix(bytes.count - 8).write(to: URL(fileURLWithPath: cut))
    let model = try Model.load(from: files[0])
    let broken = model.parameters.copy()
    broken.entries[0].tensor[0] = .nan
    files.insert(cut, at: 0)
    var notes: [String] = []
    let maker = SoupMaker(
      candidates: files.map { SoupCandidate(file: $0) } + [
        SoupCandidate(model.with(parameters: broken), name: "with a NaN"), SoupCandidate(file: "/nowhere.safetensors"),
      ], dataset: tiny.dataset, split: .validation, settings: settings(), folder: tiny.folder.file("soup"),
      pool: WorkerPool(workerCount: 1), note: { notes.append($0) })
    let result = try maker.run()
    #expect(result.rows.filter { $0.decision == .unusable }.map(\.file) == [cut, "with a NaN", "/nowhere.safetensors"])
    #expect(result.rows.count == 6)
    #expect(result.rows[4].message.contains("conv2d_1.kernel has numbers that are not finite"))
    #expect(notes.contains { $0.contains("left out: /nowhere.safetensors: cannot be read") })
    let text = message { _ = try self.maker([cut], settings()).run() }
    #expect(text.hasPrefix("none of the 1 models can be used; the first, \(cut): "))
  }

  @Test("models that are no versions of one are refused with both names and the difference")
  func mismatch() throws {
    let files = try candidates(1)
    func refusal(_ name: String, _ model: Model) throws -> String {
      let path = tiny.folder.file("\(name).safetensors")
      try model.save(to: path)
      return message { _ = try maker([files[0], path], settings()).run() }
    }
    let wide = try refusal("wide", tiny.model(filters: 5))
    #expect(wide.contains("wide.safetensors cannot be mixed with \(files[0]): conv2d_1.kernel is 3x3x3x5"))
    let other = try refusal("norm", pixelNorm(seed: 1))
    #expect(other.contains("its layer 1 is 'batch_norm_1' (batch_norm), there 'conv2d_1'"))
    let decayed = try refusal("decayed", tiny.model(l2: 0.5))
    #expect(decayed.contains("'l2' of its layer 'conv2d_1' is another"))
    let renamed = try tiny.model().with(ImportOptions(labels: ["standing", "lying"]))
    #expect(try refusal("renamed", renamed).contains("its classes are others: 'standing' where the other has 'lying'"))
  }

  @Test("a soup without candidates, pictures, or anything above the threshold says so")
  func impossible() throws {
    #expect(message { _ = try maker([], settings()).run() } == "models: no models to make a soup of")
    let files = try candidates(2)
    #expect(
      message { _ = try maker(files, settings { $0.selection = .threshold(0) }).run() }
        .hasPrefix("no model reaches the threshold; the best loss is "))
    let untested = try FolderSource(path: tiny.folder.file("data")).read()
      .partitioned(SplitFractions(train: 1, validation: 0, test: 0), key: RandomKey(seed: 1))
    #expect(
      message { _ = try maker(files, settings(), dataset: untested).run() }
        == "the validation split has no pictures, but the soup is to be judged by it")
    let samples = tiny.dataset.samples.map {
      Sample(id: $0.id, source: $0.source, name: $0.name, label: $0.label, split: .validation)
    }
    let untrained = Dataset(root: tiny.dataset.root, classes: tiny.dataset.classes, samples: samples)
    #expect(message { _ = try maker(files, settings(), dataset: untrained).run() }.hasPrefix("the train split has no"))
    let averaged = settings { $0.statisticsBatches = 0 }
    #expect(try maker(files, averaged, dataset: untrained).run().rows.count == 2)
  }

  @Test("pictures beyond the memory for them are said, and change nothing")
  func memory() throws {
    let files = try candidates(3)
    var notes: [String] = []
    let small = try maker(files, settings { $0.cacheBudget = 500 }, in: "small", note: { notes.append($0) }).run()
    #expect(notes.contains { $0.contains("those beyond are decoded anew for each model") })
    let large = try maker(files, settings(), in: "large").run()
    #expect(small.rows == large.rows)
    expectSameBits(small.model.parameters.allValues, large.model.parameters.allValues)
  }

  @Test("candidates are found in a folder, in its checkpoints, and by a pattern")
  func discovery() throws {
    let files = try candidates(3)
    let folder = tiny.folder.file("candidates")
    try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/checkpoint.safetensors"))
    try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
    #expect(try SoupCandidate.files(at: folder) == files)
    #expect(try SoupCandidate.files(at: folder + "/") == files)
    #expect(try SoupCandidate.files(at: folder + "/m[01].*") == Array(files.prefix(2)))
    #expect(try SoupCandidate.files(at: files[1]) == [files[1]])
    var settings = try tiny.settings(epochs: 2)
    settings.checkpoints = CheckpointRules(every: 1)
    let run = try tiny.trainer(settings, in: "run").run()
    #expect(try SoupCandidate.files(at: tiny.folder.file("run")) == run.checkpoints.map(\.path))
    #expect(try SoupCandidate.files(at: tiny.folder.file("run/checkpoints")) == run.checkpoints.map(\.path))
    #expect(throws: SoupError.noCandidates(what: "/nowhere/*.safetensors")) {
      try SoupCandidate.files(at: "/nowhere/*.safetensors")
    }
  }
}
