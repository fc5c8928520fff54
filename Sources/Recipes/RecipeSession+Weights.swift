import Images
import ModelFiles
import Networks
import Schemas

extension RecipeSession {
  static let weightsSchema = Schema(
    "load_weights",
    help: "Makes a model of a network, with numbers from a file of another program: .safetensors, .pth, .pt, .pth.tar.",
    options: [
      OptionSchema("path", .string, required: true, help: "The file."),
      OptionSchema(
        "names", .choice(["timm"]), default: .string("timm"),
        help: "Whose names its tensors have: timm's, for the networks of lib.vit and convnext.original."),
      OptionSchema(
        "key", .string, help: "The table in a PyTorch file, as \"model_ema\"; left out: \"state_dict\", \"model\", ..."),
      OptionSchema(
        "except", .list(.string), default: .list([]), help: "Layers that keep their first numbers, as { \"head\" }."),
      OptionSchema(
        "strict", .boolean, default: .boolean(true),
        help: "Whether all that the network has must be in the file, and all that the file has in the network."),
      OptionSchema(
        "classes", .list(.string),
        help: "The names of the network's outputs, in order; left out: 0, 1, ..., until it is trained on data."),
    ] + Preprocessing.optionSchemas.filter { $0.name != "size" })

  static let loadWeightsFunction = RecipeFunction(
    weightsSchema.name, help: weightsSchema.help,
    parameters: [RecipeField("options", .options(weightsSchema), "")], result: .object(.model))

  static let weightReport = RecipeRecord(
    "WeightReport", help: "What became of a file's tensors and a network's parameters.",
    fields: [
      RecipeField("loaded", .list(.string), "Parameters that the file gave."),
      RecipeField("fitted", .list(.string), "Those that were interpolated: `pos_embed.positions 14x14 to 6x6`."),
      RecipeField("kept", .list(.string), "Parameters that keep their first numbers."),
      RecipeField("unused", .list(.string), "Tensors of the file that nothing was done with."),
    ])

  func defineWeights(in runtime: LuaRuntime) throws {
    try runtime.defineMethod(.model, Self.weightsSchema.name) { [unowned self] in try loadWeights($0) }
  }

  private func loadWeights(_ call: LuaCall) throws -> LuaValue {
    let owner = Self.weightsSchema.name
    guard case .object(let object) = call[0], let model = object as? ModelObject else { return .none }
    let options = try Arguments(call[1], schema: Self.weightsSchema).options
    let start = try start(of: model, owner: owner, options)
    var request = WeightRequest(path: options.string("path"))
    request.key = options.optionalString("key")
    request.isStrict = options.boolean("strict")
    if case .list(let layers)? = options["except"] {
      request.except = layers.compactMap { if case .string(let name) = $0 { name } else { nil } }
    }
    try paths.check(request.path, function: owner)
    do {
      let plan = try WeightPlan(network: model.network, request: request)
      if isChecking {
        return .object(
          ModelObject(
            planned: model.network, name: model.name, classes: start.classes, hasClassNames: start.hasClassNames,
            weights: plan.report))
      }
      let made = try firstModel(start, origin: ["weights": request.path])
      try plan.load(into: made.parameters)
      for line in Self.lines(of: plan.report) { console.note("\(owner): \(request.path): \(line)") }
      return .object(ModelObject(made, weights: plan.report))
    } catch let error as ModelFileError {
      throw RequestError.invalid(owner: owner, reason: "\(error)")
    }
  }

  static func table(of report: WeightReport) -> LuaTable {
    func list(_ names: [String]) -> LuaValue { .table(LuaTable(list: names.map { .string($0) })) }
    return LuaTable(fields: [
      "loaded": list(report.loaded), "kept": list(report.kept), "unused": list(report.unused),
      "fitted": list(report.fitted.map(text)),
    ])
  }

  private static func text(_ fit: WeightReport.Fit) -> String { "\(fit.parameter) \(fit.from) to \(fit.to)" }

  private static func lines(of report: WeightReport) -> [String] {
    func some(_ names: [String]) -> String {
      names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
    var lines = ["\(report.loaded.count) of \(report.loaded.count + report.kept.count) parameters loaded"]
    if !report.fitted.isEmpty { lines.append("interpolated: " + some(report.fitted.map(text))) }
    if !report.kept.isEmpty { lines.append("left at their first numbers: " + some(report.kept)) }
    if !report.unused.isEmpty { lines.append("not used: " + some(report.unused)) }
    return lines
  }
}
