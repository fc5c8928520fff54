import Foundation
import Testing

@Suite(.serialized) struct InterruptionTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures()
    // Each batch takes some milliseconds longer than it must, so that a signal meets the run in mid-epoch.
    try place.writeRecipe(
      training: "checkpoint_batches = 2, on_batch = function() local x = 0 for i = 1, 1000000 do x = x + i end end")
  }

  private func start(_ output: String) throws -> Program.Running {
    try Program.start(["run", "tiny.lua", "--output", output], in: place.folder)
  }

  /// In the second epoch or later: the first one's line stands in the log.
  private func isInSecondEpoch(_ output: String) -> Bool {
    ((try? place.table("\(output)/stage-1/log.tsv")) ?? []).count >= 2
  }

  private func resume(_ output: String) throws {
    let result = try place.workbench("run", "tiny.lua", "--output", output, "--resume")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("continuing \(output)"))
  }

  private func expectSame(_ output: String, as whole: String) throws {
    for name in ["model.safetensors", "predictions.tsv", "confusion.tsv"] {
      #expect(try place.bytes("\(output)/\(name)") == place.bytes("\(whole)/\(name)"), "\(name)")
    }
  }

  @Test("after kill -9 in mid-epoch, --resume ends with the same bits as an uninterrupted run")
  func killed() throws {
    #expect(try start("whole").finish().status == 0)
    let running = try start("killed")
    #expect(running.wait { isInSecondEpoch("killed") })
    usleep(40_000)
    running.send(SIGKILL)
    #expect(running.finish().status == 128 + SIGKILL)
    #expect(!place.exists("killed/model.safetensors"))
    try resume("killed")
    try expectSame("killed", as: "whole")
  }

  @Test("SIGINT and SIGTERM finish the batch, save, and exit with 130 and 143", arguments: [SIGINT, SIGTERM])
  func signalled(signal: Int32) throws {
    try place.writeRecipe(training: "checkpoint_seconds = 0")
    let text = try place.text("tiny.lua").replacingOccurrences(of: "\"epochs\", 3", with: "\"epochs\", 400")
    try place.write("tiny.lua", text)
    #expect(try start("whole").finish().status == 0)
    let running = try start("stopped")
    #expect(running.wait { isInSecondEpoch("stopped") })
    running.send(signal)
    let result = running.finish()
    #expect(result.status == 128 + signal, "\(result.errors)")
    #expect(result.errors.contains("--resume"))
    #expect(place.exists("stopped/stage-1/checkpoint.safetensors"))
    try resume("stopped")
    try expectSame("stopped", as: "whole")
  }

  @Test("a finished run is not trained again by --resume")
  func finished() throws {
    #expect(try start("whole").finish().status == 0)
    let before = try place.bytes("whole/model.safetensors")
    try resume("whole")
    #expect(try place.bytes("whole/model.safetensors") == before)
  }

  @Test("a run of other parameters is not continued")
  func otherParameters() throws {
    #expect(try start("whole").finish().status == 0)
    let result = try place.workbench("run", "tiny.lua", "--output", "whole", "--resume", "--set", "epochs=4")
    #expect(result.status == 2)
    #expect(result.errors.contains("another recipe, seed or parameters"))
  }

  @Test("Ctrl-C ends a recipe that loops for ever")
  func endlessLoop() throws {
    try place.write("loop.lua", "io_marker = 1\nprint('looping')\nwhile true do end\n")
    let running = try Program.start(["run", "loop.lua"], in: place.folder)
    usleep(300_000)
    #expect(running.process.isRunning)
    running.send(SIGINT)
    let result = running.finish()
    #expect(result.status == 130)
    #expect(result.errors.contains("interrupted"))
  }
}
