import Foundation
import Recipes
import Testing

@Suite struct CommandLinePathTests {
  @Test("a beginning of names on the command line opens the files that begin so, and no others")
  func beginnings() throws {
    let workshop = try Workshop()
    let elsewhere = try Workshop()
    try elsewhere.write("mine-train.tsv", "a\n1\n")
    try elsewhere.write("mine-folder/a.tsv", "a\n1\n")
    // A folder of the same name is beside them, and one of them lies elsewhere.
    try elsewhere.write("mine/b.tsv", "a\n1\n")
    symlink("/etc/hostname", elsewhere.path("mine-linked.tsv"))
    try elsewhere.write("other.tsv", "a\n1\n")
    func failure(_ file: String) -> String {
      workshop.failure(
        """
        local wb = require "workbench"
        local data = wb.param("data", "")
        wb.read_table("\(elsewhere.path(file))")
        """
      ) { $0.settings = ["data": elsewhere.path("mine")] }.message
    }
    #expect(failure("mine-train.tsv") == "(no error)")
    #expect(failure("mine/b.tsv") == "(no error)")
    #expect(failure("mine-linked.tsv") == "(no error)")
    #expect(failure("mine-folder").contains("outside the recipe's folder"))
    #expect(failure("other.tsv").contains("outside the recipe's folder"))
    #expect(failure("mine-folder/a.tsv").contains("outside the recipe's folder"))
  }

  @Test("a parameter that a module declares later is known before the first training")
  func modules() throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 10, "b": 10])
    try workshop.write(
      "lib/steps.lua",
      """
      local wb = require "workbench"
      local steps = {}
      function steps.last() return wb.param("late", 1) end
      return steps
      """)
    let recipe = """
      local wb = require "workbench"
      local steps = require "lib.steps"
      local data = wb.data.folder { path = "\(workshop.path("data"))", size = 16, split = { train = 1 } }
      wb.train {
        data = data, epochs = 1,
        model = wb.sequential { wb.input { 16, 16, 3 }, wb.flatten(), wb.linear { units = 2 } },
      }
      print(steps.last())
      """
    let console = Console()
    try workshop.run(recipe, console: console) { $0.settings = ["late": "7"] }
    #expect(console.lines.last == "7")
    #expect(workshop.failure(recipe) { $0.settings = ["later": "7"] }.message.contains("no parameter 'later'"))
  }
}
