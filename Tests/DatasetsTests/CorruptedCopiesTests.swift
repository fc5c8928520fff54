import Datasets
import Foundation
import Images
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
