import Datasets
import Foundation
import Inference
import ModelFiles
import Networks
import Reports
import Schemas
import Training

extension RecipeSession {
  static let soupSchema = Schema(
    "soup",
    help:
      "Averages the weights of several versions of a model into one (Wortsman et al. 2022), and gives a soup: `soup.model`.",
    options: [
      OptionSchema(
        "models",
        .either([
          .string, .reference(["run"]), .list(.either([.string, .reference(["checkpoint", "model"])])),
        ]), required: true,
        help:
          "The candidates: `run.checkpoints`, a list of files or models, a folder, or a pattern: `epoch-*.safetensors`."
      ),
      OptionSchema("data", .reference(["data set"]), required: true, help: "From `wb.data`."),
      OptionSchema(
        "split", .choice(Split.allCases.map(\.rawValue)), default: .string("validation"),
        help: "Which pictures decide."),
    ] + SoupSettings.optionSchemas)

  func defineSoup(in runtime: LuaRuntime) throws {
    try define("soup", in: runtime) { [unowned self] in try soup($0) }
  }

  private func soup(_ call: LuaCall) throws -> LuaValue {
    let arguments = try Arguments(call[0], schema: Self.soupSchema)
    let options = arguments.options
    guard let data = arguments.object("data", DataObject.self), let split = Split(rawValue: options.string("split"))
    else { throw RequestError.invalid(owner: "soup", reason: "'data' is required") }
    if data.dataset.indices(of: split).isEmpty {
      throw RequestError.invalid(owner: "soup", reason: "the \(split) split has no pictures")
    }
    var settings = SoupSettings()
    let select = try arguments.table("select").map {
      try Arguments(.table($0), schema: SoupSettings.selectSchema).options
    }
    do { try settings.apply(options, select: select) } catch { throw Self.refused(error) }
    settings.seed = seed
    let candidates = try candidates(arguments)
    soups += 1
    if isChecking { return .object(try plannedSoup(candidates, data, split, settings)) }
    for case .model(let model) in candidates { try checkFit(model, data, function: "soup") }
    for case .file(let path) in candidates {
      // The first that can be read: those that cannot are named and left out, and all others must be like it.
      guard let file = try? ModelDescription(path: path, importing: ImportOptions()) else { continue }
      let model = ModelObject(
        planned: file.network, name: file.name, classes: file.classes, hasClassNames: file.hasClassNames)
      try checkFit(model, data, function: "soup")
      break
    }
    try checkSettingsEarly()
    settings.provenance = soupProvenance(data)
    if split == .test {
      console.note(
        "soup: the test split decides here; what is chosen by it will look better on it than on new pictures")
    }
    let result = try makeSoup(candidates, data, split, settings)
    return .object(
      SoupObject(
        model: ModelObject(result.model), result: result, split: split.rawValue, metric: settings.metric))
  }

  // MARK: Candidates

  private enum Candidate {
    case file(String)
    case model(ModelObject)
    /// Of a run; the file does not exist in check mode.
    case checkpoint(CheckpointObject)
  }

  private func candidates(_ arguments: Arguments) throws -> [Candidate] {
    if let run = arguments.object("models", RunObject.self) { return try candidates(of: run) }
    switch arguments.value("models") {
    case .string(let path): return try files(path)
    case .table(let table):
      return try table.list.flatMap { value -> [Candidate] in
        switch value {
        case .string(let path): return try files(path)
        case .object(let object as CheckpointObject): return [.checkpoint(object)]
        case .object(let object as ModelObject):
          guard object.classes != nil else {
            throw RequestError.invalid(owner: "soup", reason: "one of 'models' is a network that has not been trained")
          }
          return [.model(object)]
        default: return []
        }
      }
    default: return []
    }
  }

  private func candidates(of run: RunObject) throws -> [Candidate] {
    if run.checkpoints.isEmpty {
      throw RequestError.invalid(
        owner: "soup",
        reason: "the run has kept no checkpoints (wb.train { checkpoints = { every_epoch = true } } keeps them)")
    }
    return run.checkpoints.map { .checkpoint($0) }
  }

  private func files(_ path: String) throws -> [Candidate] {
    try paths.check(path, function: "soup")
    do {
      let found = try SoupCandidate.files(at: path)
      // A link may lead out of a folder.
      for file in found { try paths.check(file, function: "soup") }
      return found.map { .file($0) }
    } catch let error as SoupError {
      if isChecking { return [] }
      throw Self.refused(error)
    }
  }

  /// In check mode a soup is the network of its candidates, as far as anybody can know it by then.
  private func plannedSoup(
    _ candidates: [Candidate], _ data: DataObject, _ split: Split, _ settings: SoupSettings
  ) throws -> SoupObject {
    let network: Network
    switch candidates.first {
    case .file(let path)?:
      do { network = try ModelDescription(path: path, importing: ImportOptions()).network } catch {
        throw RequestError.invalid(owner: "soup", reason: "\(error)")
      }
    case .model(let model)?: network = model.network
    case .checkpoint(let checkpoint)?: network = checkpoint.network
    case nil:
      guard let last = networks.last else { throw Self.refused(SoupError.noCandidates(what: "models")) }
      network = last.network
    }
    let model = ModelObject(planned: network, name: "soup", classes: data.dataset.classes)
    try checkFit(model, data, function: "soup")
    if configuration.mode == .check {
      console.output(
        "soup \(soups): \(settings.method.rawValue), "
          + (candidates.isEmpty ? "" : "at most \(counted(candidates.count, "model")), ")
          + "judged by \(settings.metric.rawValue) of \(counted(data.dataset.indices(of: split).count, "picture"))")
    }
    return SoupObject(model: model, result: nil, split: split.rawValue, metric: settings.metric)
  }

  // MARK: Making it

  private func makeSoup(
    _ candidates: [Candidate], _ data: DataObject, _ split: Split, _ settings: SoupSettings
  ) throws -> SoupResult {
    let folder = try openFolder()
    folder.addData(data)
    try folder.save(self, status: .running)
    let maker = SoupMaker(
      candidates: candidates.enumerated().map { index, candidate in
        switch candidate {
        case .file(let path): SoupCandidate(file: path)
        case .checkpoint(let checkpoint): SoupCandidate(file: checkpoint.path)
        case .model(let object):
          // Checked above: a model that is none in check mode has its numbers.
          object.trained.map { SoupCandidate($0, name: "\(object.name) (\(index + 1))") }
            ?? SoupCandidate(file: object.name)
        }
      }, dataset: data.dataset, split: split, settings: settings, folder: "\(folder.path)/soup-\(soups)", pool: pool,
      note: { [console] in console.note($0) },
      progress: { [console] in console.progress(RecipeProgress($0, phase: .evaluation)) }, shouldStop: shouldStop)
    let result: SoupResult
    do {
      workHasBegun = true
      result = try maker.run(resume: folder.isResumed)
    } catch let error as SoupError {
      if case .interrupted = error {
        console.note("\(error)")
        throw StopRequest()
      }
      throw Self.refused(error)
    } catch {
      throw WorkError(error: error)
    }
    report.cooked(result)
    console.note(
      "soup of \(counted(result.ingredients.count, "model")): \(result.metric.rawValue) \(Self.fixed(result.value)), best "
        + "alone \(Self.fixed(result.bestValue ?? .nan)); saved as \(folder.path)/soup-\(soups)/\(SoupMaker.modelName)")
    return result
  }

  private static func refused(_ error: any Error) -> RequestError { .invalid(owner: "soup", reason: "\(error)") }

  private func soupProvenance(_ data: DataObject) -> [String: String] {
    var facts = [
      "recipe": recipeFile, "seed": "\(seed)", "workbench": RecipeRunner.version, "soup.data": data.dataset.root,
      "soup.data_hash": data.dataset.contentHash(),
    ]
    for parameter in parameters.resolved { facts["parameter.\(parameter.name)"] = parameter.value }
    return facts
  }
}
