import Foundation
import Recipes
import Testing

/// What a recipe may not do, and what always stops it.
@Suite struct SandboxTests {
  @Test(
    "what could touch the machine is refused by name",
    arguments: [
      ("os.execute('ls')", "os.execute"), ("os.exit(0)", "os.exit"), ("os.remove('x')", "os.remove"),
      ("os.getenv('HOME')", "os.getenv"), ("io.open('/etc/passwd')", "io.open"), ("io.popen('ls')", "io.popen"),
      ("io.write('x')", "io.write"), ("dofile('x.lua')", "dofile"), ("loadfile('x.lua')", "loadfile"),
      ("package.loadlib('libc.so.6', '*')", "package.loadlib"), ("debug.getregistry()", "debug.getregistry"),
      ("debug.sethook()", "debug.sethook"), ("string.dump(print)", "string.dump"),
    ])
  func refused(call: String, name: String) throws {
    let workshop = try Workshop()
    let failure = workshop.failure(call)
    #expect(failure.message == "recipe.lua:1: \(name) is not available to recipes (run with --trust to allow it)")
    #expect(failure.exitCode == 2)
  }

  @Test("--trust opens them")
  func trusted() throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run("print(type(io.open), os.getenv('PATH') ~= nil)", console: console) { $0.trust = true }
    #expect(console.lines == ["function\ttrue"])
  }

  @Test("bytecode is refused, as a recipe, a module and a text")
  func bytecode() throws {
    let workshop = try Workshop()
    let chunk = "\u{1B}LuaS"
    let refusal = "attempt to load a binary chunk (mode is 't')"
    #expect(workshop.failure(chunk).message.hasSuffix(refusal))
    try workshop.write("binary.lua", chunk)
    #expect(workshop.failure("require 'binary'").message.hasSuffix(refusal))
    let console = Console()
    try workshop.run("print(load('\\27LuaS'))", console: console)
    #expect(console.lines.first?.hasSuffix(refusal) == true)
  }

  @Test(
    "require looks beside the recipe and among the libraries, and nowhere else",
    arguments: ["../secret", "/etc/passwd", "a..b", ".hidden", "a/b"])
  func requireNames(name: String) throws {
    let workshop = try Workshop()
    #expect(workshop.failure("require '\(name)'").message.contains("is not a module name"))
  }

  @Test("a module is run once and gives the same value each time")
  func requireTwice() throws {
    let workshop = try Workshop()
    try workshop.write("library/counted.lua", "print('loaded'); return { 3 }")
    let console = Console()
    try workshop.run("assert(require 'counted' == require 'counted')", console: console) {
      $0.libraryFolders = [workshop.path("library")]
    }
    #expect(console.lines == ["loaded"])
    #expect(workshop.failure("require 'none'").message.hasPrefix("recipe.lua:1: there is no module 'none' in "))
    try workshop.write("a.lua", "return require 'b'")
    try workshop.write("b.lua", "return require 'a'")
    #expect(workshop.failure("require 'a'").message.contains("module 'a' requires itself"))
  }

  @Test(
    "an endless loop stops when it is told to, whatever it does about it",
    arguments: [
      "while true do end",
      "while true do pcall(function() while true do end end) end",
      "local function f() while true do end end while true do xpcall(f, f) end",
      "while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end",
      "local t = setmetatable({}, { __index = function() while true do end end }) while true do pcall(function() return t.x end) end",
      "local co = coroutine.create(function() while true do coroutine.yield() end end) while true do coroutine.resume(co) end",
      "require('workbench').repeats(1, function() while true do pcall(error) end end)",
    ])
  func endlessLoop(recipe: String) throws {
    let workshop = try Workshop()
    #expect {
      try workshop.run(recipe, stop: StopSwitch(afterQuestions: 3))
    } throws: { error in
      guard let error = error as? RecipeError, case .interrupted = error else { return false }
      return error.exitCode == 130
    }
  }

  @Test("deep recursion is an error, not a crash")
  func recursion() throws {
    let workshop = try Workshop()
    #expect(workshop.failure("local function f() return 1 + f() end\nf()").message.contains("stack overflow"))
    // Through C and Swift, again and again.
    let deep = """
      local wb = require "workbench"
      local t = setmetatable({}, {})
      getmetatable(t).__tostring = function() print(t); return "t" end
      wb.repeats(1, function() print(t) end)
      """
    #expect(workshop.failure(deep).message.contains("C stack overflow"))
    // A parser's recursion.
    let nested = "return " + String(repeating: "(", count: 300) + "1" + String(repeating: ")", count: 300)
    #expect(workshop.failure(nested).exitCode == 2)
  }

  @Test(
    "memory ends at the limit",
    arguments: [
      "local s = ('x'):rep(1e10)", "local s = 'x' while true do s = s .. s end",
      "local t = {} for i = 1, 1e9 do t[i] = {} end",
      "while true do pcall(string.rep, 'x', 1e10) error('done') end",
    ])
  func memory(recipe: String) throws {
    let workshop = try Workshop()
    let failure = workshop.failure(recipe) { $0.memoryLimit = 32 << 20 }
    if recipe.contains("done") {
      #expect(failure.message == "recipe.lua:1: done")
    } else {
      #expect(
        failure.message == "recipe.lua: not enough memory (a recipe may use 32 MB)"
          || failure.message.hasSuffix("resulting string too large"))
    }
    #expect(failure.exitCode == 2)
  }

  @Test("finalisers, which nothing could stop, are refused")
  func finalisers() throws {
    let workshop = try Workshop()
    #expect(
      workshop.failure("setmetatable({}, { __gc = function() while true do end end })").message
        == "recipe.lua:1: a recipe cannot have finalisers ('__gc')")
  }

  @Test("the metatables of objects are out of reach")
  func metatables() throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      local x = wb.input { 8, 8, 3 }
      print(getmetatable(x), getmetatable(wb), pcall(setmetatable, wb, {}))
      """, console: console)
    #expect(console.lines == ["node\twb\tfalse\tcannot change a protected metatable"])
  }

  @Test("an error within a callback within a coroutine arrives with its position")
  func callbackInCoroutine() throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      local co = coroutine.create(function()
        wb.repeats(1, function()
          wb.conv2d { filters = 0, kernel = 1 }
        end)
      end)
      print(coroutine.resume(co))
      print(coroutine.status(co))
      -- A hook cannot be left by yielding: Swift stands in between.
      print(coroutine.resume(coroutine.create(function() wb.repeats(1, coroutine.yield) end)))
      -- After all that the state is as good as new.
      print(wb.input { 4, 4, 3 })
      """, console: console)
    #expect(console.lines.count == 4)
    #expect(
      console.lines[0]
        == "false\trecipe.lua:4: conv2d: option 'filters' is 0, but must be from 1 to 65536")
    #expect(console.lines[1] == "dead")
    #expect(console.lines[2].contains("attempt to yield across a C-call boundary"))
    #expect(console.lines[3] == "input (4x4x3)")
  }

  @Test("a recipe can catch an error and go on")
  func caught() throws {
    let workshop = try Workshop()
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      print(pcall(wb.conv2d, { filters = 0, kernel = 1 }))
      local ok, message = pcall(function() return wb.nothing end)
      print(ok, message)
      """, console: console)
    #expect(
      console.lines == [
        "false\trecipe.lua:2: conv2d: option 'filters' is 0, but must be from 1 to 65536",
        "false\trecipe.lua:3: there is no wb.nothing",
      ])
  }

  @Test("objects die when a recipe lets go of them")
  func collection() throws {
    var settings = LuaRuntime.Settings()
    settings.memoryLimit = 32 << 20
    let runtime = try LuaRuntime(
      settings,
      callbacks: .init(
        print: { _ in }, shouldStop: { false }, missing: { _, _ in RequestError.outOfMemory }, add: { a, _ in a },
        multiply: { a, _ in a }))
    var made = 0
    try runtime.define("make") { _ in
      made += 1
      return .object(Thing())
    }
    try runtime.run(
      Array("local wb = require 'workbench'; kept = wb.make(); for i = 1, 1000 do wb.make() end collectgarbage()".utf8),
      name: "test.lua")
    #expect(made == 1001)
    #expect(runtime.objectCount == 1)
    try runtime.run(Array("kept = nil; collectgarbage()".utf8), name: "test.lua")
    #expect(runtime.objectCount == 0)
  }

  private final class Thing: RecipeObject {
    static let kind = RecipeKind.loss
    static let help = "A thing."
    var text: String { "thing" }
  }

  @Test("values pass unchanged both ways")
  func values() throws {
    var seen: LuaValue = .none
    let runtime = try LuaRuntime(
      LuaRuntime.Settings(),
      callbacks: .init(
        print: { _ in }, shouldStop: { false }, missing: { _, _ in RequestError.outOfMemory }, add: { a, _ in a },
        multiply: { a, _ in a }))
    try runtime.define("same") { call in
      seen = call[0]
      return call[0]
    }
    try runtime.run(
      Array(
        #"""
        local wb = require "workbench"
        local function f() end
        for _, v in ipairs { 1, -7, 2.5, 1e300, true, false, "a\0b", "", math.maxinteger, math.mininteger, f } do
          assert(wb.same(v) == v)
        end
        assert(math.type(wb.same(3)) == "integer" and math.type(wb.same(3.0)) == "float")
        assert(wb.same(0/0) ~= wb.same(0/0))
        local t = wb.same { 1, { "x", y = 2 }, name = "n" }
        assert(t[1] == 1 and t[2][1] == "x" and t[2].y == 2 and t.name == "n" and #t == 2)
        wb.same { b = 1, a = 2, 10, 20 }
        """#.utf8), name: "test.lua")
    guard case .table(let table) = seen else {
      Issue.record("no table")
      return
    }
    #expect(table.list.count == 2)
    #expect(table.fields.keys.sorted() == ["a", "b"])
  }

  @Test("random numbers follow the seed")
  func randomSeed() throws {
    let workshop = try Workshop()
    func draw(_ seed: Int) throws -> [String] {
      let console = Console()
      try workshop.run("print(math.random(1 << 40), math.random())", console: console) { $0.seed = seed }
      return console.lines
    }
    #expect(try draw(3) == draw(3))
    #expect(try draw(3) != draw(4))
  }
}
