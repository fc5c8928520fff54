import Foundation
import Testing

@Suite(.serialized, .enabled(if: SmallDisk.canBeMade, "only root may mount a small disk"))
struct FullDiskTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 6)
    try place.writeRecipe()
  }

  @Test("a run on a full disk ends with 1 and says so, and leaves no half-written file")
  func run() throws {
    let disk = try #require(SmallDisk(kilobytes: 24))
    let result = try place.workbench("run", "tiny.lua", "--output", disk.path + "/out")
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.errors.contains("disk is full") || result.errors.contains("No space left"), "\(result.errors)")
    let files = FileManager.default.enumerator(atPath: disk.path)?.allObjects as? [String] ?? []
    #expect(!files.contains { $0.hasSuffix(".tmp") || $0.contains(".tmp") }, "\(files)")
  }

  @Test("a model that does not fit leaves the one that was there before")
  func convert() throws {
    #expect(try place.workbench("run", "tiny.lua", "--output", "out", "--quiet").status == 0)
    let model = try place.bytes("out/model.safetensors")
    // Room for one and a half.
    let disk = try #require(SmallDisk(kilobytes: model.count * 3 / 2048 + 4))
    let target = disk.path + "/model.safetensors"
    #expect(try place.workbench("convert", "out/model.safetensors", target).status == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: target))
    let result = try place.workbench("convert", "out/model.safetensors", target, "--name", "another")
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.errors.contains("the disk is full"), "\(result.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["model.safetensors"])
  }
}
