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

  static let kind = RecipeKind.loss
  static let help = "What training minimises, from `wb.loss`."
}

/// One of `wb.optimizer`.
final class OptimizerObject: RecipeObject {
  let optimizer: any Optimizer
  let text: String

  init(_ optimizer: any Optimizer, text: String) {
    self.optimizer = optimizer
    self.text = text
  }

  static let kind = RecipeKind.optimizer
  static let help = "How training changes the parameters, from `wb.optimizer`."
  static let properties: [RecipeProperty<OptimizerObject>] = [
    .init("learning_rate", .number, "As it was given; a schedule changes it.") { .number($0.optimizer.learningRate) }
  ]
}

/// One of `wb.schedule`.
final class ScheduleObject: RecipeObject {
  let schedule: any Schedule
  let text: String

  init(_ schedule: any Schedule, text: String) {
    self.schedule = schedule
    self.text = text
  }

  static let kind = RecipeKind.schedule
  static let help = "How the learning rate changes from step to step, from `wb.schedule`."
}
