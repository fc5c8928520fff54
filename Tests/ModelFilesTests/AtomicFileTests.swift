import Foundation
import ModelFiles
import Testing

@Suite("atomic file")
struct AtomicFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a failure in the middle leaves the old file and nothing else")
  func failure() throws {
    let path = folder.file("a")
    try AtomicFile.write("old", to: path)
    #expect(throws: ModelFileError.diskFull(path: "x")) {
      try AtomicFile.write(to: path) { (file: inout AtomicFile) throws(ModelFileError) in
        try file.append(Data(count: 5_000_000))
        throw .diskFull(path: "x")
      }
    }
    #expect(try folder.data("a") == Data("old".utf8))
    #expect(folder.names == ["a"])
  }

  @Test("pieces of any size follow each other")
  func pieces() throws {
    var expected = Data()
    try AtomicFile.write(to: folder.file("a")) { (file: inout AtomicFile) throws(ModelFileError) in
      for size in [3, 1 << 20, 0, 700_000, 700_000, 5, (1 << 20) + 1] {
        let piece = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) })
        expected += piece
        try file.append(piece)
      }
    }
    #expect(try folder.data("a") == expected)
  }

  @Test("a folder that does not exist is named with the system's reason")
  func noFolder() {
    let path = folder.file("missing/a")
    #expect(throws: ModelFileError.cannotWrite(path: path, reason: "No such file or directory")) {
      try AtomicFile.write("x", to: path)
    }
  }

  @Test("a full disk is an error, and the old file is intact")
  func diskFull() throws {
    let mount = Process()
    mount.executableURL = URL(fileURLWithPath: "/bin/mount")
    mount.arguments = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path]
    mount.standardError = FileHandle.nullDevice
    try mount.run()
    mount.waitUntilExit()
    guard mount.terminationStatus == 0 else {
      print("not root, or mounting is forbidden: the test of a full disk is skipped")
      return
    }
    defer {
      let unmount = try? Process.run(URL(fileURLWithPath: "/bin/umount"), arguments: [folder.path])
      unmount?.waitUntilExit()
    }
    let path = folder.file("a")
    try AtomicFile.write("old", to: path)
    let error = #expect(throws: ModelFileError.self) { try AtomicFile.write(Data(count: 200_000), to: path) }
    #expect(error?.description == "\(path): cannot be written: the disk is full (what was there before is intact)")
    #expect(try folder.data("a") == Data("old".utf8))
    #expect(folder.names == ["a"])
  }
}
