import ModelFiles
import Networks

/// A network, with its numbers once it is trained or loaded.
final class ModelObject: RecipeObject {
  let network: Network
  let name: String
  /// nil as long as it is a network only.
  let trained: Model?
  /// The class table of the data that it was planned for, in check mode.
  let plannedClasses: [String]?
  private let plannedHasClassNames: Bool

  init(network: Network, name: String) {
    self.network = network
    self.name = name
    trained = nil
    plannedClasses = nil
    plannedHasClassNames = true
  }

  init(_ model: Model) {
    network = model.network
    name = model.name
    trained = model
    plannedClasses = nil
    plannedHasClassNames = true
  }

  /// What training would give, in check mode.
  init(planned network: Network, name: String, classes: [String], hasClassNames: Bool = true) {
    self.network = network
    self.name = name
    trained = nil
    plannedClasses = classes
    plannedHasClassNames = hasClassNames
  }

  var classes: [String]? { trained?.classes ?? plannedClasses }
  /// False when the classes are 0, 1, ...: training on data gives them the data's names.
  var hasClassNames: Bool { trained?.hasClassNames ?? plannedHasClassNames }

  var kind: RecipeKind { .model }
  var text: String { "\(name): \(network.inputShape) to \(network.classCount) classes" }
  var propertyNames: [String] {
    ["name", "classes", "parameters", "trainable", "flops", "shape", "summary", "describe", "layer", "save"]
  }

  func property(_ name: String) -> LuaValue? {
    switch name {
    case "name": .string(self.name)
    case "classes": classes.map { .table(LuaTable(list: $0.map { .string($0) })) } ?? LuaValue.none
    case "parameters": .integer(network.parameterCount)
    case "trainable": .integer(network.trainableCount)
    case "flops": .integer(network.flops)
    case "shape": .table(LuaTable(list: network.inputShape.dimensions.map { .integer($0) }))
    default: nil
    }
  }
}
