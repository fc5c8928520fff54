import Foundation
import ModelFiles
import Recipes
import Tensors
import Testing

/// `model:copy_weights`, `model:train_from`, `model:freeze`, and learning rates of layers.
@Suite struct TransferTests {
  private static let header = """
    local wb = require "workbench"
    local function network(width, classes)
      local input = wb.input { 16, 16, 3 }
      local x = wb.conv2d { name = "stem", filters = 4, kernel = 4, stride = 4 } (input)
      x = wb.conv2d { name = "wide", filters = width, kernel = 1, activation = "relu" } (x)
      x = wb.global_average_pool { name = "gap" } (x)
      return wb.model { input = input, output = wb.linear { name = "head", units = classes } (x), name = "net" }
    end

    """

  @Test("copy_weights says what was copied, what not and why, and gives it as a table", arguments: [true, false])
  func report(isChecking: Bool) throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run(
      Self.header + """
        local from = wb.initialize { model = network(4, 2) }
        local model = network(6, 2)
        local report = model:copy_weights { from = from, except = { "he*" } }
        print(report.layers, report.parameters, report.copied[1], report.not_copied.wide, report.not_copied.head)
        print(report.text == tostring(report.text), #report.unused)
        """, mode: isChecking ? .check : .run, console: console)
    #expect(
      console.lines == ["1\t196\tstem\tkernel of shape 1x1x4x6 here, 1x1x4x4 there\texcepted", "true\t0"])
    #expect(
      console.notes.contains(
        """
        copy_weights: net to net: copied 1 of 3 layers, 196 of 240 numbers
          kernel of shape 1x1x4x6 here, 1x1x4x4 there: wide
          excepted: head
        """), "\(console.notes)")
  }

  @Test(
    "what cannot be is refused with the nearest name",
    arguments: [
      ("model:copy_weights { from = model }", "copy_weights: 'from' is a network that has no numbers yet"),
      (
        "model:copy_weights { from = from, except = { 'haed' } }",
        "copy_weights: the network has no layer 'haed' (did you mean 'head'?)"
      ),
      ("model:copy_weights { from = from, only = { 'x*' } }", "copy_weights: the network has no layer 'x*'"),
      (
        "model:copy_weights { from = from, strict = true }",
        "copy_weights: layer wide cannot be copied: kernel of shape 1x1x4x6 here, 1x1x4x4 there (and 1 more)"
      ),
      (
        "model:copy_weights { from = from, only = { 'wide' } }",
        "copy_weights: nothing can be copied from net; not among those asked for: stem, head; kernel of shape"
      ),
      ("model:copy_weights { form = from }", "copy_weights: unknown option 'form' (did you mean 'from'?)"),
      ("model:train_from('gat')", "train_from: the network has no layer 'gat' (did you mean 'gap'?)"),
      ("model:train_from(3)", "train_from: the argument must be a layer's name, not 3"),
      ("model:freeze {}", "freeze: the argument must be a list of layers' names, as in { \"conv2d_1\" }"),
      ("model:freeze { 'gap' }", "freeze: no layer that is named 'gap' has parameters"),
      ("model:unfreeze { 'stam' }", "unfreeze: the network has no layer 'stam' (did you mean 'stem'?)"),
    ])
  func refused(line: String, message: String) throws {
    let failure = try Workshop().failure(
      Self.header + """
        local from, model = wb.initialize { model = network(4, 2) }, network(6, 2)
        \(line)
        """)
    #expect(failure.message.hasPrefix("recipe.lua:10: " + message), "\(failure.message)")
    #expect(failure.exitCode == 2)
  }

  @Test("train_from, freeze and unfreeze change what the model calls trainable, and what check prints")
  func trainable() throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 20, "b": 20])
    let console = Console()
    let outcome = try workshop.run(
      Self.header + """
        local data = wb.data.folder { path = wb.param("data", ""), size = 16,
          split = { train = 0.6, validation = 0.2, test = 0.2 } }
        local model = network(4, 2)
        print(model.trainable, #model.frozen)
        print(model:train_from("gap").trainable, table.concat(model.frozen, " "))
        print(model:unfreeze { "w*" }.trainable, model:freeze("head").trainable, model:unfreeze().trainable)
        wb.train { model = model:train_from("head"), data = data, layer_decay = 0.75,
          learning_rate_factors = { head = 10, ["*"] = 0.5 } }
        """, console: console
    ) { $0.settings = ["data": workshop.path("data")] }
    #expect(Array(console.lines.prefix(3)) == ["226\t0", "10\tstem wide", "30\t20\t226"])
    #expect(console.lines.contains("10 trainable parameters, 216 frozen"))
    #expect(console.lines.contains { $0.hasPrefix("stem") && $0.hasSuffix("196  frozen") })
    #expect(outcome.networks[0].frozen == ["stem", "wide"])
  }

  @Test(
    "training with nothing to learn, or with factors that cannot be, is refused",
    arguments: [
      ("model = network(4, 2):freeze { '*' }", "train: every layer of 'model' is frozen: there is nothing to train"),
      (
        "model = network(4, 2), learning_rate_factors = { heed = 2 }",
        "train: 'learning_rate_factors': the network has no layer 'heed' (did you mean 'head'?)"
      ),
      (
        "model = network(4, 2), learning_rate_factors = { head = 'ten' }",
        "train: the learning rate factor of 'head' must be a number of 0 or more"
      ),
      ("model = network(4, 2), layer_decay = 2", "train: option 'layer_decay' is 2, but must be"),
    ])
  func refusedTraining(arguments: String, message: String) throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 20, "b": 20])
    let failure = workshop.failure(
      Self.header + """
        wb.train { data = wb.data.folder { path = wb.param("data", ""), size = 16,
          split = { train = 0.6, validation = 0.2, test = 0.2 } }, \(arguments) }
        """
    ) { $0.settings = ["data": workshop.path("data")] }
    #expect(failure.message.hasPrefix("recipe.lua:9: " + message), "\(failure.message)")
  }

  @Test("a transplant: copied layers are frozen and keep their numbers, the others learn; then all of them do")
  func transplant() throws {
    let workshop = try Workshop()
    try workshop.writePictures(eachClass: 15)
    try workshop.run(
      Self.header + """
        local data = wb.data.folder { path = wb.param("data", ""), size = 16, duplicates = false,
          split = { train = 0.6, validation = 0.2, test = 0.2 } }
        local from = wb.initialize { model = network(4, 7) }
        from:save("from.safetensors")
        local model = network(4, 2)
        model:copy_weights { from = from, except = { "head" }, freeze = true }
        local settings = { model = model, data = data, epochs = 1, batch = 8, learning_rate_factors = { head = 2 } }
        local first = wb.train(settings)
        first.last:save("first.safetensors")
        local again = first.last
        print(again.trainable)
        wb.train { model = again:train_from("wide"), data = data, epochs = 1, batch = 8 }.last:save("second.safetensors")
        local other = wb.load(wb.param("other", ""))
        other:copy_weights { from = from, only = { "stem" } }
        other:save("other.safetensors")
        """, mode: .run
    ) { $0.settings = ["data": workshop.path("data"), "other": workshop.path("run/first.safetensors")] }
    func numbers(_ name: String, _ layer: String) throws -> [Float] {
      let model = try Model.load(from: workshop.path("run/\(name).safetensors"), pool: WorkerPool(workerCount: 1))
      return try #require(model.parameters["\(layer).kernel"]).values
    }
    #expect(try numbers("first", "stem") == numbers("from", "stem"))
    #expect(try numbers("first", "wide") == numbers("from", "wide"))
    #expect(try numbers("second", "stem") == numbers("from", "stem"))
    #expect(try numbers("second", "wide") != numbers("from", "wide"))
    #expect(try numbers("second", "head") != numbers("first", "head"))
    #expect(try numbers("other", "stem") == numbers("from", "stem"))
    let record = try String(contentsOfFile: workshop.path("run/run.json"), encoding: .utf8)
    let stages = try #require(
      (JSONSerialization.jsonObject(with: Data(record.utf8)) as? [String: Any])?["stages"] as? [[String: Any]])
    #expect(stages.map { $0["frozen"] as? [String] } == [["stem", "wide"], ["stem"]])
    #expect((stages[0]["learning_rate_factors"] as? [String: Double]) == ["head": 2])
  }
}
