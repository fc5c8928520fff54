import Foundation
import Recipes
import Testing

/// `wb.train { distillation = ... }`.
@Suite struct DistillationRecipeTests {
  private static let header = """
    local wb = require "workbench"
    local function network(classes)
      local input = wb.input { 16, 16, 3 }
      local x = wb.conv2d { filters = 4, kernel = 4, stride = 4 } (input)
      x = wb.global_average_pool()(x)
      return wb.model { input = input, output = wb.linear { units = classes } (x) }
    end
    local data = wb.data.folder {
      path = wb.param("data", ""), size = 16, split = { train = 0.6, validation = 0.4 }, duplicates = false,
      augment = wb.param("mixed", false) and { wb.augment.mixup() } or {},
    }
    """

  private func recipe(_ distillation: String) -> String {
    DistillationRecipeTests.header + """

      wb.train { model = network(2), data = data, batch = 4, epochs = 1, distillation = \(distillation) }
      """
  }

  @Test("a student learns from a model of this recipe, or from a loaded one; check knows it before it has numbers")
  func learns() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 10)
    let text =
      DistillationRecipeTests.header + """

        local teacher = wb.train { model = network(2), data = data, batch = 4, epochs = 1 }.best
        teacher:save("teacher.safetensors")
        wb.train { model = network(2), data = data, batch = 4, epochs = 1, distillation = { teacher = teacher } }
        """
    let settings = ["data": workshop.path("data")]
    try workshop.run(text) { $0.settings = settings }
    let console = Console()
    try workshop.run(text, mode: .run, console: console) { $0.settings = settings }
    #expect(console.epochs.count == 2)
    try workshop.run(
      recipe("{ teacher = wb.load(\"\(workshop.path("run/teacher.safetensors"))\"), temperature = 2, cache = true }"),
      mode: .run
    ) {
      $0.settings = settings
      $0.output = workshop.path("second")
    }
  }

  @Test(
    "a teacher that cannot teach is a wrong request, also under check",
    arguments: [
      ("{}", "option 'teacher' is required"),
      ("{ teacher = network(2) }", "is a network without numbers"),
      ("{ teacher = wb.initialize { model = network(3) } }", "the teacher has 3 classes, but the student 2"),
      (
        "{ teacher = wb.initialize { model = network(2), classes = { \"bright\", \"dim\" } } }",
        "the teacher does not know the student's classes 'dark'"
      ),
      ("{ teacher = wb.initialize { model = network(2) }, weight = 0 }", "nothing would be learnt"),
      ("{ teacher = wb.initialize { model = network(2) }, temprature = 2 }", "did you mean 'temperature'?"),
      ("{ teacher = wb.initialize { model = network(2) }, cache = true }", "the augmentations mix pictures"),
    ], [true, false])
  func refused(part: (distillation: String, message: String), isChecking: Bool) throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 5)
    let failure = workshop.failure(recipe(part.distillation), mode: isChecking ? .check : .run) {
      $0.settings = ["data": workshop.path("data"), "mixed": "\(part.distillation.contains("cache"))"]
    }
    #expect(failure.message.contains(part.message), "\(failure.message)")
    // A model that was made before is work that has begun.
    if isChecking { #expect(failure.exitCode == 2) }
  }
}
