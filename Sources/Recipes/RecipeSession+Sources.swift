import Datasets
import Foundation
import Images
import PluginHost
import Schemas

extension RecipeSession {
  /// What a source of a plugin takes: its own options, how they are split, and what all data take. Where both sides have
  /// an option of one name, it is the plugin's: a host that has learnt something new must not break it.
  static func schema(of source: PluginSourceType) -> Schema {
    let own = source.schema.options
    let common = splitOptions + commonOptions + Preprocessing.optionSchemas
    return Schema(
      "data.\(source.name)", help: source.schema.help,
      options: own + common.filter { option in !own.contains { $0.name == option.name } })
  }

  private static let splitOptions = [
    OptionSchema(
      "split", .table, help: "shares of a random split: { train = 0.7, validation = 0.2, test = 0.1 }"),
    OptionSchema(
      "resplit", .boolean, default: .boolean(false), help: "draw a random split although the data have one"),
  ]

  /// `wb.data.<source>` of each source that a plugin brings, by the source's name.
  func sourceFunctions(of library: PluginLibrary) -> [String: LuaRuntime.Handler] {
    var functions: [String: LuaRuntime.Handler] = [:]
    for source in library.sources {
      let schema = Self.schema(of: source)
      functions[source.name] = { [unowned self] in
        try load(source, of: library, arguments: try Arguments($0[0], schema: schema))
      }
    }
    return functions
  }

  private func load(_ source: PluginSourceType, of library: PluginLibrary, arguments: Arguments) throws -> LuaValue {
    let options = arguments.options
    let preprocessing: Preprocessing
    var fractions: SplitFractions?
    do {
      preprocessing = try Preprocessing(options: options)
      if case .table(let shares)? = options["split"] { fractions = try SplitFractions(shares: shares) }
    } catch {
      throw RequestError.invalid(owner: options.owner, reason: "\(error)")
    }
    let dataset: Dataset
    do {
      dataset = try Dataset(provider: PluginSource(source, of: library, options: options))
        .split(fractions, resplit: options.boolean("resplit"), seed: seed)
    } catch DatasetError.provider(_, .unreadable) where configuration.mode == .plan {
      dataset = Self.standIn(source.name)
    } catch DatasetError.provider(_, let fault) {
      throw RequestError.invalid(owner: options.owner, reason: "\(fault)")
    } catch {
      throw RequestError.invalid(owner: options.owner, reason: "\(error)")
    }
    return dataObject(dataset, preprocessing: preprocessing, arguments: arguments)
  }
}

extension RecipeSurface {
  /// What recipes can say to a source of a plugin: `data.<source>`, its own options, then those of all data.
  package static func schema(of source: PluginSourceType) -> Schema { RecipeSession.schema(of: source) }
}
