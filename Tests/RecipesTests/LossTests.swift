import Foundation
import Recipes
import Testing

/// `wb.loss` in recipes.
@Suite(.serialized) struct LossTests {
  private static let names = [
    "ce", "fce", "cbf", "cbs", "cbbs", "bel", "ccm", "cos", "la", "lab", "lw", "lwb", "mae", "mse", "nis",
  ]

  private func recipe(_ loss: String) -> String {
    """
    local wb = require "workbench"
    local data = wb.data.folder { path = wb.param("data", ""), size = 16, split = { train = 0.6, validation = 0.2, test = 0.2 } }
    local network = wb.sequential { wb.input { 16, 16, 3 }, wb.conv2d { filters = 2, kernel = 3, stride = 2 },
      wb.global_average_pool(), wb.linear { units = #data.classes } }
    wb.train { model = network, data = data, batch = 4, epochs = 1, loss = \(loss) }
    """
  }

  @Test("every loss trains, and so does a sum of all")
  func train() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 10)
    let parts = Self.names.map { "{ wb.loss.\($0)(), 0.5 }" }.joined(separator: ", ")
    for (index, loss) in (Self.names.map { "wb.loss.\($0)()" } + ["wb.loss.combine { \(parts) }"]).enumerated() {
      let console = Console()
      try workshop.run(recipe(loss), mode: .run, console: console) {
        $0.settings = ["data": workshop.path("data")]
        $0.output = workshop.path("run-\(index)")
      }
      #expect(console.epochs.count == 1, "\(loss)")
    }
  }

  @Test("a combined loss says what it is made of")
  func text() throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      print(wb.loss.combine { wb.loss.mse(), { wb.loss.la { tau = 2 }, 0.5 } })
      """, console: console)
    #expect(console.lines == ["combine { 1 * mse{} + 0.5 * la{\"tau\":2} }"])
  }

  @Test("editors know that a combination takes losses, with weights or without")
  func stubs() {
    let text = RecipeStubs.text(RecipeSurface())
    #expect(text.contains("function wb.loss.combine(options) end"))
    let type = "workbench.options.loss.combine|(workbench.Loss|(workbench.Loss|number)[])[]"
    #expect(text.contains("---@param options \(type)"))
  }

  @Test(
    "losses that cannot be are a wrong request",
    arguments: [
      (
        "wb.loss.la { class_counts = { 1, 2, 3 } }",
        "train: the length of 'class_counts' is 3, but there are 2 classes"
      ),
      (
        "wb.loss.combine { wb.loss.ce(), { wb.loss.cbs { class_counts = { 1 } }, 2 } }",
        "train: the length of 'class_counts' is 1, but there are 2 classes"
      ),
      (
        "wb.loss.nis { class_counts = { 0, 0 } }",
        "loss.nis: 'class_counts' has only zeros; at least one must be more than 0"
      ),
      ("wb.loss.nis { class_counts = { 1, -1 } }", "loss.nis: option 'class_counts' is -1, but must be 0 or more"),
      ("wb.loss.ccm { weights = { 1, 2 } }", "loss.ccm: 'weights' must have 3 numbers, not 2"),
      ("wb.loss.fce { gama = 1 }", "loss.fce: unknown option 'gama' (did you mean 'gamma'?)"),
      ("wb.loss.combine {}", "loss.combine: at least one loss is wanted"),
      (
        "wb.loss.combine { { wb.loss.ce(), 0 } }",
        "loss.combine: 'weight' has only zeros; at least one must be more than 0"
      ),
      (
        "wb.loss.combine { wb.loss.ce(), { wb.loss.cos(), -1 } }",
        "loss.combine: entry 2 must be a loss, or { loss, weight } with a weight of 0 or more, not a list"
      ),
      (
        "wb.loss.combine { wb.optimizer.sgd() }",
        "loss.combine: entry 1 must be a loss, or { loss, weight } with a weight of 0 or more, not an optimizer"
      ),
      ("wb.loss.combine { weight = 2 }", "loss.combine: unknown option 'weight'"),
      ("wb.loss.focal()", "there is no wb.loss.focal"),
    ])
  func mistakes(loss: String, message: String) throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 10, "b": 10])
    let failure = workshop.failure(recipe(loss)) { $0.settings = ["data": workshop.path("data")] }
    #expect(failure.message == "recipe.lua:5: " + message)
    #expect(failure.exitCode == 2)
  }
}
