import Foundation
import Layers
import Schemas

extension RecipeSession {
  static let combineSchema = Schema(
    "loss.\(CombinedLoss.schema.name)",
    help: "A weighted sum of losses, as in `wb.loss.combine { { wb.loss.ce(), 1 }, { wb.loss.cos(), 0.5 } }`; a loss "
      + "without a weight counts once.")

  /// What stands in `wb.loss`, as recipes see it.
  static var lossSchemas: [Schema] {
    LossRegistry.all.map { $0 == CombinedLoss.self ? combineSchema : $0.schema.within("loss") }
  }

  func defineLosses(in runtime: LuaRuntime) throws {
    for type in LossRegistry.all where type != CombinedLoss.self {
      try defineSetting("loss", type.schema, in: runtime) { options, text in
        try Self.checked(owner: options.owner) { LossObject(try type.init(options: options), text: text) }
      }
    }
    try define(Self.combineSchema.name, in: runtime) { .object(try Self.combine($0)) }
  }

  private static func combine(_ call: LuaCall) throws -> LossObject {
    let parts = try Arguments(call[0], schema: combineSchema, takesList: true).list.enumerated().map { index, value in
      guard let part = part(value) else {
        throw RequestError.listEntry(
          function: combineSchema.name, index: index + 1,
          expected: "a loss, or { loss, weight } with a weight of 0 or more", found: value.kindDescription)
      }
      return part
    }
    let text = parts.map { String(format: "%g * ", $0.weight) + $0.object.text }.joined(separator: " + ")
    return try checked(owner: combineSchema.name) {
      LossObject(
        try CombinedLoss(parts.map { ($0.object.loss, $0.weight) }), text: "\(CombinedLoss.schema.name) { \(text) }")
    }
  }

  /// A loss, or a list of a loss and a weight; nil for anything else.
  private static func part(_ value: LuaValue) -> (object: LossObject, weight: Double)? {
    switch value {
    case .object(let object): return (object as? LossObject).map { ($0, 1) }
    case .table(let table):
      guard table.fields.isEmpty, table.strayKey == nil, table.list.count == 2,
        case .object(let object) = table.list[0], let loss = object as? LossObject
      else { return nil }
      switch table.list[1] {
      case .integer(let weight) where weight >= 0: return (loss, Double(weight))
      case .number(let weight) where weight >= 0 && weight.isFinite: return (loss, weight)
      default: return nil
      }
    default: return nil
    }
  }

  /// Says of a loss's options that cannot be whose they are.
  static func checked<Result>(owner: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as LossError {
      throw RequestError.invalid(owner: owner, reason: "\(error)")
    }
  }
}
