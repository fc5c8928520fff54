import Datasets
import Foundation
import Images
import Inference
import Layers
import ModelFiles
import Networks
import Reports
import Schemas
import Tensors
import Training

extension RecipeSession {
  static let trainSchema = Schema(
    "train", help: "Trains a network on a data set, and gives a run: `run.best`, `run.last`, `run.history`.",
    options: [
      OptionSchema(
        "model", .reference(["model"]), required: true,
        help: "A network, which starts from random numbers, or a model, which goes on from its own."),
      OptionSchema("data", .reference(["data set"]), required: true, help: "From `wb.data`."),
      OptionSchema("loss", .reference(["loss"]), help: "One of `wb.loss`; cross-entropy when left out."),
      OptionSchema(
        "distillation", .table,
        help: "A teacher to learn from, as in { teacher = wb.load(\"teacher.safetensors\") }; see the table below."),
      OptionSchema("optimizer", .reference(["optimizer"]), help: "One of `wb.optimizer`; adam when left out."),
      OptionSchema(
        "schedule", .reference(["schedule", "function"]),
        help: "One of `wb.schedule`, or a function of the step (from 0) that gives the learning rate."),
      OptionSchema(
        "stop", .table,
        help: "When to stop early, as in { monitor = \"validation.accuracy\", patience = 5 }; see the table below."),
      OptionSchema(
        "checkpoints", .table,
        help: "Which epochs leave a model file, as in { every_epoch = true } or { last = 5 }; see the table below."),
      OptionSchema(
        "on_epoch", .reference(["function"]),
        help: "Called with (info, state) after each epoch; returns \"stop\" to end the training."),
      OptionSchema(
        "on_batch", .reference(["function"]),
        help: "Called with (info, state) after each step; returns \"stop\" to end the training."),
    ] + TrainingSettings.optionSchemas)

  func defineTraining(in runtime: LuaRuntime) throws {
    makeSharedTable = { [unowned runtime] in runtime.makeSharedTable() }
    seedRandom = { [unowned runtime] in runtime.seedRandom($0) }
    try define("train", in: runtime) { [unowned self] in try train($0) }
    try defineLosses(in: runtime)
    for type in OptimizerRegistry.all {
      try defineSetting("optimizer", type.schema, in: runtime) {
        OptimizerObject(try type.init(options: $0), text: $1)
      }
    }
    for type in ScheduleRegistry.all {
      try defineSetting("schedule", type.schema, in: runtime) { ScheduleObject(try type.init(options: $0), text: $1) }
    }
  }

  func defineSetting(
    _ namespace: String, _ schema: Schema, in runtime: LuaRuntime,
    make: @escaping (Options, String) throws -> any RecipeObject
  ) throws {
    let owner = Schema("\(namespace).\(schema.name)", help: schema.help, options: schema.options)
    try define(owner.name, in: runtime) { call in
      let options = try Arguments(call[0], schema: owner).options
      return .object(try make(options, Self.describe(schema.name, options)))
    }
  }

  // MARK: wb.train

  private func train(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.trainSchema)
    guard let model = arguments.object("model", ModelObject.self), let data = arguments.object("data", DataObject.self)
    else { throw RequestError.invalid(owner: "train", reason: "'model' and 'data' are required") }
    try checkFit(model, data, function: "train")
    let settings = try trainingSettings(arguments, model: model, data: data)
    if let trained = model.trained { notePreprocessing(of: trained, data) }
    if let stop = settings.stop, stop.monitor.hasPrefix("validation."), data.dataset.indices(of: .validation).isEmpty {
      throw RequestError.invalid(
        owner: "train", reason: "'stop' watches \(stop.monitor), but the validation split has no pictures")
    }
    if !model.frozen.isEmpty, model.network.trainableCount(frozen: model.frozen) == 0 {
      throw RequestError.invalid(owner: "train", reason: "every layer of 'model' is frozen: there is nothing to train")
    }
    try model.network.requireBackward(frozen: model.frozen)
    try checkSettingsEarly()
    stage += 1
    networks.append(PlannedNetwork(network: model.network, frozen: model.frozen))
    // Behind a training `math.random` must not depend on how many hooks ran in this process.
    defer { seedRandom(hookKey.deriving("end")) }
    if configuration.mode == .preview { try preview(model, data, settings) }
    if isChecking { return .object(try plan(model, data, settings)) }
    return .object(try train(model, data, settings, arguments))
  }

  /// What `math.random` gives to a hook or a schedule depends on this and the step alone, so that a run gives the same
  /// with and without an interruption.
  private var hookKey: RandomKey { RandomKey(seed: seed).deriving("hooks").deriving(stage) }

  private func trainingSettings(
    _ arguments: Arguments, model: ModelObject, data: DataObject
  ) throws -> TrainingSettings {
    let loss: any Loss = try arguments.object("loss", LossObject.self)?.loss ?? LossRegistry.loss(named: "ce")
    let optimizer: any Optimizer =
      try arguments.object("optimizer", OptimizerObject.self)?.optimizer ?? OptimizerRegistry.optimizer(named: "adam")
    var settings = TrainingSettings(loss: loss, optimizer: optimizer)
    do {
      try settings.apply(arguments.options)
      _ = try settings.learningRateFactors.factors(for: model.network)
    } catch let error as TrainingError {
      throw RequestError.invalid(owner: "train", reason: "\(error)")
    } catch let error as NetworkError {
      throw RequestError.invalid(owner: "train", reason: "'learning_rate_factors': \(error)")
    }
    settings.seed = seed
    if let schedule = arguments.object("schedule", ScheduleObject.self) {
      settings.learningRate = .schedule(schedule.schedule)
    } else if let function = arguments.function("schedule") {
      settings.learningRate = .function { [unowned self] step in
        seedRandom(hookKey.deriving("schedule").deriving(step))
        return try Self.rate(function, step: step)
      }
    }
    if let stop = arguments.table("stop") {
      settings.stop = EarlyStopping(options: try Arguments(.table(stop), schema: EarlyStopping.schema).options)
    }
    settings.checkpoints = try checkpointRules(arguments, data)
    if let distillation = arguments.table("distillation") {
      settings.distillation = try self.distillation(distillation, student: model, data: data)
    }
    for augmentation in data.augmentations {
      switch augmentation.content {
      case .picture(let content): settings.augmentations.append(content)
      case .batch(let content):
        // The trainer counts the training split; what an option says of the classes is checked before.
        do { _ = try content.fitted(toClassCounts: [Double](repeating: 1, count: model.network.classCount)) } catch {
          throw RequestError.invalid(owner: "train", reason: "\(error)")
        }
        settings.batchAugmentations.append(content)
      }
    }
    settings.augmentationSummary = data.augmentations.map(\.text).joined(separator: " ")
    if case .values(let weights) = settings.classWeights {
      settings.classWeights = .values(
        try Self.classWeights(
          weights, data: data.dataset.classes,
          model: (model.hasClassNames ? model.classes : nil) ?? data.dataset.classes))
    }
    // The trainer counts the training split; what an option says of the classes is checked before.
    _ = try Self.checked(owner: "train") {
      try loss.fitted(toClassCounts: [Double](repeating: 1, count: model.network.classCount))
    }
    settings.provenance = provenance(data)
    return settings
  }

  private func checkpointRules(_ arguments: Arguments, _ data: DataObject) throws -> CheckpointRules? {
    guard let table = arguments.table("checkpoints") else { return nil }
    let options = try Arguments(.table(table), schema: CheckpointRules.schema)
    let best = try options.table("best").map { try Arguments(.table($0), schema: CheckpointRules.bestSchema).options }
    do {
      let rules = try CheckpointRules(options: options.options, best: best)
      if let metric = rules.best?.metric, metric.hasPrefix("validation."), data.dataset.indices(of: .validation).isEmpty
      {
        throw TrainingError.emptySplit(split: "validation", neededFor: "keeping the best checkpoints by \(metric)")
      }
      return rules
    } catch {
      throw RequestError.invalid(owner: "train", reason: "\(error)")
    }
  }

  /// One weight for each class of the model, which may know classes that the data has no pictures of.
  ///
  /// - Parameter weights: one for each class of the data, in its order, or else one for each class of the model.
  private static func classWeights(_ weights: [Float], data: [String], model: [String]) throws -> [Float] {
    guard weights.contains(where: { $0 > 0 }) || weights.isEmpty else {
      throw RequestError.invalid(
        owner: "train", reason: "'class_weights' has only zeros; at least one must be more than 0")
    }
    if weights.count == data.count {
      let byName = Dictionary(zip(data, weights), uniquingKeysWith: { first, _ in first })
      return model.map { byName[$0] ?? 1 }
    }
    if weights.count == model.count { return weights }
    throw RequestError.invalid(
      owner: "train",
      reason: "'class_weights' has \(weights.count) numbers, but the data has \(data.count) classes"
        + (model.count == data.count ? "" : ", and the model \(model.count)"))
  }

  private static func rate(_ function: LuaFunction, step: Int) throws -> Double {
    let answer = try function.call([.integer(step)])
    switch answer {
    case .number(let rate) where rate.isFinite && rate >= 0: return rate
    case .integer(let rate) where rate >= 0: return Double(rate)
    default:
      throw RequestError.invalid(
        owner: "train",
        reason:
          "the schedule function gave \(answer.kindDescription) for step \(step); it must give a number of 0 or more")
    }
  }

  /// Class count and picture size, before anything is computed.
  func checkFit(_ model: ModelObject, _ data: DataObject, function: String) throws {
    let picture = Shape([data.preprocessing.height, data.preprocessing.width, 3])
    guard model.network.inputShape == picture else {
      throw RequestError.invalid(
        owner: function,
        reason:
          "the network's input is \(model.network.inputShape), but the pictures are \(picture) ('size' of the data)")
    }
    if let classes = model.classes, model.hasClassNames || !data.dataset.hasClassNames || function != "train" {
      return try checkClasses(classes, areNames: model.hasClassNames, data, function: function)
    }
    let count = data.dataset.classes.count
    guard model.network.classCount == count else {
      throw RequestError.invalid(
        owner: function,
        reason: "the network gives \(model.network.classCount) numbers, but the data has \(count) classes "
          + "(wb.linear { units = #data.classes } follows the data)")
    }
  }

  private func checkClasses(_ classes: [String], areNames: Bool, _ data: DataObject, function: String) throws {
    let unknown = data.dataset.classes.filter { !classes.contains($0) }
    if unknown.isEmpty { return }
    if areNames, data.dataset.hasClassNames {
      throw RequestError.invalid(
        owner: function,
        reason: "the model does not know \(unknown.map { "'\($0)'" }.joined(separator: ", ")); its classes are "
          + classes.joined(separator: ", "))
    }
    do {
      _ = try data.dataset.relabelled(to: classes, areNames: areNames)
    } catch {
      throw RequestError.invalid(owner: function, reason: "\(error)")
    }
  }

  /// A trained model keeps its own preprocessing, whatever the data says: its weights are made for it.
  private func notePreprocessing(of model: Model, _ data: DataObject) {
    let kept = model.preprocessing
    let asked = data.preprocessing
    var differences: [String] = []
    func compare<Value: Equatable>(_ name: String, _ value: (Preprocessing) -> Value) {
      if value(kept) != value(asked) { differences.append("\(name) \(value(kept)), not \(value(asked))") }
    }
    compare("decoder") { $0.decoder.rawValue }
    compare("dct_scaling") { $0.dctScaling }
    compare("resize") { $0.resize.rawValue }
    compare("fit") { $0.fit.rawValue }
    compare("pad_colour") { $0.padColour }
    compare("rounded") { $0.rounded }
    compare("range") { $0.range }
    if differences.isEmpty { return }
    console.note(
      "train: pictures are read as the model was trained, which differs from the data's options: "
        + differences.joined(separator: "; "))
  }

  /// A `--set` that no line has declared so far, and that the text of the recipe and its modules does not name either, is
  /// a mistake: said before hours of training rather than after them.
  func checkSettingsEarly() throws {
    let text = RecipeModules(folders: moduleFolders).text(with: String(decoding: recipeText, as: UTF8.self))
    let names = configuration.settings.keys.filter { text.contains("\"\($0)\"") || text.contains("'\($0)'") }
    if names.count < configuration.settings.count { try parameters.checkSettings(except: names) }
  }

  private func train(
    _ model: ModelObject, _ data: DataObject, _ settings: TrainingSettings, _ arguments: Arguments
  ) throws -> RunObject {
    let folder = try openFolder()
    let stageFolder = try folder.stageFolder(stage)
    folder.addData(data)
    folder.addStage(stage, model, settings)
    try folder.save(self, status: .running)
    if settings.checkpoints != nil {
      console.note("disk: at most " + Self.disk(settings.diskNeed(network: model.network)))
    }
    let cache = PixelCache(
      dataset: data.dataset, preprocessing: data.preprocessing, budget: settings.cacheBudget)
    try reportDuplicates(data, cache: cache)
    let hooks = TrainingHooks(
      console: console, stage: stage, epochs: settings.epochs, onEpoch: arguments.function("on_epoch"),
      onBatch: arguments.function("on_batch"), state: makeSharedTable(),
      seedRandom: { [unowned self, key = hookKey] in seedRandom(key.deriving($0).deriving($1)) })
    let result: TrainingResult
    do {
      let start = try startingModel(model, data, settings)
      let trainer = Trainer(
        model: start, dataset: data.dataset, settings: settings, folder: stageFolder, pool: pool, delegate: hooks,
        shouldStop: shouldStop)
      if start.preprocessing == data.preprocessing { trainer.cache = cache }
      workHasBegun = true
      result = try trainer.run(resume: folder.isResumed)
    } catch TrainingError.interrupted(let epoch, let batch, let checkpoint) {
      console.note("\(TrainingError.interrupted(epoch: epoch, batch: batch, checkpoint: checkpoint))")
      throw StopRequest()
    } catch let error as LuaFailure {
      throw error
    } catch let error as RequestError {
      throw error
    } catch {
      throw WorkError(error: error)
    }
    do { try result.best.save(to: folder.path + "/model.safetensors", pool: pool) } catch {
      throw WorkError(error: error)
    }
    report.trained(data: data, network: model.network, result: result, stage: stage)
    try name(result.failedFiles, in: folder)
    console.note(
      "best epoch \(result.bestEpoch) of \(result.history.count) (\(result.stopReason.rawValue)), saved as "
        + "\(folder.path)/model.safetensors")
    return RunObject(
      best: ModelObject(result.best), last: ModelObject(result.last), history: result.history,
      bestEpoch: result.bestEpoch, stopReason: result.stopReason.rawValue,
      checkpoints: result.checkpoints.map { CheckpointObject($0, network: model.network) })
  }

  /// Says which pictures could not be read, and writes all of them to `failed.tsv`: now, because the script may fail later.
  func name(_ files: [FailedFile], in folder: RunFolder?) throws {
    if files.isEmpty { return }
    for line in TestResults.Failure.lines(files.map { TestResults.Failure($0) }, table: "failed.tsv") {
      console.note(line)
    }
    guard let folder else { return }
    do { try ReportWriter.write(report.failures, to: folder.path) } catch { throw WorkError(error: error) }
  }

  /// The model to train, with what is frozen marked in its parameters.
  private func startingModel(_ model: ModelObject, _ data: DataObject, _ settings: TrainingSettings) throws -> Model {
    let start = try thawedModel(model, data, settings)
    if model.frozen.isEmpty { return start }
    let parameters = start.parameters.copy()
    parameters.setFrozen(layers: model.frozen, of: model.network)
    return start.with(parameters: parameters)
  }

  private func thawedModel(_ model: ModelObject, _ data: DataObject, _ settings: TrainingSettings) throws -> Model {
    if let trained = model.trained {
      let takesNames = !trained.hasClassNames && data.dataset.hasClassNames
      let named = takesNames ? try trained.with(ImportOptions(labels: data.dataset.classes)) : trained
      return named.with(provenance: settings.provenance)
    }
    let key = RandomKey(seed: seed).deriving("parameters").deriving(stage)
    try ParameterSet.requireMemory(for: model.network)
    let parameters = ParameterSet(network: model.network, key: key)
    model.begin(parameters)
    let classes = data.dataset.classes
    return try Model(
      name: model.name, network: model.network, parameters: parameters,
      classes: classes, preprocessing: data.preprocessing,
      // Where the labels are just the places of the outputs, the classes can be named later.
      hasClassNames: data.dataset.hasClassNames || classes != Model.numbers(count: classes.count),
      provenance: settings.provenance)
  }

  private func provenance(_ data: DataObject) -> [String: String] {
    var facts = [
      "recipe": recipeFile, "seed": "\(seed)",
      "workbench": RecipeRunner.version, "data": data.dataset.root, "data_hash": data.dataset.contentHash(),
      "pictures": "\(data.dataset.samples.count)",
    ]
    if let provider = data.dataset.provider { facts["data_source"] = provider.origin }
    for parameter in parameters.resolved { facts["parameter.\(parameter.name)"] = parameter.value }
    return facts
  }
}
