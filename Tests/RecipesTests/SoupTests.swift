import Foundation
import ModelFiles
import Recipes
import Testing

/// `checkpoints` of `wb.train`, and `wb.soup`.
@Suite(.serialized) struct SoupTests {
  private static let recipe = """
    local wb = require "workbench"
    local data = wb.data.folder { path = wb.param("data", ""), size = 16, split = { train = 0.6, validation = 0.2, test = 0.2 } }
    local network = wb.sequential { wb.input { 16, 16, 3 }, wb.conv2d { filters = 4, kernel = 3 }, wb.batch_norm(), wb.relu(),
      wb.global_average_pool(), wb.linear { units = #data.classes } }
    local run = wb.train { model = network, data = data, batch = 4, epochs = 5,
      optimizer = wb.optimizer.adam { learning_rate = 0.01 }, CHECKPOINTS }
    SOUP
    """

  private func recipe(_ checkpoints: String, _ soup: String) -> String {
    Self.recipe.replacingOccurrences(of: "CHECKPOINTS", with: checkpoints).replacingOccurrences(of: "SOUP", with: soup)
  }

  private func workshop() throws -> Workshop {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    return workshop
  }

  private func run(
    _ workshop: Workshop, _ text: String, mode: RecipeConfiguration.Mode = .run, resume: Bool = false,
    stop: StopSwitch = StopSwitch()
  ) throws -> Console {
    let console = Console()
    try workshop.run(text, mode: mode, console: console, stop: stop) {
      $0.settings = ["data": workshop.path("data")]
      $0.resume = resume
    }
    return console
  }

  private func failure(_ workshop: Workshop, _ text: String, mode: RecipeConfiguration.Mode = .check) -> String {
    workshop.failure(text, mode: mode) { $0.settings = ["data": workshop.path("data")] }.message
  }

  @Test("run.checkpoints names the epochs that were kept, with files and figures")
  func checkpoints() throws {
    let workshop = try workshop()
    let console = try run(
      workshop,
      recipe(
        "checkpoints = { last = 2, best = { metric = \"training.loss\" } }",
        """
        for _, c in ipairs(run.checkpoints) do
          print(c.epoch, c.path:match("[^/]+$"), c.validation.macro_f1 == run.history[c.epoch].validation.macro_f1)
        end
        print(wb.load(run.checkpoints[#run.checkpoints].path).parameters == run.last.parameters)
        print(run.checkpoints[1])
        """))
    #expect(console.lines.contains("4\tepoch-0004.safetensors\ttrue"))
    #expect(console.lines.contains("5\tepoch-0005.safetensors\ttrue"))
    #expect(console.lines.contains("true"))
    #expect(console.lines.last?.hasPrefix("the checkpoint of epoch ") == true)
    #expect(console.notes.contains { $0.hasPrefix("disk: at most ") && $0.contains("4 checkpoints of ") })
    #expect(FileManager.default.fileExists(atPath: workshop.path("run/stage-1/checkpoints/checkpoints.tsv")))
  }

  @Test("check says the disk that checkpoints take at most, and runs through a soup")
  func check() throws {
    let workshop = try workshop()
    let text = recipe(
      "checkpoints = { every_epoch = true }",
      """
      print(#run.checkpoints, run.checkpoints[5].epoch, run.checkpoints[1].validation)
      local soup = wb.soup { models = run.checkpoints, data = data, select = { percentile = 60 } }
      print(soup.value ~= soup.value, #soup.decisions, soup.model.parameters == run.best.parameters)
      wb.evaluate { model = soup.model, data = data }
      """)
    let console = try run(workshop, text, mode: .check)
    #expect(console.lines.contains { $0.hasPrefix("disk        at most ") && $0.contains("5 checkpoints of ") })
    #expect(console.lines.contains("5\t5\tnil"))
    #expect(console.lines.contains("soup 1: greedy, at most 5 models, judged by macro_f1 of 6 pictures"))
    #expect(console.lines.contains("true\t0\ttrue"))
    #expect(!FileManager.default.fileExists(atPath: workshop.path("run")))
  }

  @Test("a soup of a run's checkpoints is a model that can be evaluated and saved; the report lists its decisions")
  func soup() throws {
    let workshop = try workshop()
    let text = recipe(
      "checkpoints = { every_epoch = true }",
      """
      local soup = wb.soup { models = run.checkpoints, data = data, metric = "loss" }
      soup.model:save("kept.safetensors")
      local evaluation = wb.evaluate { model = soup.model, data = data, split = "validation" }
      wb.result("difference", math.abs(evaluation.loss - soup.value))
      evaluation:save()
      print(#soup.decisions, soup.decisions[1].decision, soup.decisions[1].value == soup.best, #soup.ingredients > 0)
      print(wb.soup { models = run, data = data, select = { best = 1 } }.value >= 0)
      """)
    let console = try run(workshop, text)
    #expect(console.lines.contains("difference 0.0000"))
    #expect(console.lines.contains("5\tkept\ttrue\ttrue"))
    #expect(console.notes.count { $0.hasPrefix("soup: ") && $0.contains(", with it ") } >= 5)
    let report = try String(contentsOfFile: workshop.path("run/report.html"), encoding: .utf8)
    #expect(report.contains("<h2>Soup</h2>"))
    #expect(report.contains("epoch-0005.safetensors"))
    let kept = try Model.load(from: workshop.path("run/kept.safetensors"))
    #expect(kept.provenance["soup"] != nil)
    for name in ["soup-1/soup.tsv", "soup-1/soup.safetensors", "soup-2/soup.tsv"] {
      #expect(FileManager.default.fileExists(atPath: workshop.path("run/" + name)), "\(name)")
    }
    // A finished soup is loaded by --resume.
    let again = try run(workshop, text, resume: true)
    #expect(!again.notes.contains { $0.contains(", with it ") })
    #expect(again.lines == console.lines)
  }

  @Test("files, models, folders and patterns are candidates, too")
  func candidates() throws {
    let workshop = try workshop()
    let soups = """
      local folder = run.checkpoints[1].path:match("(.*)/")
      local function count(models) return #wb.soup { models = models, data = data, method = "uniform" }.ingredients end
      print(count(folder), count(folder .. "/epoch-000[12].safetensors"), count { run.best, run.last },
        count { run.checkpoints[2].path, run.checkpoints[3], wb.load(run.checkpoints[4].path) })
      """
    let console = try run(workshop, recipe("checkpoints = { every_epoch = true }", soups))
    #expect(console.lines.contains("5\t2\t2\t3"))
  }

  @Test("an interrupted soup goes on with --resume")
  func resume() throws {
    let workshop = try workshop()
    let text = recipe(
      "checkpoints = { every_epoch = true }",
      "local soup = wb.soup { models = run.checkpoints, data = data } print(soup.value)")
    let stop = StopSwitch()
    let console = Console()
    console.onNote = { if $0.contains("soup: 3 of 5 ") { stop.set() } }
    #expect(throws: RecipeError.self) {
      try workshop.run(text, mode: .run, console: console, stop: stop) {
        $0.settings = ["data": workshop.path("data")]
      }
    }
    #expect(console.notes.contains { $0.contains("soup-1/soup.json, continue with --resume") })
    let resumed = try run(workshop, text, resume: true)
    #expect(!resumed.notes.contains { $0.contains("soup: 2 of 5 ") && !$0.contains("with it") })
    #expect(resumed.lines.count == 1)
  }

  @Test("what a soup or a checkpoint cannot be is said before anything is trained")
  func refused() throws {
    let workshop = try workshop()
    func message(_ checkpoints: String, _ soup: String) -> String { failure(workshop, recipe(checkpoints, soup)) }
    #expect(
      message("checkpoints = {}", "")
        .hasSuffix("train: checkpoints: one of every_epoch, every, best and last must say which epochs to keep"))
    #expect(message("checkpoints = { lasst = 2 }", "").hasSuffix("unknown option 'lasst' (did you mean 'last'?)"))
    #expect(
      message("checkpoints = { best = { metric = \"f1\" } }", "").contains("checkpoints.best: option 'metric' must be"))
    #expect(
      message("epochs = 4", "wb.soup { models = run, data = data }")
        .hasSuffix("the run has kept no checkpoints (wb.train { checkpoints = { every_epoch = true } } keeps them)"))
    #expect(
      message(
        "checkpoints = { last = 1 }", "wb.soup { models = run, data = data, select = { best = 1, threshold = 0 } }"
      )
      .hasSuffix("soup: 'select' must have one of percentile, threshold and best"))
    #expect(
      message("checkpoints = { last = 1 }", "wb.soup { models = run, data = data, metric = \"f1\" }")
        .contains("option 'metric' must be 'accuracy' or 'macro_f1' or 'aucpr' or 'loss'"))
    #expect(
      message("checkpoints = { last = 1 }", "wb.soup { models = { network }, data = data }")
        .hasSuffix("one of 'models' is a network that has not been trained"))
    #expect(
      message("checkpoints = { last = 1 }", "wb.soup { models = \"/etc\", data = data }")
        .contains("soup: '/etc' is outside the recipe's folder"))
    #expect(
      failure(
        workshop,
        """
        local wb = require "workbench"
        local data = wb.data.folder { path = wb.param("data", ""), size = 16, split = { train = 0.5, validation = 0.5 } }
        wb.soup { models = "none/*.safetensors", data = data }
        """, mode: .run
      ).hasSuffix("soup: none/*.safetensors: no models to make a soup of"))
  }

  @Test("a run whose checkpoints do not fit on the disk does not begin")
  func disk() throws {
    let workshop = try workshop()
    let text = recipe("checkpoints = { every_epoch = true }", "").replacingOccurrences(
      of: "epochs = 5", with: "epochs = 900000000")
    let failure = workshop.failure(text, mode: .run) { $0.settings = ["data": workshop.path("data")] }
    #expect(failure.message.contains("of disk, most of it for 900000000 checkpoints, but only"))
    #expect(failure.exitCode == 1)
  }
}
