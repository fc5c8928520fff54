import Foundation
import Recipes
import Testing

@Suite struct FolderMakerTests {
  @Test(
    "the parent of a path is what dirname says, of names of one letter too",
    arguments: [
      ("a", "."), ("-", "."), (".", "."), ("..", "."), ("", "."), ("ab", "."), ("a/", "."), ("/", "/"), ("//", "/"),
      ("/a", "/"), ("//a", "/"), ("a/b", "a"), ("a//b/", "a"), ("./a", "."), ("/a/b/c", "/a/b"), ("ü/b", "ü"),
    ])
  func parent(path: String, expected: String) {
    #expect(FolderMaker.parent(of: path) == expected)
  }

  @Test("folders are made with those above them, and a reason is given where that cannot be")
  func make() throws {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("folder-maker-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: place) }
    #expect(FolderMaker.make(place + "/a/b/") == nil)
    #expect(FileManager.default.fileExists(atPath: place + "/a/b"))
    #expect(FolderMaker.make(".") == nil)
    #expect(FolderMaker.make("") == "No such file or directory")
    #expect(FolderMaker.make("/proc/workbench-out") == "No such file or directory")
  }
}
