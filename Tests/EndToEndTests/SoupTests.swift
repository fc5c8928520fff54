import Foundation
import Testing

@Suite(.serialized) struct SoupTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures()
    try place.writeRecipe(
      training: """
        checkpoints = { every_epoch = true }, checkpoint_batches = 2,
        on_batch = function() local x = 0 for i = 1, 300000 do x = x + i end end
        """)
    let text = try place.text("tiny.lua").replacingOccurrences(of: "\"epochs\", 3", with: "\"epochs\", 6")
    try place.write(
      "tiny.lua",
      text + """
        local soup = wb.soup { models = run.checkpoints, data = data, metric = "loss", select = { percentile = 20 } }
        soup.model:save("soup.safetensors")
        wb.result("soup loss", soup.value)
        """)
  }

  private func start(_ output: String) throws -> Program.Running {
    try Program.start(["run", "tiny.lua", "--output", output], in: place.folder)
  }

  private func expectSame(_ output: String, as whole: String) throws {
    let checkpoints = try FileManager.default.contentsOfDirectory(atPath: place.path("\(whole)/stage-1/checkpoints"))
    #expect(checkpoints.count == 7)
    for name in ["soup.safetensors", "soup-1/soup.safetensors"] + checkpoints.map({ "stage-1/checkpoints/" + $0 }) {
      #expect(try place.bytes("\(output)/\(name)") == place.bytes("\(whole)/\(name)"), "\(name)")
    }
    let (a, b) = try (place.table("\(output)/soup-1/soup.tsv"), place.table("\(whole)/soup-1/soup.tsv"))
    // The files stand in other folders.
    #expect(a.map { [$0[0]] + $0[2...] } == b.map { [$0[0]] + $0[2...] })
  }

  @Test("checkpoints and soup of a run that was killed twice are those of a whole one, bit by bit")
  func killed() throws {
    let whole = try start("whole").finish()
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.errors.contains("disk: at most "))
    #expect(whole.errors.contains(": kept"))
    let table = try place.table("whole/soup-1/soup.tsv")
    #expect(table[0] == ["rank", "file", "loss", "loss_with_it", "decision", "message"])
    #expect(table.count == 7)
    #expect(table[1][4] == "kept")

    let training = try start("killed")
    #expect(training.wait { place.exists("killed/stage-1/checkpoints/epoch-0003.safetensors") })
    training.send(SIGKILL)
    _ = training.finish()
    let cooking = try Program.start(["run", "tiny.lua", "--output", "killed", "--resume"], in: place.folder)
    #expect(cooking.wait { place.exists("killed/soup-1/soup.json") || !cooking.process.isRunning })
    cooking.send(SIGKILL)
    _ = cooking.finish()
    let last = try place.workbench("run", "tiny.lua", "--output", "killed", "--resume")
    #expect(last.status == 0, "\(last.errors)")
    try expectSame("killed", as: "whole")
  }

  @Test("check says what disk checkpoints take, and writes nothing")
  func check() throws {
    let result = try place.workbench("check", "tiny.lua")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("6 checkpoints of "))
    #expect(result.output.contains("soup 1: greedy, at most 6 models, judged by loss of "))
    #expect(!place.exists("runs"))
  }

  @Test(
    "a run does not begin on a disk that its checkpoints would fill",
    .enabled(if: SmallDisk.canBeMade, "only root may mount a small disk"))
  func smallDisk() throws {
    let disk = try #require(SmallDisk(kilobytes: 400))
    let result = try place.workbench("run", "tiny.lua", "--output", disk.path + "/out")
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.errors.contains("of disk, most of it for 6 checkpoints, but only "), "\(result.errors)")
    #expect(result.errors.contains(" kB are free: keep fewer of them"), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: disk.path + "/out/stage-1/log.tsv"))
  }
}
