import Datasets
import Foundation
import Inference
import Layers
import ModelFiles
import Networks
import Reports
import Schemas

extension RecipeSession {
  static let evaluateSchema = Schema(
    "evaluate", help: "Runs a model over one split of a data set, and gives its figures.",
    options: [
      OptionSchema(
        "model", .reference(["model"]), required: true, help: "A trained model: `run.best`, or from `wb.load`."),
      OptionSchema("data", .reference(["data set"]), required: true, help: "From `wb.data`."),
      OptionSchema(
        "split", .choice(Split.allCases.map(\.rawValue)), default: .string("test"), help: "Which pictures."),
      OptionSchema("batch", .integer, default: .integer(32), minimum: 1, maximum: 65536, help: "Pictures a step."),
      OptionSchema(
        "failure_limit", .number, minimum: 0, maximum: 1,
        help: "The share of unreadable pictures above which it stops; left out: 0.05, and ten are always allowed."),
      OptionSchema(
        "label_smoothing", .number, default: .number(0), minimum: 0, maximum: 1,
        help: "The part of each label that the loss spreads evenly over all classes."),
    ])

  static let predictSchema = Schema(
    "predict", help: "Writes a table with the classes of files.",
    options: [
      OptionSchema("model", .reference(["model"]), required: true, help: "A trained model."),
      OptionSchema(
        "files", .either([.string, .list(.string)]), default: .list([]),
        help: "A file or folder, or a list of them; a TFRecord counts as the pictures in it."),
      OptionSchema("list", .string, help: "A text file with a path in each line."),
      OptionSchema(
        "output", .string, default: .string("predicted.tsv"), help: "The table's name, in the run folder."),
      OptionSchema("top", .integer, default: .integer(3), minimum: 1, maximum: 1000, help: "Classes a row."),
      OptionSchema(
        "reject", .number, minimum: 0, maximum: 1,
        help: "A picture whose highest probability is below this is `unknown`."),
      OptionSchema(
        "format", .choice(PredictionFormat.allCases.map(\.rawValue)), default: .string("table"),
        help: "herbariograph: the columns MODEL, FILE and PREDICTION."),
      OptionSchema("image_key", .string, help: "The feature of records that holds the picture."),
      OptionSchema(
        "batch", .integer, minimum: 1, maximum: 65536, help: "Pictures a step (default: as many as suit the network)."),
    ])

  func defineUse(in runtime: LuaRuntime) throws {
    try define("evaluate", in: runtime) { [unowned self] in try evaluate($0) }
    try define("predict", in: runtime) { [unowned self] in try predict($0) }
    try define("load", in: runtime) { [unowned self] in try load($0) }
    try runtime.defineMethod(.model, "save") { [unowned self] in try saveModel($0) }
    try runtime.defineMethod(.evaluation, "save") { [unowned self] in try saveEvaluation($0) }
    try runtime.defineMethod(.evaluation, "print") { [unowned self] call in
      guard case .object(let object) = call[0], let results = (object as? EvaluationObject)?.results else {
        return .none
      }
      for line in results.text.split(separator: "\n", omittingEmptySubsequences: false) { console.output(String(line)) }
      return .none
    }
  }

  // MARK: wb.evaluate

  private func evaluate(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.evaluateSchema)
    let options = arguments.options
    guard let model = arguments.object("model", ModelObject.self), let data = arguments.object("data", DataObject.self),
      let split = Split(rawValue: options.string("split"))
    else { throw RequestError.invalid(owner: "evaluate", reason: "'model' and 'data' are required") }
    guard model.classes != nil else { throw Self.untrained("evaluate") }
    try checkFit(model, data, function: "evaluate")
    let indices = data.dataset.indices(of: split)
    if indices.isEmpty {
      throw RequestError.invalid(owner: "evaluate", reason: "the \(split) split has no pictures")
    }
    guard let trained = model.trained, !isChecking else {
      return .object(EvaluationObject(results: nil, split: split.rawValue))
    }
    try checkSettingsEarly()
    var settings = EvaluationSettings()
    settings.batchSize = options.integer("batch")
    settings.failureLimit = options.optionalNumber("failure_limit")
    settings.loss = try LossRegistry.loss(
      named: "ce", options: ["label_smoothing": .number(options.number("label_smoothing"))])
    let evaluation = try work {
      try Evaluator(model: trained, settings: settings, pool: pool).evaluate(
        dataset: data.dataset, indices: indices,
        progress: { [console] in console.progress(RecipeProgress($0, phase: .evaluation)) }, shouldStop: shouldStop)
    }
    report.evaluated(evaluation, split: split.rawValue, data: data, network: model.network, seed: seed)
    try name(evaluation.failed, in: folder)
    return .object(EvaluationObject(results: TestResults(evaluation, split: split.rawValue), split: split.rawValue))
  }

  /// What fails in here is the work's failure, not the request's.
  func work<Result>(_ body: () throws -> Result) throws -> Result {
    workHasBegun = true
    do {
      return try body()
    } catch InferenceError.interrupted(let done, let total) {
      console.note("\(InferenceError.interrupted(done: done, total: total))")
      throw StopRequest()
    } catch let error as InferenceError {
      switch error {
      case .stopped:
        console.note("\(error)")
        throw StopRequest()
      case .notFound, .cannotRead, .noFiles, .emptyList, .longLine, .records:
        throw RequestError.invalid(owner: "predict", reason: "\(error)")
      default: throw WorkError(error: error)
      }
    } catch {
      throw WorkError(error: error)
    }
  }

  private static func untrained(_ function: String) -> RequestError {
    .invalid(owner: function, reason: "'model' is a network that has not been trained (wb.train gives run.best)")
  }

  private func saveEvaluation(_ call: LuaCall) throws -> LuaValue {
    if isChecking { return call[0] }
    let folder = try openFolder()
    try folder.save(self, status: .running)
    let content = report.content(self, title: recipeName)
    try work { try ReportWriter.write(content, to: folder.path) }
    return call[0]
  }

  // MARK: model:save

  private func saveModel(_ call: LuaCall) throws -> LuaValue {
    guard case .object(let object) = call[0], let model = object as? ModelObject else { return .none }
    guard case .string(let name) = call[1], !name.isEmpty else {
      throw RequestError.invalid(
        owner: "save", reason: "the argument must be a file name, not \(call[1].kindDescription)")
    }
    guard ModelFormat(ofName: name) != nil else {
      throw RequestError.path(function: "save", path: name, reason: ModelFormat.unknown(name))
    }
    guard model.classes != nil else { throw Self.untrained("save") }
    let path = try outputPath(name, function: "save")
    guard let trained = model.trained, let path else { return call[0] }
    try work { try trained.save(to: path, pool: pool) }
    console.note("saved \(path)")
    return call[0]
  }

  /// A relative name is in the run folder. nil in check mode.
  private func outputPath(_ name: String, function: String) throws -> String? {
    if name.hasPrefix("/") {
      try paths.check(name, function: function)
      return isChecking ? nil : name
    }
    if name.split(separator: "/").contains("..") {
      throw RequestError.path(function: function, path: name, reason: "a file of the run must be in the run folder")
    }
    if isChecking { return nil }
    let path = try openFolder().path + "/" + name
    try RunFolder.make(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    return path
  }

  // MARK: wb.predict

  private func predict(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.predictSchema)
    let options = arguments.options
    guard let model = arguments.object("model", ModelObject.self), model.classes != nil else {
      throw Self.untrained("predict")
    }
    let files: [String] =
      switch options["files"] {
      case .string(let file)?: [file]
      case .list(let list)?: list.compactMap { if case .string(let file) = $0 { file } else { nil } }
      default: []
      }
    let list = options.optionalString("list")
    for file in files + (list.map { [$0] } ?? []) {
      try paths.check(file, function: "predict")
      if !FileManager.default.fileExists(atPath: file) {
        throw RequestError.path(function: "predict", path: file, reason: "no such file or folder")
      }
    }
    if files.isEmpty && list == nil {
      throw RequestError.invalid(owner: "predict", reason: "one of 'files' and 'list' is wanted")
    }
    let path = try outputPath(options.string("output"), function: "predict")
    guard let trained = model.trained, let path else {
      return .object(PredictionObject(summary: PredictionSummary(), path: options.string("output")))
    }
    var request = PredictionRequest(paths: files, list: list, output: path)
    request.top = options.integer("top")
    request.rejectBelow = options.optionalNumber("reject")
    request.format = PredictionFormat(rawValue: options.string("format")) ?? .table
    request.imageKey = options.optionalString("image_key")
    if options["batch"] != nil { request.batchSize = options.integer("batch") }
    request.version = RecipeRunner.version
    request.resume = try openFolder().isResumed
    let summary = try predict(request, model: trained)
    console.note("\(path): \(summary)")
    return .object(PredictionObject(summary: summary, path: path))
  }

  private func predict(_ request: PredictionRequest, model: Model) throws -> PredictionSummary {
    let predictor = Predictor(model: model, pool: pool)
    func run(_ request: PredictionRequest) throws -> PredictionSummary {
      try predictor.run(
        request, note: { console.note($0) },
        progress: { [console] in console.progress(RecipeProgress($0, phase: .prediction)) }, shouldStop: shouldStop)
    }
    return try work {
      do {
        return try run(request)
      } catch let error as InferenceError {
        switch error {
        case .otherRequest, .otherTable, .damagedListing:
          // What an earlier version of the recipe has left.
          var anew = request
          anew.resume = false
          return try run(anew)
        default: throw error
        }
      }
    }
  }
}

extension RecipeProgress {
  init(_ progress: InferenceProgress, phase: Phase) {
    self.init(
      phase: phase, batch: progress.done, batches: progress.total, imagesPerSecond: progress.imagesPerSecond,
      secondsLeft: progress.secondsLeft)
  }
}
