import HerbariumSheets
import PluginTestSupport
import Testing

@Suite("herbarium_sheets, the data source") struct SheetSourceTests {
  private let plugin: LoadedPlugin
  init() throws { plugin = try LoadedPlugin("herbarium_sheets") }

  private func open(_ options: [String: OptionValues.Value] = [:]) throws -> OpenSource {
    try OpenSource(plugin.source("herbarium_sheets"), options)
  }

  @Test("the plugin names itself, and answers to no capability that it does not have")
  func names() {
    #expect(String(cString: plugin.plugin.pointee.id) == "herbarium_sheets")
    #expect(plugin.capability("workbench.layers/1") == nil)
    #expect(plugin.capability("workbench.sources/2") == nil)
    #expect(plugin.capability("workbench.sources/1") == plugin.capability("workbench.sources/1"))
  }

  @Test("the classes are those of the task, and labels, groups and pictures those of the painter")
  func drawsSheets() throws {
    for task in SheetTask.allCases {
      let source = try open([
        "task": .word(task.rawValue), "seed": .integer(9), "sheets": .integer(40), "sheets_per_collection": .integer(5),
        "severity": .numbers([0.5, 0.5]),
      ])
      let painter = SheetPainter(SheetSettings(task: task, seed: 9, severity: 0.5...0.5, sheetsPerCollection: 5))
      #expect(try source.classes == task.classes)
      #expect(source.count == 40)
      #expect(source.isThreadSafe && !source.variesByEpoch)
      for index in [0, 7, 39] {
        let sample = try source.describe(index)
        #expect(sample.label == painter.label(index))
        #expect(sample.group == "collection \(index / 5)")
        #expect(sample.name.hasPrefix("sheet 000") && sample.name.contains(painter.growthForm(index)))
        #expect(try source.read(index, size: 40).bytes == painter.draw(index, size: 40))
        #expect(try source.read(index, epoch: 3, size: 40).bytes == painter.draw(index, size: 40))
      }
    }
  }

  @Test("sheets are square, of the size that is wanted as far as it can be drawn", arguments: [0, 1, 33, 5000])
  func sizes(wanted: Int) throws {
    let picture = try open(["sheets": .integer(2)]).read(1, size: wanted)
    #expect(picture.width == [0: 256, 1: 32, 33: 33, 5000: 2048][wanted])
    #expect(picture.bytes.count == picture.width * picture.height * 3)
    #expect(try open(["drawn_size": .integer(64)]).read(1, size: wanted).width == 64)
  }

  @Test("four threads draw what one draws")
  func threads() async throws {
    let source = try open()
    let painter = SheetPainter()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<24 {
        group.addTask { try source.read(index, size: 48).bytes == painter.draw(index, size: 48) }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test("two sources may be open at once")
  func twoSources() throws {
    let first = try open(["seed": .integer(1)])
    let second = try open(["seed": .integer(2)])
    #expect(try first.read(0, size: 32) != second.read(0, size: 32))
    #expect(try first.read(0, size: 32) == open().read(0, size: 32))
  }

  @Test("options beyond the schema's say, and samples that are not there, are refused with a sentence")
  func badRequests() throws {
    for severity in [[], [0.5], [0.8, 0.2], [0, 2], [0, 0.5, 1]] {
      #expect(
        throws: PluginFailure(
          status: 1, message: "severity: must be two numbers within 0 ... 1, the smaller one first")
      ) { try open(["severity": .numbers(severity)]) }
    }
    #expect(throws: PluginFailure(status: 1, message: "drawn_size: is 31, must be 32 to 2048")) {
      try open(["drawn_size": .integer(31)])
    }
    #expect(throws: PluginFailure(status: 1, message: "task: must be stained or families")) {
      try open(["task": .word("mosses")])
    }
    let source = try open(["sheets": .integer(10)])
    #expect(throws: PluginFailure(status: 3, message: "there is no sheet 10: there are 10")) { try source.read(10) }
    #expect(throws: PluginFailure(status: 3, message: "there is no sheet 10: there are 10")) { try source.describe(10) }
    #expect(throws: PluginFailure(status: 3, message: "there is no class 2")) { try source.className(2) }
  }
}
