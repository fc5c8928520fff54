import Foundation
import ModelFiles
import Recipes
import Testing

/// Recipes that train, on a handful of tiny pictures.
@Suite(.serialized) struct RunTests {
  private static let recipe = """
    local wb = require "workbench"
    local data = wb.data.folder { path = wb.param("data", ""), size = 16, split = { train = 0.6, validation = 0.2, test = 0.2 },
      augment = { wb.augment.flip_horizontal() } }
    local network = wb.sequential { wb.input { 16, 16, 3 }, wb.conv2d { filters = 4, kernel = 3 }, wb.batch_norm(), wb.relu(),
      wb.global_average_pool(), wb.linear { units = #data.classes } }
    local run = wb.train { model = network, data = data, batch = 4, epochs = wb.param("epochs", 3),
      optimizer = wb.optimizer.adam { learning_rate = 0.01 }, EXTRA }
    local evaluation = wb.evaluate { model = run.best, data = data }
    evaluation:save()
    wb.result("test accuracy", evaluation.accuracy)
    """

  private func recipe(_ extra: String = "") -> String {
    Self.recipe.replacingOccurrences(of: "EXTRA", with: extra)
  }

  private func modelBytes(_ workshop: Workshop, _ folder: String = "run") throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: workshop.path(folder + "/model.safetensors")))
  }

  @Test("a run leaves model, tables, report and run.json, and states its result")
  func files() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let console = Console()
    let outcome = try workshop.run(recipe(), mode: .run, console: console) {
      $0.settings = ["data": workshop.path("data")]
    }
    #expect(outcome.folder == workshop.path("run"))
    let files = try FileManager.default.contentsOfDirectory(atPath: workshop.path("run"))
    for name in [
      "run.json", "recipe.lua", "stage-1", "model.safetensors", "predictions.tsv", "confusion.tsv", "classes.tsv",
      "rejection.tsv", "report.html",
    ] { #expect(files.contains(name), "\(name)") }
    #expect(console.lines.last?.wholeMatch(of: /test accuracy [01]\.\d{4}/) != nil)
    #expect(console.epochs.count == 3)
    #expect(console.notes.contains("seed 1"))
    let json =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: workshop.path("run/run.json")))) as? [String: Any]
    #expect(json?["status"] as? String == "done")
    #expect((json?["parameters"] as? [String: String])?["epochs"] == "3")
    #expect(json?["seed"] as? Int == 1)
    let model = try Model.load(from: workshop.path("run/model.safetensors"))
    #expect(model.classes == ["bright", "dark"])
  }

  @Test("a folder that holds a run is not written over")
  func taken() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    try workshop.run(recipe(), mode: .run) { $0.settings = ["data": workshop.path("data"), "epochs": "1"] }
    let failure = workshop.failure(recipe(), mode: .run) { $0.settings = ["data": workshop.path("data")] }
    #expect(failure.message.hasSuffix("'\(workshop.path("run"))': holds a run already (--resume continues it)"))
    #expect(failure.exitCode == 2)
  }

  @Test("a run whose recipe has changed is not continued, and the message says what to do")
  func changedRecipe() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    func configure(_ configuration: inout RecipeConfiguration) {
      configuration.settings = ["data": workshop.path("data"), "epochs": "1"]
    }
    try workshop.run(recipe(), mode: .run, configure: configure)
    let failure = workshop.failure(recipe("clip_norm = 1"), mode: .run) {
      configure(&$0)
      $0.resume = true
    }
    #expect(failure.exitCode == 2)
    #expect(
      failure.message.hasSuffix(
        "the recipe has changed since this run began: restore it from \(workshop.path("run/recipe.lua")), or start anew "
          + "without --resume"))
  }

  @Test("a run folder with a damaged or lost run.json is left as it is", arguments: [true, false])
  func damagedRecord(isLost: Bool) throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    func configure(_ configuration: inout RecipeConfiguration) {
      configuration.settings = ["data": workshop.path("data"), "epochs": "1"]
    }
    try workshop.run(recipe(), mode: .run, configure: configure)
    if isLost {
      try FileManager.default.removeItem(atPath: workshop.path("run/run.json"))
    } else {
      try workshop.write("run/run.json", "{")
    }
    for resume in [true, false] {
      let failure = workshop.failure(recipe(), mode: .run) {
        configure(&$0)
        $0.resume = resume
      }
      #expect(failure.exitCode == 2)
      #expect(failure.message.contains("its run.json \(isLost ? "is missing" : "cannot be read")"))
    }
    #expect(FileManager.default.fileExists(atPath: workshop.path("run/stage-1/checkpoint.safetensors")))
  }

  @Test("a run that was interrupted and resumed ends with the same bits")
  func resume() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let hook = """
      on_epoch = function(info, state) state.count = (state.count or 0) + 1; print('state', state.count) end,
      schedule = function() return 0.01 * math.random() end
      """
    func configure(_ configuration: inout RecipeConfiguration) {
      configuration.settings = ["data": workshop.path("data"), "epochs": "4"]
    }
    try workshop.run(recipe(hook), mode: .run, configure: configure)
    let whole = try modelBytes(workshop)

    let stop = StopSwitch()
    let console = Console()
    console.onEpoch = { if console.epochs.count == 2 { stop.set() } }
    #expect {
      try workshop.run(recipe(hook), mode: .run, console: console, stop: stop) {
        configure(&$0)
        $0.output = workshop.path("other")
      }
    } throws: { error in
      guard let error = error as? RecipeError, case .interrupted = error else { return false }
      return true
    }
    let resumed = Console()
    try workshop.run(recipe(hook), mode: .run, console: resumed) {
      configure(&$0)
      $0.output = workshop.path("other")
      $0.resume = true
    }
    #expect(resumed.lines.filter { $0.hasPrefix("state") }.last == "state\t4")
    #expect(resumed.epochs.count < 4)
    #expect(try modelBytes(workshop, "other") == whole)
  }

  @Test("threads do not change a bit")
  func threads() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    for (threads, name) in [(1, "one"), (2, "two")] {
      try workshop.run(recipe(), mode: .run) {
        $0.settings = ["data": workshop.path("data"), "epochs": "2"]
        $0.threads = threads
        $0.output = workshop.path(name)
      }
    }
    #expect(try modelBytes(workshop, "one") == modelBytes(workshop, "two"))
  }

  @Test("hooks see figures and can end the training; a schedule can be a function")
  func hooks() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let console = Console()
    try workshop.run(
      recipe(
        """
        schedule = function(step) return 0.01 / (1 + step) end,
        on_batch = function(info) if info.step == 1 then print("rate", info.learning_rate) end end,
        on_epoch = function(info) print(info.epoch, info.validation.accuracy >= 0); if info.epoch == 2 then return "stop" end end
        """), mode: .run, console: console
    ) { $0.settings = ["data": workshop.path("data"), "epochs": "9"] }
    #expect(console.lines.first == "rate\t0.005")
    #expect(console.lines.contains("2\ttrue"))
    #expect(!console.lines.contains("3\ttrue"))
  }

  @Test(
    "an error in a hook names its line and ends the run as failed",
    arguments: [
      ("on_epoch = function(info) local x = nil; return x.y end", "attempt to index a nil value (local 'x')"),
      (
        "on_epoch = function() return 'go on' end",
        "'on_epoch' must return \"stop\" or nothing, not the string \"go on\""
      ),
      ("schedule = function() return 'fast' end", "the schedule function gave the string \"fast\" for step 0"),
      (
        "on_epoch = function(i, state) state.f = print end",
        "the hooks' state holds a function at 'f', which no file can keep"
      ),
      (
        "on_epoch = function(i, state) state.x = state end",
        "train: the hooks' state: a table that contains itself"
      ),
    ])
  func hookErrors(option: String, message: String) throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let failure = workshop.failure(recipe(option), mode: .run) { $0.settings = ["data": workshop.path("data")] }
    #expect(failure.message.hasPrefix("recipe.lua:"))
    #expect(failure.message.contains(message))
    #expect(failure.exitCode == 1)
  }

  @Test("repeats draw fresh partitions and print mean and deviation")
  func repeats() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      wb.repeats(3, function(seed)
        print("seed", seed)
        wb.result("test accuracy", seed / 10)
      end)
      """, mode: .run, console: console
    ) { $0.seed = 5 }
    #expect(
      console.lines == [
        "seed\t5", "test accuracy 0.5000 (repeat 1 of 3, seed 5)", "seed\t6",
        "test accuracy 0.6000 (repeat 2 of 3, seed 6)", "seed\t7", "test accuracy 0.7000 (repeat 3 of 3, seed 7)",
        "test accuracy: mean 0.6000, standard deviation 0.1000 of 3 repeats", "test accuracy 0.6000",
      ])
  }

  @Test("a model can be saved, loaded, trained on and used")
  func models() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let console = Console()
    try workshop.run(
      recipe("") + """

        run.last:save("kept.safetensors")
        local loaded = wb.load("\(workshop.path("run"))/kept.safetensors")
        print(#loaded.classes, loaded.parameters == network.parameters)
        local again = wb.train { model = loaded, data = data, epochs = 1 }
        print(#run.history, again.best_epoch, run.stop_reason, run.history[1].validation.loss > 0)
        local p = wb.predict { model = loaded, files = data.path, output = "out.tsv" }
        print(p.total, p.failed)
        print(evaluation.count, #evaluation.confusion, evaluation.per_class[1].class)
        """, mode: .run, console: console
    ) { $0.settings = ["data": workshop.path("data"), "epochs": "1"] }
    #expect(Array(console.lines.suffix(4)) == ["2\ttrue", "1\t1\tcompleted\ttrue", "30\t0", "6\t2\tbright"])
    #expect(FileManager.default.fileExists(atPath: workshop.path("run/out.tsv")))
    #expect(FileManager.default.fileExists(atPath: workshop.path("run/stage-2")))
  }

  @Test("class weights of which none counts are refused")
  func classWeights() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let failure = workshop.failure(
      recipe() + """

        wb.train { model = run.best, data = data, epochs = 1, class_weights = { 0, 0 } }
        """, mode: .run
    ) { $0.settings = ["data": workshop.path("data"), "epochs": "1"] }
    #expect(failure.message.contains("has only zeros"), "\(failure.message)")
  }

  @Test("training goes on with the model's preprocessing, and says where the data's options differ")
  func otherPreprocessing() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let console = Console()
    try workshop.run(
      recipe() + """

        local other = wb.data.folder { path = data.path, size = 16, range = { -1, 1 }, fit = "crop",
          split = { train = 0.7, validation = 0.3 } }
        wb.train { model = run.best, data = other, epochs = 1 }
        """, mode: .run, console: console
    ) { $0.settings = ["data": workshop.path("data"), "epochs": "1"] }
    #expect(
      console.notes.contains {
        $0.hasSuffix("the data's options: fit stretch, not crop; range [0.0, 1.0], not [-1.0, 1.0]")
      })
  }

  @Test("a folder that cannot be written is said before training")
  func notWritable() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    let failure = workshop.failure(recipe(), mode: .run) {
      $0.settings = ["data": workshop.path("data")]
      $0.output = "/proc/workbench-run"
    }
    #expect(failure.message.contains("run folder: '/proc/workbench-run': cannot be made"))
    #expect(failure.exitCode == 2)
  }
}
