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

  init(network: Network, name: String) {
    self.network = network
    self.name = name
    trained = nil
    plannedClasses = nil
  }

  init(_ model: Model) {
    network = model.network
    name = model.name
    trained = model
    plannedClasses = nil
  }

  /// What training would give, in check mode.
  init(planned network: Network, name: String, classes: [String]) {
    self.network = network
    self.name = name
    trained = nil
    plannedClasses = classes
  }

  var classes: [String]? { trained?.classes ?? plannedClasses }

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
