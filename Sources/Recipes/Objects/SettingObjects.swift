import Layers
import Training

/// One of `wb.loss`.
final class LossObject: RecipeObject {
  let loss: any Loss
  let text: String

  init(_ loss: any Loss, text: String) {
    self.loss = loss
    self.text = text
  }

  var kind: RecipeKind { .loss }
  var propertyNames: [String] { [] }
  func property(_ name: String) -> LuaValue? { nil }
}

/// One of `wb.optimizer`.
final class OptimizerObject: RecipeObject {
  let optimizer: any Optimizer
  let text: String

  init(_ optimizer: any Optimizer, text: String) {
    self.optimizer = optimizer
    self.text = text
  }

  var kind: RecipeKind { .optimizer }
  var propertyNames: [String] { ["learning_rate"] }

  func property(_ name: String) -> LuaValue? {
    name == "learning_rate" ? .number(optimizer.learningRate) : nil
  }
}

/// One of `wb.schedule`.
final class ScheduleObject: RecipeObject {
  let schedule: any Schedule
  let text: String

  init(_ schedule: any Schedule, text: String) {
    self.schedule = schedule
    self.text = text
  }

  var kind: RecipeKind { .schedule }
  var propertyNames: [String] { [] }
  func property(_ name: String) -> LuaValue? { nil }
}
