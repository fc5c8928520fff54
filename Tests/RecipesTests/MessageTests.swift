import Foundation
import Recipes
import Testing

/// Every message that a wrong recipe can get, as a person sees it.
@Suite struct MessageTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let recipe: String
    let message: String

    init(_ recipe: String, _ message: String) {
      self.recipe = recipe
      self.message = message
    }

    var testDescription: String { message }
  }

  /// The line `local wb = require "workbench"` stands above each.
  static let cases: [Case] = [
    // Options
    .init(
      "wb.conv2d { filter = 3, kernel = 5 }", "recipe.lua:2: conv2d: unknown option 'filter' (did you mean 'filters'?)"),
    .init("wb.conv2d { kernel = 5 }", "recipe.lua:2: conv2d: option 'filters' is required"),
    .init(
      "wb.conv2d { filters = 'many', kernel = 5 }",
      "recipe.lua:2: conv2d: option 'filters' must be an integer, not the string \"many\""),
    .init(
      "wb.conv2d { filters = 0, kernel = 5 }",
      "recipe.lua:2: conv2d: option 'filters' is 0, but must be from 1 to 65536"),
    .init(
      "wb.conv2d { filters = 8, kernel = 3, padding = 'full' }",
      "recipe.lua:2: conv2d: option 'padding' must be 'valid' or 'same', not the string \"full\""),
    .init(
      "wb.conv2d { filters = 8, kernel = { 3, 3, 3 } }",
      "recipe.lua:2: conv2d: 'kernel' must be one integer or a list of two, not of 3"),
    .init("wb.conv2d(8)", "recipe.lua:2: conv2d takes one table of options, as in conv2d { ... }, not 8"),
    .init(
      "wb.conv2d { 8, kernel = 3 }",
      "recipe.lua:2: conv2d: entry 1 must be an option with a name, as in name = value, not 8"),
    .init(
      "wb.sequential { nil, wb.relu() }",
      "recipe.lua:2: sequential: the table has a value at [2], after a gap; is one of the values before it nil?"),
    .init("wb.dropout { rate = 1.5 }", "recipe.lua:2: dropout: option 'rate' is 1.5, but must be from 0 to 1"),
    // Names
    .init("wb.conv2D {}", "recipe.lua:2: there is no wb.conv2D (did you mean 'wb.conv2d'?)"),
    .init("wb.loss.cee()", "recipe.lua:2: there is no wb.loss.cee (did you mean 'wb.loss.ce'?)"),
    .init("wb.optimizer.adamm {}", "recipe.lua:2: there is no wb.optimizer.adamm (did you mean 'wb.optimizer.adam'?)"),
    .init("wb.zebra()", "recipe.lua:2: there is no wb.zebra"),
    .init("wb.mine = 3", "recipe.lua:2: wb cannot be changed by assignment"),
    .init("wb.conv2d = 3", "recipe.lua:2: wb cannot be changed by assignment"),
    .init("wb.loss.ce = nil", "recipe.lua:2: wb.loss cannot be changed by assignment"),
    .init(
      "local x = wb.input { 8, 8, 3 }\nprint(x.chanels)",
      "recipe.lua:3: a node has no 'chanels' (did you mean 'channels'?)"),
    .init("local x = wb.input { 8, 8, 3 }\nx.name = 'y'", "recipe.lua:3: a node cannot be changed by assignment"),
    .init("print(#wb.input { 8, 8, 3 })", "recipe.lua:2: a node has no length"),
    .init("wb.loss.ce()(3)", "recipe.lua:2: a loss cannot be called"),
    // Nodes and shapes
    .init(
      "wb.input { 8, 'x' }",
      "recipe.lua:2: input takes 1 to 4 integers of 1 or more, as in wb.input { 256, 256, 3 }, not { 8, the string \"x\" }"
    ),
    .init(
      "wb.input { 0, 8, 3 }",
      "recipe.lua:2: input takes 1 to 4 integers of 1 or more, as in wb.input { 256, 256, 3 }, not { 0, 8, 3 }"),
    .init(
      "wb.relu()(3)", "recipe.lua:2: relu: call a layer with the node that it takes, as in wb.relu()(x), not with 3"),
    .init("local y = wb.input { 8, 8, 3 } + 1", "recipe.lua:2: only nodes can be added: this is a node and 1"),
    .init(
      "local y = wb.input { 8, 8, 3 } * wb.input { 8, 8, 3 }",
      "recipe.lua:2: the nodes belong to different inputs; a network has one"),
    .init(
      "wb.sequential {\n  wb.input { 8, 8, 3 },\n  wb.conv2d { filters = 4, kernel = 9 },\n}",
      "recipe.lua:4: layer conv2d_1 (conv2d), after input (8x8x3): a kernel of 9x9 does not fit into the input of 8x8x3"
    ),
    .init(
      "wb.sequential { wb.input { 8, 8, 3 },\n  wb.linear { units = 2, name = 'last' } }",
      "recipe.lua:3: layer last (linear), after input (8x8x3): takes a vector (put a flatten layer before it), but its "
        + "input is 8x8x3"),
    .init(
      "local x = wb.input { 8, 8, 3 }\nlocal a = wb.relu { name = 'r' } (x)\nwb.elu { name = 'r' } (a)",
      "recipe.lua:4: layer r (elu): the name is taken by an earlier layer (relu)"),
    .init(
      "wb.sequential { wb.relu(), wb.input { 8, 8, 3 } }",
      "recipe.lua:2: sequential: wb.input { height, width, channels } can only be the first entry"),
    .init("wb.sequential {}", "recipe.lua:2: sequential needs at least one layer"),
    .init(
      "wb.sequential { wb.input { 8, 8, 3 }, 'relu' }",
      "recipe.lua:2: sequential: entry 2 must be a layer, not the string \"relu\""),
    .init(
      "wb.sequential { wb.input { 8, 8, 3 }, wb.relu() }",
      "recipe.lua:2: model: the last layer must give a vector with a number for each class, but relu_1 gives 8x8x3 (put "
        + "flatten or global_average_pool, and linear, behind it)"),
    .init("wb.model { input = 3 }", "recipe.lua:2: model: option 'input' must be a node, not 3"),
    .init(
      "wb.sequential { wb.input { 4, 4, 3 }, wb.flatten(), wb.linear { units = 2 } }:layer('liner_1')",
      "recipe.lua:2: the network has no layer 'liner_1' (did you mean 'linear_1'?)"),
    // Parameters, results, repeats
    .init("wb.param(3)", "recipe.lua:2: param: the first argument must be the parameter's name, a string"),
    .init(
      "wb.param('a', print)",
      "recipe.lua:2: param 'a': the default must be a boolean, a number, a string or a list of these, not a function"),
    .init("wb.param('a', 1)\nwb.param('a', 2)", "recipe.lua:3: param 'a' was declared before, with another default"),
    .init("wb.result('x')", "recipe.lua:2: result: the second argument must be a number, not nothing"),
    .init("wb.repeats(0, print)", "recipe.lua:2: repeats: the first argument must be an integer from 1 to 1000, not 0"),
    // Data
    .init("wb.data.folder { size = 8 }", "recipe.lua:2: data.folder: option 'path' is required"),
    .init(
      "wb.data.folder { path = 'x', size = -1 }",
      "recipe.lua:2: data.folder: option 'size' is -1, but must be from 1 to 16384"),
    .init(
      "wb.data.folder { path = '/etc', size = 8 }",
      "recipe.lua:2: data.folder: '/etc' is outside the recipe's folder and the working folder; give it on the command line "
        + "(--set), or run with --trust"),
    .init(
      "wb.data.folder { path = 'nowhere-at-all', size = 8 }",
      "recipe.lua:2: data.folder: nowhere-at-all: no such file or folder"),
    .init(
      "wb.augment.flip_horizontal { probability = 2 }",
      "recipe.lua:2: augment.flip_horizontal: option 'probability' is 2, but must be from 0 to 1"),
    // Training
    .init("wb.train {}", "recipe.lua:2: train: option 'model' is required"),
    .init("wb.train { model = wb.relu() }", "recipe.lua:2: train: option 'model' must be a model, not a layer"),
    .init(
      "wb.optimizer.adam { learning_rate = 'fast' }",
      "recipe.lua:2: optimizer.adam: option 'learning_rate' must be a number, not the string \"fast\""),
    .init("wb.load(3)", "recipe.lua:2: load: the argument must be a model's path, or a table with it, not 3"),
    .init(
      "local m = wb.sequential { wb.input { 4, 4, 3 }, wb.flatten(), wb.linear { units = 2 } }\nm:save('m.safetensors')",
      "recipe.lua:3: save: 'model' is a network that has not been trained (wb.train gives run.best)"),
    .init(
      "local m = wb.sequential { wb.input { 4, 4, 3 }, wb.flatten(), wb.linear { units = 2 } }\nm:save('m.h5')",
      "recipe.lua:3: save: 'm.h5': the format '.h5' is unknown; the formats that exist are: .safetensors and .keras"),
    .init(
      "local m = wb.sequential { wb.input { 4, 4, 3 }, wb.flatten(), wb.linear { units = 2 } }\nm.summary()",
      "recipe.lua:3: summary is a method of a model: write object:summary(), with a colon"),
    // What cannot be passed
    .init(
      "local t = {}\nt.t = t\nwb.conv2d { filters = t }",
      "recipe.lua:4: a table that contains itself cannot be passed to the workbench"),
    .init(
      "local t = {}\nfor i = 1, 40 do t = { t } end\nwb.conv2d { filters = t }",
      "recipe.lua:4: a table that is nested more than 32 deep cannot be passed to the workbench"),
    .init(
      "wb.conv2d { [1.5] = 2 }",
      "recipe.lua:2: the keys of a table that is passed to the workbench must be strings or integers"),
    .init(
      "wb.conv2d { filters = coroutine.create(print) }", "recipe.lua:2: a coroutine cannot be passed to the workbench"),
    // Lua's own
    .init("local x = nil\nprint(x.y)", "recipe.lua:3: attempt to index a nil value (local 'x')"),
    .init("error 'as the author says'", "recipe.lua:2: as the author says"),
    .init("error { code = 3 }", "the recipe raised a table that is not a text"),
    .init("x = = 3", "recipe.lua:2: unexpected symbol near '='"),
    .init("local s = 'open", "recipe.lua:2: unfinished string near <eof>"),
  ]

  @Test("each mistake gets its message, and is a wrong request", arguments: cases)
  func message(_ example: Case) throws {
    let workshop = try Workshop()
    let failure = workshop.failure("local wb = require \"workbench\"\n" + example.recipe)
    #expect(failure.message == example.message)
    #expect(failure.exitCode == 2)
  }

  @Test("an error in a function names the lines that led there")
  func traceback() throws {
    let workshop = try Workshop()
    let failure = workshop.failure(
      """
      local wb = require "workbench"
      local function block(x)
        return wb.conv2d { filters = 4, kernel = 9 } (x)
      end
      local y = block(wb.input { 8, 8, 3 })
      """)
    #expect(
      failure.message == """
        recipe.lua:3: layer conv2d_1 (conv2d), after input (8x8x3): a kernel of 9x9 does not fit into the input of 8x8x3
          from recipe.lua:3: in local 'block'
          from recipe.lua:5: in main chunk
        """)
  }

  @Test("an error in a module names the module's file")
  func moduleError() throws {
    let workshop = try Workshop()
    try workshop.write(
      "lib/block.lua", "local wb = require 'workbench'\nreturn wb.conv2d { filters = 0, kernel = 1 }\n")
    let failure = workshop.failure("require 'lib.block'")
    #expect(failure.message.hasPrefix("lib/block.lua:2: conv2d: option 'filters' is 0, but must be from 1 to 65536"))
  }

  @Test("a recipe that cannot be read is named")
  func unreadable() throws {
    let workshop = try Workshop()
    let console = Console()
    func message(_ path: String) -> String {
      do {
        try RecipeRunner(RecipeConfiguration(path: path), console: console, shouldStop: { false }).run()
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message(workshop.path("none.lua")) == workshop.path("none.lua") + ": No such file or directory")
    #expect(message(workshop.folder) == workshop.folder + ": is not a file")
  }
}
