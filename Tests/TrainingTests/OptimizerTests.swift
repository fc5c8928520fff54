import Foundation
import Layers
import Networks
import Schemas
import Tensors
import TestSupport
import Testing
import Training

@Suite("Optimizers")
struct OptimizerTests {
  @Test(
    "every step follows the golden trajectory", .enabled(if: Golden.isAvailable, Comment(rawValue: Golden.absent)),
    arguments: ["adam", "adamw", "adamw_seed", "sgd", "sgd_momentum", "sgd_nesterov"])
  func golden(name: String) throws {
    let golden = try Golden.load("training/optimizer_\(name)")
    var options: [String: OptionValue] = [:]
    for (key, text) in golden.metadata where text != "null" {
      options[key] = text == "true" || text == "false" ? .boolean(text == "true") : .number(Double(text) ?? 0)
    }
    let optimizer = try OptimizerRegistry.optimizer(
      named: String(name.prefix { $0 != "_" }), options: options)
    for variable in 0..<2 {
      let start = golden["start_\(variable)"]
      let parameter = Tensor(Shape(start.shape), start.values)
      let slots = optimizer.slotNames.map { _ in Tensor(Shape(start.shape)) }
      for step in 0..<12 {
        let gradient = Tensor(Shape(start.shape), golden.values("gradient_\(step)_\(variable)"))
        optimizer.makeStep(index: step, learningRate: optimizer.learningRate).update(
          parameter.pointer, gradient.pointer, slots.map(\.pointer), parameter.count, 1, 1)
        expectClose(
          parameter.values, golden.values("after_\(step)_\(variable)"), tolerance: 5e-7, "after step \(step)")
      }
    }
  }
}
