import Datasets
import Foundation
import Images
import Synchronization
import Tensors
import Testing

@Suite("copies with simulated corruptions") struct CorruptedCopiesTests {
  @Test("each kind is as frequent, the order follows from the seed, and names lead to JPEG files")
  func kinds() throws {
    let folder = try TemporaryFolder()
    for number in 0..<14 {
      try folder.draw(number < 7 ? "a/\(number).png" : "b/c/\(number).JPG", number: number)
    }
    let copies = try CorruptedCopies(of: folder.path, seed: 1)
    let counts = Corruption.allCases.map { kind in copies.copies.count { $0.corruption == kind } }
    #expect(counts.sorted() == [2, 2, 2, 2, 3, 3])
    #expect(copies.copies.map(\.outputName).prefix(2) == ["a/0.png.jpg", "a/1.png.jpg"])
    #expect(copies.copies.last?.outputName == "b/c/9.JPG")
    let again = try CorruptedCopies(of: folder.path, seed: 1)
    #expect(again.copies.map(\.corruption) == copies.copies.map(\.corruption))
    let other = try CorruptedCopies(of: folder.path, seed: 2)
    #expect(other.copies.map(\.corruption) != copies.copies.map(\.corruption))
    let data = try copies.encoded(copies.copies[0], quality: 90)
    #expect(try data == again.encoded(again.copies[0], quality: 90))
    #expect(try PictureDecoder.decode(data).width == 8)
    let two = try CorruptedCopies(of: folder.path, kinds: [.mask, .blur], seed: 1)
    #expect(two.copies.count { $0.corruption == .mask } == 7)
  }

  @Test("no two pictures become one file, in whatever letter case")
  func collisions() throws {
    let folder = try TemporaryFolder()
    let names = ["a/X.PNG.jpg", "a/x.png", "a/y.jpg", "a/y.JPG", "a/z.png.jpg/1.jpg", "a/z.png"]
    for (number, name) in names.enumerated() { try folder.draw(name, number: number) }
    let copies = try CorruptedCopies(of: folder.path, seed: 1)
    let outputs = Dictionary(uniqueKeysWithValues: copies.copies.map { ($0.name, $0.outputName) })
    #expect(
      outputs == [
        "a/X.PNG.jpg": "a/X.PNG.jpg", "a/x.png": "a/x.png-2.jpg", "a/y.JPG": "a/y.JPG", "a/y.jpg": "a/y-2.jpg",
        "a/z.png.jpg/1.jpg": "a/z.png.jpg/1.jpg", "a/z.png": "a/z.png-2.jpg",
      ])
  }

  private final class Log: Sendable {
    let written = Mutex<Set<String>>([])
    let calls = Mutex(0)
  }

  @Test("what goes wrong with writing ends the pass; a picture that cannot be read does not")
  func ends() throws {
    let folder = try TemporaryFolder()
    for number in 0..<40 { try folder.draw("\(number).png", number: number) }
    try folder.write("5.png", "no picture")
    let copies = try CorruptedCopies(of: folder.path, seed: 1)
    let pass = PicturePass(pool: WorkerPool(workerCount: 2))
    let log = Log()
    let unreadable = try copies.forEach(quality: 90, pass: pass) { copy, _ in
      log.written.withLock { _ = $0.insert(copy.name) }
    }
    #expect(unreadable.keys.map { copies.copies[$0].name } == ["5.png"])
    #expect(log.written.withLock { $0.count } == 39)
    struct Full: Error {}
    #expect(throws: Full.self) {
      _ = try copies.forEach(quality: 90, pass: pass) { _, _ in
        log.calls.withLock { $0 += 1 }
        throw Full()
      }
    }
    // Each thread may have had one picture in hand.
    #expect(log.calls.withLock { $0 } <= 2)
  }

  @Test("a folder without pictures, and a picture that is none")
  func errors() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.noPictures(path: folder.path, otherFiles: 0)) {
      try CorruptedCopies(of: folder.path, seed: 1)
    }
    #expect(throws: DatasetError.self) { try CorruptedCopies(of: folder.path("none"), seed: 1) }
    try folder.write("x.jpg", "no picture")
    let copies = try CorruptedCopies(of: folder.path, seed: 1)
    #expect(throws: ImageError.self) { try copies.encoded(copies.copies[0], quality: 94) }
  }
}
