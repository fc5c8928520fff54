import Foundation
import Images
import ModelFiles
import Networks
import Schemas

extension RecipeSession {
  static let loadSchema = Schema(
    "load", help: "Reads a model file, .safetensors or .keras; `wb.load(path)` for short.",
    options: [
      OptionSchema("path", .string, required: true, help: "The file."),
      OptionSchema(
        "size", .either([.integer, .list(.integer)]), minimum: 1, maximum: Double(Preprocessing.maximumSide),
        help: "Height and width of the pictures, or one number for both, for a .keras file that does not say."),
      OptionSchema("labels", .list(.string), help: "The names of the classes, in the order of the model's outputs."),
      OptionSchema(
        "fit", .choice(Preprocessing.FitMode.allCases.map(\.rawValue)),
        help: "What happens to a picture of another proportion; left out: as the model says, .keras: stretch."),
      OptionSchema("name", .string, help: "What reports and tables call the model."),
    ])

  func load(_ call: LuaCall) throws -> LuaValue {
    let (path, options) = try loadRequest(call[0])
    try paths.check(path, function: "load")
    do {
      if isChecking {
        let description = try ModelDescription(path: path, importing: options)
        loadedOrigins += description.network.origins
        return .object(
          ModelObject(
            planned: description.network, name: description.name, classes: description.classes,
            hasClassNames: description.hasClassNames))
      }
      let model = try Model.load(from: path, importing: options, pool: pool)
      loadedOrigins += model.network.origins
      return .object(ModelObject(model))
    } catch {
      throw RequestError.invalid(owner: "load", reason: "\(error)")
    }
  }

  private func loadRequest(_ value: LuaValue) throws -> (path: String, options: ImportOptions) {
    if case .string(let path) = value { return (path, ImportOptions()) }
    guard case .table = value else {
      throw RequestError.invalid(
        owner: "load", reason: "the argument must be a model's path, or a table with it, not \(value.kindDescription)")
    }
    let options = try Arguments(value, schema: Self.loadSchema).options
    var result = ImportOptions(
      fit: options.optionalString("fit").flatMap(Preprocessing.FitMode.init(rawValue:)),
      name: options.optionalString("name"))
    if case .list(let sides)? = options["size"], sides.count != 2 { throw PreprocessingError.sizeCount(sides.count) }
    if options["size"] != nil {
      let (height, width) = options.pair("size")
      result.size = PictureSize(height: height, width: width)
    }
    if case .list(let labels)? = options["labels"] {
      result.labels = labels.compactMap { if case .string(let label) = $0 { label } else { nil } }
    }
    return (options.string("path"), result)
  }
}
