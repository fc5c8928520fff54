import Foundation
import Recipes
import Schemas
import Testing

@Suite struct StubTests {
  private static let surface = RecipeSurface(plugins: [
    RecipeSurface.Plugin(
      id: "moss", help: "Moss.",
      layers: [
        Schema(
          "pool", help: "pools\nin two lines",
          options: [
            OptionSchema("end", .integer, required: true, minimum: 1, maximum: 8, help: "| a bar"),
            OptionSchema("word", .choice(["a\"b", "c\\d"]), default: .string("a\"b"), help: ""),
          ]), Schema("repeat", help: "named like a keyword"),
      ],
      sources: [Schema("data.leaves", help: "Leaves.", options: [OptionSchema("count", .integer, help: "How many.")])])
  ])
  private static let text = RecipeStubs.text(surface)
  private static let lines = text.split(separator: "\n").map(String.init)

  /// The lines from `---@class name` to the next line that is no annotation.
  private static func annotations(ofClass name: String) -> [String] {
    let start = lines.firstIndex { $0 == "---@class \(name)" || $0 == "---@class (exact) \(name)" }
    guard let start else { return [] }
    return Array(lines[(start + 1)...].prefix { $0.hasPrefix("---@field") || $0.hasPrefix("---@o") })
  }

  @Test("everything in wb has a stub, and every stub is in wb")
  func completeness() throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      local function list(t, prefix)
        for name, value in pairs(t) do
          if type(value) == "table" then list(value, prefix .. name .. ".") else print(prefix .. name) end
        end
      end
      list(wb, "")
      """, console: console)
    let surface = RecipeSurface()
    #expect(console.lines.sorted() == (surface.functions.map(\.name) + surface.constants.map(\.name)).sorted())
    let text = RecipeStubs.text(surface)
    for function in surface.functions { #expect(text.contains("\nfunction wb.\(function.name)("), "\(function.name)") }
    for constant in surface.constants { #expect(text.contains("---@field \(constant.name) ")) }
  }

  @Test("every option of every schema is a field, with ? where it may be left out")
  func options() {
    for function in Self.surface.functions {
      guard let schema = function.schema else { continue }
      let fields = Self.annotations(ofClass: "workbench.options.\(schema.name)").filter { $0.hasPrefix("---@field") }
      let names = fields.map { $0.split(separator: " ")[1] }.filter { $0 != "[integer]" }
      #expect(
        names.map(String.init)
          == schema.options.map { ($0.name == "end" ? "[\"end\"]" : $0.name) + ($0.isRequired ? "" : "?") },
        "\(schema.name)")
      #expect(fields.allSatisfy { !$0.contains("  ") }, "\(schema.name)")
    }
  }

  @Test(
    "types, ranges and defaults are there",
    arguments: [
      "---@field kernel integer|integer[] ", "---@field [integer] integer?",
      "---@param options workbench.options.sequential|(workbench.Layer|workbench.Node)[]",
      "---@field padding? \"valid\"|\"same\" ",
      "---@field schedule? workbench.Schedule|(fun(step: integer): number) ",
      "---@field on_epoch? (fun(info: workbench.EpochInfo, state: table): \"stop\"?) ",
      "---@field split? workbench.options.split ", "---@field stop? workbench.options.stop ",
      "---@field augment? workbench.Augmentation[] ", "---@field classes? string[] ",
      "---@field class_weights? \"none\"|\"balanced\"|number[] ", "---@field validation? workbench.ValidationFigures ",
      "---@field history workbench.EpochInfo[] ", "---@field confusion integer[][] ",
      "---@field counts table<string, integer> ", "---@operator add(workbench.Node): workbench.Node",
      "---@class workbench.Sequential: workbench.Model, workbench.Layer", "---@return T[]",
      "---@field [\"end\"] integer | a bar. 1 to 8.", "---@field word? \"a\\\"b\"|\"c\\\\d\" Default: `\"a\\\"b\"`.",
      "---@param options? workbench.options.relu", "---@param options workbench.options.conv2d",
      "wb[\"repeat\"] = function(options) end", "---@overload fun(id: \"moss\"): workbench.plugin.moss",
      "---@class workbench.plugin.moss: workbench.Plugin",
      "---@field pool fun(options: workbench.options.pool): workbench.Layer Pools in two lines.",
      "---@field leaves fun(options?: workbench.options.data.leaves): workbench.Dataset Leaves.",
      "---@field [\"repeat\"] fun(options?: workbench.options.repeat): workbench.Layer ",
      "function wb.data.leaves(options) end", "--- Pools in two lines.",
      "---@param path string|workbench.options.load The file, or a table with it.", "---@param help? string One line",
      "---@param default? T A boolean",
    ])
  func forms(line: String) {
    #expect(Self.lines.contains { $0.hasPrefix(line) })
  }

  @Test("every line is an annotation of the documented form, or Lua that runs")
  func grammar() throws {
    // https://luals.github.io/wiki/annotations
    let type = #"(?:[A-Za-z_][\w.]*(?:<[^>]*>)?|"(?:[^"\\]|\\.)*"|\(.*\)|fun\(.*\)(?:: ?[^ ]+)?)(?:\[\])*\??"#
    let forms = try [
      #"---@meta"#, #"---@generic T"#, "---@class (\\(exact\\) )?[A-Za-z][\\w.]*(: [\\w.]+(, [\\w.]+)*)?",
      "---@field (\\w+\\??|\\[integer\\]|\\[\"\\w+\"\\]) \(type)(\\|\(type))*( .*)?",
      "---@param \\w+\\?? \(type)(\\|\(type))*( .*)?", "---@return \(type)(\\|\(type))*",
      "---@operator (add|mul)\\([\\w.]+\\): [\\w.]+", "---@overload fun\\(.*\\): [\\w.]+",
    ].map { try Regex("^" + $0 + "$") }
    let annotations = Self.lines.filter { $0.hasPrefix("---@") }
    #expect(annotations.count > 300)
    for line in annotations {
      #expect(forms.contains { line.wholeMatch(of: $0) != nil }, "\(line)")
    }
    #expect(Self.lines.filter { $0.hasPrefix("---") && !$0.hasPrefix("---@") }.allSatisfy { $0.hasPrefix("--- ") })
    let workshop = try Workshop()
    try workshop.write("stubs.lua", Self.text)
    let console = Console()
    try workshop.run("print(type(require('stubs').data.leaves))", console: console)
    #expect(console.lines == ["function"])
  }

  @Test("every type that is named is declared, and none twice")
  func closure() {
    let declared = Self.lines.filter { $0.hasPrefix("---@class") }.map {
      $0.replacingOccurrences(of: "(exact) ", with: "").split(separator: " ")[1].filter { $0 != ":" }
    }
    #expect(Set(declared).count == declared.count)
    let named = Self.lines.filter { $0.hasPrefix("---@") }.flatMap { line in
      line.matches(of: /workbench\.[A-Za-z_.0-9]*[A-Za-z_0-9]/).map { String($0.output) }
    }
    #expect(named.count > 100)
    for name in Set(named) { #expect(declared.contains(name), "\(name)") }
  }

  @Test("objects have the properties and methods that they declare")
  func objects() throws {
    let workshop = try Workshop()
    try workshop.writeEmptyClasses(["a": 10, "b": 10])
    let classes = RecipeSurface().classes
    let names = ["dataset": "data", "node": "x", "layer": "l", "model": "m", "run": "r", "evaluation": "e"]
    var checks: [String] = []
    for type in classes {
      guard let object = names["\(type.kind)"] else { continue }
      checks += type.properties.map { "assert(\(object).\($0.name) ~= false)" }
      checks += type.methods.map { "assert(type(\(object).\($0.name)) == 'function', '\($0.name)')" }
    }
    #expect(checks.count > 40)
    try workshop.run(
      """
      local wb = require "workbench"
      local data = wb.data.folder { path = wb.param("data", ""), size = 8, split = { train = 0.7, validation = 0.2, test = 0.1 } }
      local x = wb.input { 8, 8, 3 }
      local l = wb.linear { units = 2 }
      local m = wb.model { input = x, output = l(wb.flatten()(x)) }
      local r = wb.train { model = m, data = data }
      local e = wb.evaluate { model = r.best, data = data }
      \(checks.joined(separator: "\n"))
      """
    ) { $0.settings = ["data": workshop.path("data")] }
  }
}
