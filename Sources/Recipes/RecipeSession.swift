import Foundation
import Layers
import Networks
import Reports
import Schemas
import Tensors

/// Everything that one run of a recipe knows: what its functions share.
final class RecipeSession {
  let configuration: RecipeConfiguration
  let console: any RecipeConsole
  let shouldStop: @Sendable () -> Bool
  let paths: PathPolicy
  let recipeText: [UInt8]
  let started = Date()

  var parameters: ParameterTable
  /// Every `wb.` name, for suggestions.
  private(set) var names: [String] = []
  /// Statistics of the work, and where it goes.
  let results = ResultTable()
  lazy var pool = WorkerPool(workerCount: configuration.threads)
  /// nil until something is to be written; never made in check mode.
  var folder: RunFolder?
  /// True from the first batch on: what fails then was not the request.
  var workHasBegun = false
  /// `wb.train` calls so far.
  var stage = 0
  /// `wb.soup` calls so far.
  var soups = 0
  /// What `wb.plugin` gave.
  var plugins: [PluginObject] = []
  /// The plugins of models that were loaded.
  var loadedOrigins: [LayerOrigin] = []
  /// The network of each.
  var networks: [PlannedNetwork] = []
  /// What each of them would be shown; in the mode `preview`.
  var previews: [TrainingPreview] = []
  /// How many turns the running `wb.repeats` has.
  var turns = 1
  /// Which of them this is, from 0.
  var turn = 0
  var report = ReportCollector()
  /// Makes tables that live in Lua; set when the runtime exists.
  var makeSharedTable: () -> SharedTable? = { nil }
  /// Seeds Lua's `math.random`; set when the runtime exists.
  var seedRandom: (RandomKey) -> Void = { _ in }

  init(
    _ configuration: RecipeConfiguration, text: [UInt8], console: any RecipeConsole,
    shouldStop: @escaping @Sendable () -> Bool
  ) {
    self.configuration = configuration
    self.console = console
    self.shouldStop = shouldStop
    recipeText = text
    parameters = ParameterTable(settings: configuration.settings)
    paths = PathPolicy(
      recipe: configuration.path,
      given: Array(configuration.settings.values) + [configuration.output].compactMap(\.self),
      trusted: configuration.trust)
  }

  /// Whether training is replaced by planning.
  var isChecking: Bool { configuration.mode != .run }
  var baseSeed: Int { configuration.seed ?? 1 }
  /// Of this turn of `wb.repeats`.
  var seed: Int { baseSeed &+ turn }
  /// `stained` of `recipes/stained.lua`.
  var recipeName: String { URL(fileURLWithPath: configuration.path).deletingPathExtension().lastPathComponent }
  /// `stained.lua`
  var recipeFile: String { URL(fileURLWithPath: configuration.path).lastPathComponent }
  var threadCount: Int { configuration.threads ?? WorkerPool.availableCores }

  func makeCallbacks() -> LuaRuntime.Callbacks {
    LuaRuntime.Callbacks(
      print: { [unowned self] in console.output($0) },
      shouldStop: shouldStop,
      missing: { [unowned self] in missing($1, in: $0) },
      add: { try Self.combine($0, $1, layer: "add", operation: "added") },
      multiply: { try Self.combine($0, $1, layer: "multiply", operation: "multiplied") })
  }

  /// Fills the `wb` table.
  func define(in runtime: LuaRuntime) throws {
    try defineBasics(in: runtime)
    try defineNetworks(in: runtime)
    try defineData(in: runtime)
    try defineTraining(in: runtime)
    try defineSoup(in: runtime)
    try defineInitialize(in: runtime)
    try defineWeights(in: runtime)
    try defineUse(in: runtime)
    try defineTables(in: runtime)
    try definePlugins(in: runtime)
  }

  /// Where `require` looks.
  var moduleFolders: [String] {
    [URL(fileURLWithPath: configuration.path).deletingLastPathComponent().path] + configuration.libraryFolders
  }

  func define(_ path: String, in runtime: LuaRuntime, _ handler: @escaping LuaRuntime.Handler) throws {
    names.append(path)
    try runtime.define(path, handler)
  }

  private func defineBasics(in runtime: LuaRuntime) throws {
    try define("param", in: runtime) { [unowned self] call in try parameters.declare(call) }
    try define("repeats", in: runtime) { [unowned self] call in try repeats(call) }
    try define("result", in: runtime) { [unowned self] call in try result(call) }
    for (name, value) in [
      ("version", LuaValue.string(RecipeRunner.version)), ("seed", .integer(baseSeed)),
      ("checking", .boolean(isChecking)),
    ] {
      names.append(name)
      try runtime.define(name, value: value)
    }
  }

  private func missing(_ name: String, in namespace: String) -> RequestError {
    let prefix = namespace == "wb" ? "" : namespace.dropFirst(3) + "."
    let candidates = Set(
      names.filter { $0.hasPrefix(prefix) }.compactMap { $0.dropFirst(prefix.count).split(separator: ".").first })
    return .unknownName(
      namespace: namespace, name: name, suggestion: nearest(to: name, among: candidates.map(String.init)))
  }

  private static func combine(
    _ left: LuaValue, _ right: LuaValue, layer name: String, operation: String
  ) throws -> LuaValue {
    guard case .object(let a) = left, let a = a as? NodeObject, case .object(let b) = right, let b = b as? NodeObject
    else {
      throw RequestError.operands(operation: operation, left: left.kindDescription, right: right.kindDescription)
    }
    let layer = LayerObject(.layer(try LayerRegistry.layer(named: name, options: [:]), name: nil), position: "")
    return .object(NodeObject(graph: a.graph, id: try layer.add(to: a.graph, inputs: [a, b])))
  }
}
