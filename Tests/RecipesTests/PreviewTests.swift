import Foundation
import Recipes
import Testing

@Suite(.serialized) struct PreviewTests {
  private func recipe(_ augment: String, trainings: Int = 1) -> String {
    """
    local wb = require "workbench"
    local data = wb.data.folder { path = wb.param("data", ""), size = 16, augment = { \(augment) },
      split = { train = 0.6, validation = 0.2, test = 0.2 } }
    local network = wb.sequential { wb.input { 16, 16, 3 }, wb.conv2d { filters = 2, kernel = 3 },
      wb.global_average_pool(), wb.linear { units = #data.classes } }
    for stage = 1, \(trainings) do
      wb.train { model = network, data = data, batch = 3 + stage, epochs = 1 }
    end
    print("the end")
    """
  }

  @Test("a preview trains nothing, prints nothing, writes nothing, and shows each training's batches")
  func previews() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 10)
    let console = Console()
    let outcome = try workshop.run(
      recipe("wb.augment.flip_vertical(), wb.augment.mixup()", trainings: 2), mode: .preview, console: console
    ) { $0.settings = ["data": workshop.path("data")] }
    #expect(outcome.previews.count == 2 && outcome.folder == nil)
    #expect(console.lines == ["the end"])
    #expect(!FileManager.default.fileExists(atPath: workshop.path("run")))
    let widths = try outcome.previews.map { try $0.sheet(name: "x", batches: 1, pictures: 8).picture.width }
    #expect(widths == [8 + 4 * 136, 8 + 5 * 136])
  }

  @Test("remix counts the classes of the train split by itself")
  func remix() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 10)
    let text = recipe("wb.augment.remix { kappa = 1.5 }, wb.augment.remix { counts = 'batch' }")
    try workshop.run(text, mode: .run) { $0.settings = ["data": workshop.path("data")] }
    #expect(FileManager.default.fileExists(atPath: workshop.path("run/model.safetensors")))
  }

  @Test("class counts for other classes, and options that cannot be, are refused before anything is trained")
  func mistakes() throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 10, "b": 10])
    for (augment, message) in [
      (
        "wb.augment.remix { class_counts = { 1, 2, 3 } }",
        "recipe.lua:7: train: remix: 'class_counts' has 3 numbers, but there are 2 classes"
      ),
      ("wb.augment.solarize()", "recipe.lua:2: there is no wb.augment.solarize (did you mean 'wb.augment.solarise'?)"),
      ("wb.augment.shear { x = 9 }", "recipe.lua:2: augment.shear: option 'x' is 9, but must be from 0 to 4"),
    ] {
      let failure = workshop.failure(recipe(augment)) { $0.settings = ["data": workshop.path("data")] }
      #expect(failure.message.hasPrefix(message), "\(failure.message)")
      #expect(failure.exitCode == 2)
    }
  }
}
