import Files
import Foundation
import Testing

@Suite("a file that is pending")
struct PendingFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
  private func contents(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path(name)).map { [UInt8]($0) }
  }
  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? [] }

  @Test("takes its name when it is finished, with all of its bytes, in pieces small and large")
  func whole() throws {
    let file = try PendingFile(path: path("a"))
    let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try file.append([1, 2])
    try file.append(large)
    try file.append([UInt8]())
    try file.append(Data([3]))
    #expect(contents("a") == nil && names.count == 1)
    try file.synchronise()
    #expect(contents("a") == nil)
    try file.finish()
    #expect(contents("a") == [1, 2] + large + [3])
    #expect(names == ["a"])
    try FileManager.default.removeItem(at: folder)
  }

  @Test("leaves nothing, and the old file as it was, when it is given up")
  func givenUp() throws {
    let old = try PendingFile(path: path("a"))
    try old.append([1])
    try old.finish()
    var file: PendingFile? = try PendingFile(path: path("a"))
    try file?.append([2])
    file = nil
    #expect(contents("a") == [1] && names == ["a"])
    try FileManager.default.removeItem(at: folder)
  }

  @Test("names of many bytes, as 80 Chinese characters have them, can be written")
  func longNames() throws {
    for name in [
      String(repeating: "蕨", count: 80), String(repeating: "x", count: 250), "🌿" + String(repeating: "é", count: 100),
    ] {
      let file = try PendingFile(path: path(name))
      try file.append([1])
      try file.finish()
      #expect(contents(name) == [1])
    }
    try FileManager.default.removeItem(at: folder)
  }

  @Test("a folder that is not there is an error with the system's reason")
  func noFolder() {
    let missing = path("no/such/file")
    #expect(throws: FileError.cannotWrite(path: missing, reason: "No such file or directory")) {
      _ = try PendingFile(path: missing)
    }
    try? FileManager.default.removeItem(at: folder)
  }
}
