import PluginTestSupport
import Testing

@Suite("fractals, the data source") struct FractalsSourceTests {
  private let plugin: LoadedPlugin
  init() throws { plugin = try LoadedPlugin("fractals") }

  private func open(_ options: [String: OptionValues.Value]) throws -> OpenSource {
    try OpenSource(plugin.source("fractals"), ["categories": .integer(6)].merging(options) { $1 })
  }

  @Test("a category is a class with one sample")
  func oneInstance() throws {
    let source = try open([:])
    #expect(source.count == 6)
    #expect(try source.classes == (0..<6).map { "fractal 0000\($0), seed 1, 2D" })
    #expect(try open(["seed": .integer(7)]).classes.first == "fractal 00000, seed 7, 2D")
    #expect(try source.describe(3) == .init(label: 3, name: "fractal 00003", group: ""))
    #expect(source.isThreadSafe && !source.variesByEpoch)
    let picture = try source.read(3, size: 40)
    #expect(picture.width == 40 && picture.height == 40 && picture.bytes.count == 40 * 40 * 3)
    #expect(try source.read(3, epoch: 9, size: 40) == picture)
    #expect(try source.read(2, size: 40) != picture)
  }

  @Test("instances of a flat fractal have patches of their own, new ones each epoch if asked for")
  func flatInstances() throws {
    let source = try open(["instances": .integer(3)])
    #expect(source.count == 18)
    #expect(try source.describe(7) == .init(label: 2, name: "fractal 00002, instance 1", group: ""))
    let three = try (6..<9).map { try source.read($0, size: 32) }
    #expect(three[0] != three[1] && three[1] != three[2] && three[0] != three[2])
    #expect(try source.read(7, epoch: 4, size: 32) == three[1])
    let redrawn = try open(["instances": .integer(3), "redraw_patches": .boolean(true)])
    #expect(redrawn.variesByEpoch)
    #expect(try redrawn.read(7, epoch: 4, size: 32) != three[1])
  }

  @Test("instances of a cloud never show the same view")
  func viewsAreDealtOut() throws {
    let source = try open(["dimensions": .integer(3), "instances": .integer(3), "views": .integer(7)])
    #expect(source.variesByEpoch)
    var seen: [Set<[UInt8]>] = [[], [], []]
    for instance in 0..<3 {
      for epoch in 0..<40 { seen[instance].insert(try source.read(3 + instance, epoch: epoch, size: 32).bytes) }
    }
    #expect(seen.map(\.count) == [3, 2, 2])
    #expect(seen[0].union(seen[1]).union(seen[2]).count == 7)
    let still = try open(["dimensions": .integer(3), "instances": .integer(7), "views": .integer(7)])
    #expect(!still.variesByEpoch)
  }

  @Test("pictures are square, of the size that is wanted as far as it can be drawn", arguments: [0, 1, 61, 5000])
  func sizes(wanted: Int) throws {
    let picture = try open(["points": .integer(1000)]).read(0, size: wanted)
    #expect(picture.width == [0: 224, 1: 8, 61: 61, 5000: 1024][wanted])
    #expect(try open(["drawn_size": .integer(90)]).read(0, size: wanted).width == 90)
  }

  @Test("four threads draw what one draws")
  func threads() async throws {
    let alone = try open(["colour": .boolean(true)])
    let expected = try (0..<6).map { try alone.read($0, size: 48) }
    let shared = try open(["colour": .boolean(true)])
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<24 { group.addTask { try shared.read(number % 6, size: 48) == expected[number % 6] } }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test("options that do not go together, and samples that are not there, are refused with a sentence")
  func badRequests() throws {
    let points: [String: OptionValues.Value] = ["instances": .integer(2), "style": .word("points")]
    #expect(
      throws: PluginFailure(
        status: 1,
        message: "instances: is 2, but flat fractals of points look all alike; style = \"patches\" draws them with "
          + "other patches")
    ) { try open(points) }
    #expect(
      throws: PluginFailure(
        status: 1, message: "instances: is 13, but there are only 12 views to divide among them")
    ) { try open(["dimensions": .integer(3), "instances": .integer(13)]) }
    #expect(
      throws: PluginFailure(
        status: 1, message: "style: patches are drawn in 2D only (3D clouds are drawn as points)")
    ) { try open(["dimensions": .integer(3), "style": .word("patches")]) }
    let source = try open([:])
    #expect(throws: PluginFailure(status: 3, message: "there is no sample 6: there are 6")) { try source.read(6) }
    #expect(throws: PluginFailure(status: 3, message: "there is no sample 6: there are 6")) { try source.describe(6) }
    #expect(throws: PluginFailure(status: 3, message: "there is no class 6: there are 6")) { try source.className(6) }
  }
}
